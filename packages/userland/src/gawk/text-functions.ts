import { toNumber, type Value } from './value.ts';

/** Calls a function that only makes a value of its arguments. @returns undefined if there is none of that name */
export function callText(
  name: string,
  args: readonly Value[],
  text: (v: Value) => string,
): Value | undefined {
  const [a = '', b = '', c] = args;
  switch (name) {
    case 'substr':
      return substr(text(a), toNumber(b), c === undefined ? undefined : toNumber(c));
    case 'index':
      return text(a).indexOf(text(b)) + 1;
    case 'tolower':
      return text(a).toLowerCase();
    case 'toupper':
      return text(a).toUpperCase();
    case 'int':
      return Math.trunc(toNumber(a));
    case 'sqrt':
      return Math.sqrt(toNumber(a));
    case 'exp':
      return Math.exp(toNumber(a));
    case 'log':
      return Math.log(toNumber(a));
    case 'sin':
      return Math.sin(toNumber(a));
    case 'cos':
      return Math.cos(toNumber(a));
    case 'atan2':
      return Math.atan2(toNumber(a), toNumber(b));
    default:
      return undefined;
  }
}

/** Characters from `m`, counted from 1, rounded as POSIX has it. */
function substr(text: string, m: number, n: number | undefined): string {
  const chars = [...text];
  const from = Math.round(m);
  const to = n === undefined ? Infinity : Math.round(m + n);
  return chars.filter((_, i) => i + 1 >= from && i + 1 < to).join('');
}
