import { QemuError } from '../qemu-error.ts';
import { OPTION_TABLE } from './option-table.ts';

/** One option of a command line. */
export interface Item {
  /** Without its hyphen; `hda` for a disk image that stands alone. */
  readonly name: string;
  /** The word after it; empty if it takes none. */
  readonly value: string;
  /** As it was typed, for messages. */
  readonly where: string;
}

/** Options that are another one's old or short name. */
const SYNONYMS: Readonly<Record<string, string>> = { h: 'help', M: 'machine' };

/** Reads QEMU's command line. softmmu/vl.c, lookup_opt() @throws QemuError */
export function parseCommandLine(words: readonly string[]): Item[] {
  const items: Item[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith('-') || word === '-') {
      items.push({ name: 'hda', value: word, where: word });
      continue;
    }
    const typed = word.replace(/^--?/, '');
    const takesWord = OPTION_TABLE.get(typed);
    if (takesWord === undefined) throw new QemuError(word, 'invalid option');
    const name = SYNONYMS[typed] ?? typed;
    if (!takesWord) {
      items.push({ name, value: '', where: word });
      continue;
    }
    const value = words[++i];
    if (value === undefined) throw new QemuError(word, 'requires an argument');
    items.push({ name, value, where: `${word} ${value}` });
  }
  return items;
}
