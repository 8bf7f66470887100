import { type Manual, type ManualRow, type Program, withManual } from '../machine/index.ts';
import type { ArgKind, LongOption } from './getopt.ts';

/** What a program gives to {@link getopt}, and what it makes of it. */
export interface GetoptTable {
  /** Letters as getopt(3) takes them. */
  readonly letters: string;
  readonly longs?: readonly LongOption[];
  /** The program's own help, for names of arguments and meanings. */
  readonly usage?: string;
  /** Keys that the program answers with an error. */
  readonly refused?: Iterable<string>;
}

/** What a help says of one option. */
export interface UsageText {
  readonly arg: string;
  readonly meaning: string;
}

/** Marks around an argument in a help: `<count>`, `=COUNT`, `[=WHEN]`. */
const MARKS = /^[\s,|]*\[?[=\s]*<?|>?\]?[\s,|]*$/g;

/** What a help says line by line of options: `  -c, --count <n>   stop after <n> replies`. */
export function usageTexts(usage: string): ReadonlyMap<string, UsageText> {
  const texts = new Map<string, UsageText>();
  for (const line of usage.split('\n').filter((l) => /^\s*-/.test(l))) {
    const [, head = line, meaning = ''] =
      /^(.*?\S)(?:\s*\t\s*|\s+: |:? {2,}|:\s)(\S.*)$/.exec(line) ?? [];
    const names = [...head.matchAll(/(?<![\w-])--?[\w?#][\w.-]*/g)];
    const last = names.at(-1);
    const arg =
      last === undefined ? '' : head.slice(last.index + last[0].length).replace(MARKS, '');
    for (const [name] of names)
      if (!texts.has(name)) texts.set(name, { arg, meaning: meaning.trim() });
  }
  return texts;
}

interface Draft {
  readonly names: string[];
  readonly kind: ArgKind;
}

function lettersOf(letters: string): Map<string, Draft> {
  const found = new Map<string, Draft>();
  for (const [, letter = '', colons = ''] of letters
    .replace(/^[+:-]+/, '')
    .matchAll(/([^:])(:{0,2})/g)) {
    const kind: ArgKind = colons === '' ? 'no' : colons === ':' ? 'required' : 'optional';
    if (!found.has(letter)) found.set(letter, { names: [`-${letter}`], kind });
  }
  return found;
}

function withArg(kind: ArgKind, text: string): string | undefined {
  const name = text === '' ? 'ARG' : text;
  return kind === 'no' ? undefined : kind === 'required' ? name : `[${name}]`;
}

/** The options of a getopt(3) table as rows, in its order. */
export function getoptRows(table: GetoptTable): ManualRow[] {
  const drafts = lettersOf(table.letters);
  for (const { name, key, arg } of table.longs ?? []) {
    const same = drafts.get(key);
    if (same === undefined) drafts.set(key, { names: [`--${name}`], kind: arg });
    else same.names.push(`--${name}`);
  }
  const texts = usageTexts(table.usage ?? '');
  const refused = new Set(table.refused ?? []);
  return [...drafts].map(([key, { names, kind }]) => {
    const text = names.map((n) => texts.get(n)).find((t) => t !== undefined);
    const arg = withArg(kind, text?.arg ?? '');
    return {
      names,
      ...(arg === undefined ? {} : { arg }),
      ...(text === undefined || text.meaning === '' ? {} : { meaning: text.meaning }),
      ...(refused.has(key) ? { refused: true } : {}),
    };
  });
}

/** The manual of a program that getopt(3) parses for. */
export function getoptManual(table: GetoptTable): () => Manual {
  return () => [{ title: 'Options', rows: getoptRows(table) }];
}

/** A program with the manual of its getopt(3) table. */
export function withOptions(program: Program, table: GetoptTable): Program {
  return withManual(program, getoptManual(table));
}
