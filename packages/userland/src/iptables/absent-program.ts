import type { Program } from '../machine/index.ts';

/** Programs of the package that Labwire has not, and what does their work here. */
const INSTEAD: Readonly<Record<string, string>> = {
  apply: 'iptables-restore, and a saved copy to go back to',
  translate: 'iptables itself',
  'restore-translate': 'iptables-restore itself',
  xml: 'iptables-save',
};

/** `iptables-apply`, `iptables-translate` and their like: says that it is not here. */
export const absentProgram: Program = async (proc) => {
  const name = (proc.argv[0] ?? '').replace(/^.*\//, '');
  const instead = INSTEAD[name.replace(/^ip6?tables-/, '')];
  await proc.err(`${name}: not there in Labwire; it has ${instead}\n`);
  return 1;
};
