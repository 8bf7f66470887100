import { ExpansionError } from '../control.ts';
import type { ParameterExpansionPart } from '../parse/index.ts';
import type { Shell } from '../shell.ts';

/** The value of a parameter. */
export interface Value {
  /** One for a scalar; one per element for `$@`, `$*`, `${a[@]}` and `${a[*]}`. */
  readonly list: readonly string[];
  readonly kind: 'scalar' | 'at' | 'star';
  readonly isSet: boolean;
}

const scalar = (value: string | undefined): Value => ({
  list: [value ?? ''],
  kind: 'scalar',
  isSet: value !== undefined,
});

/** The value of `$NAME`, `$1`, `$?`, `$@`. */
export function parameterValue(sh: Shell, name: string): Value {
  if (/^\d+$/.test(name)) return scalar(name === '0' ? sh.name : sh.positional[Number(name) - 1]);
  if (name === '@' || name === '*')
    return {
      list: sh.positional,
      kind: name === '@' ? 'at' : 'star',
      isSet: sh.positional.length > 0,
    };
  return scalar(special(sh, name) ?? sh.vars.get(name));
}

function special(sh: Shell, name: string): string | undefined {
  switch (name) {
    case '?':
      return String(sh.status);
    case '$':
      return String(sh.rootPid);
    case '#':
      return String(sh.positional.length);
    case '!':
      return sh.lastBackground === undefined ? undefined : String(sh.lastBackground);
    case '-':
      return optionLetters(sh);
    default:
      return undefined;
  }
}

/** $-: the letters of the options that are on. */
function optionLetters(sh: Shell): string {
  const on = ['h', ...(sh.interactive ? ['i', 'm'] : ['B', 'c'])];
  return [...on, ...sh.options].filter((o) => o.length === 1).join('');
}

/** The subscript of an array as its key. */
export function arrayKey(sh: Shell, name: string, subscript: string): string {
  if (sh.vars.find(name)?.kind === 'associative') return subscript;
  const index = Number(sh.vars.evaluate(subscript));
  if (index >= 0) return String(index);
  const last = [...sh.vars.elements(name).keys()].at(-1);
  const key = Number(last ?? -1) + 1 + index;
  if (key < 0) throw new ExpansionError(`${name}: bad array subscript`);
  return String(key);
}

/** The value of `NAME[SUBSCRIPT]`; a subscript of `@` or `*` is all elements. */
export function elementValue(sh: Shell, name: string, subscript: string): Value {
  const array = sh.vars.elements(name);
  if (subscript !== '@' && subscript !== '*')
    return scalar(array.get(arrayKey(sh, name, subscript)));
  const kind = subscript === '@' ? 'at' : 'star';
  return { list: [...array.values()], kind, isSet: array.size > 0 };
}

/** Refuses an unset parameter under set -u. */
export function demandSet(sh: Shell, name: string, value: Value): void {
  if (value.isSet || !sh.options.has('u') || name === '@' || name === '*') return;
  if (value.kind !== 'scalar') return;
  throw new ExpansionError(`${/^\d+$/.test(name) ? `$${name}` : name}: unbound variable`, {
    fatal: true,
    status: 127,
  });
}

/** The keys of `${!NAME[@]}`, or the names of `${!PREFIX@}`. */
export function namesValue(
  sh: Shell,
  part: ParameterExpansionPart,
  subscript: string | undefined,
): Value {
  const operation = part.operation;
  if (operation?.type === 'Names') {
    const list = sh.vars.names().filter((n) => n.startsWith(part.parameter));
    return { list, kind: operation.operator === '@' ? 'at' : 'star', isSet: list.length > 0 };
  }
  const list = [...sh.vars.elements(part.parameter).keys()];
  return { list, kind: subscript === '@' ? 'at' : 'star', isSet: list.length > 0 };
}
