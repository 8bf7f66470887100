import { arrayKey, expandToString, expandWord, quoteTrace } from '../expand/index.ts';
import type { Assignment, Word } from '../parse/index.ts';
import { parseWord } from '../parse/index.ts';
import type { Shell } from '../shell.ts';

/** `NAME=VALUE`, `NAME+=VALUE`, `NAME[KEY]=VALUE`, `NAME=(…)`. */
export async function assign(sh: Shell, a: Assignment): Promise<void> {
  const append = a.append === true;
  if (a.value.type === 'ArrayValue') {
    await assignArray(sh, a.name, a.value.elements, append);
    return;
  }
  const value = await expandToString(sh, a.value, true);
  if (a.index === undefined) sh.vars.set(a.name, value, append);
  else {
    const key = arrayKey(sh, a.name, await expandToString(sh, a.index));
    sh.vars.setElement(a.name, key, value, append);
  }
}

/** Assigns all of an array. */
async function assignArray(
  sh: Shell,
  name: string,
  elements: readonly Word[],
  append: boolean,
): Promise<void> {
  const entries: [string, string][] = [];
  const last = append ? [...sh.vars.elements(name).keys()].at(-1) : undefined;
  let next = Number(last ?? -1) + 1;
  for (const element of elements) {
    const keyed = /^\[([^\]]*)\]=(.*)$/s.exec(element.text);
    if (keyed !== null) {
      const key = arrayKey(sh, name, await expandText(sh, keyed[1] as string));
      entries.push([key, await expandText(sh, keyed[2] as string)]);
      next = Number(key) + 1;
    } else for (const value of await expandWord(sh, element)) entries.push([String(next++), value]);
  }
  sh.vars.setArray(name, entries, append);
}

async function expandText(sh: Shell, text: string): Promise<string> {
  const word = text === '' ? undefined : parseWord(text);
  return word === undefined ? '' : expandToString(sh, word);
}

/** An assignment as `set -x` shows it. */
export function traceAssignment(sh: Shell, a: Assignment): string {
  if (a.value.type === 'ArrayValue') return a.text;
  return `${a.name}=${quoteTrace(sh.vars.get(a.name) ?? '')}`.replace(/=''$/, '=');
}
