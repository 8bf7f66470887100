import { parameterProblem } from './error.ts';

/** A DiffServ class: CSn is 8n, AFnm is 8n + 2m, EF is 46 (RFC 2474, 2597, 3246). What follows the name is not looked at. */
export function classToDscp(name: string): number {
  const [, cs, afClass, afDrop, ef] =
    /^(?:CS([0-7])|AF([1-4])([1-3])|(EF)|BE)/i.exec(name) ?? refuse(name);
  if (cs !== undefined) return Number(cs) * 8;
  if (afClass !== undefined) return Number(afClass) * 8 + Number(afDrop) * 2;
  return ef === undefined ? 0 : 46;
}

function refuse(name: string): never {
  throw parameterProblem(`Invalid DSCP value \`${name}'`);
}
