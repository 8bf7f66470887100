import { quote, ToolError } from './tool.ts';

const CLAUSE = /^([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)$/;

/** Whether a text is a mode that {@link parseMode} takes. */
export function isMode(text: string): boolean {
  return /^[0-7]{1,4}$/.test(text) || text.split(',').every((clause) => CLAUSE.test(clause));
}

/** Permission bits of an octal or symbolic mode such as `644`, `u+x,go-w`, `a=r`. chmod(1) @throws ToolError */
export function parseMode(text: string, old: number, isDir: boolean): number {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = old;
  for (const clause of text.split(',')) {
    const m = CLAUSE.exec(clause);
    if (m === null) throw new ToolError(`invalid mode: ${quote(text)}`);
    const who = m[1] === '' || (m[1] as string).includes('a') ? 'ugo' : (m[1] as string);
    for (const [, operator = '', perms = ''] of (m[2] as string).matchAll(/([-+=])([rwxXstugo]*)/g))
      mode = apply(mode, who, operator, perms, isDir);
  }
  return mode;
}

const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

function apply(mode: number, who: string, operator: string, perms: string, isDir: boolean): number {
  let bits = 0;
  let special = 0;
  for (const c of perms) {
    if (c === 'r') bits |= 4;
    else if (c === 'w') bits |= 2;
    else if (c === 'x' || (c === 'X' && (isDir || (mode & 0o111) !== 0))) bits |= 1;
    else if (c === 's')
      special |= (who.includes('u') ? 0o4000 : 0) | (who.includes('g') ? 0o2000 : 0);
    else if (c === 't') special |= 0o1000;
    else if (SHIFT[c] !== undefined) bits |= (mode >> (SHIFT[c] as number)) & 7;
  }
  let mask = 0;
  let all = 0;
  for (const c of who) {
    mask |= bits << (SHIFT[c] as number);
    all |= 7 << (SHIFT[c] as number);
  }
  if (operator === '+') return mode | mask | special;
  if (operator === '-') return mode & ~(mask | special);
  return (mode & ~all) | mask | special;
}
