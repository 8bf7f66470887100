import { getoptRows } from '../../libc-net/index.ts';
import type { Manual, ManualRow, ManualSection } from '../../machine/index.ts';
import type { LongOption } from './getopt.ts';
import type { OptionEntry, OptionType } from './option.ts';

/** What the argument of an option is called, by how it is read. */
const ARGUMENTS: Readonly<Record<OptionType, string>> = {
  none: '',
  uint8: 'NUMBER',
  uint16: 'NUMBER',
  uint32: 'NUMBER',
  uint64: 'NUMBER',
  uint8rc: 'NUMBER[:NUMBER]',
  uint16rc: 'NUMBER[:NUMBER]',
  uint32rc: 'NUMBER[:NUMBER]',
  uint64rc: 'NUMBER[:NUMBER]',
  double: 'NUMBER',
  string: 'TEXT',
  tosmask: 'VALUE[/MASK]',
  markmask: 'VALUE[/MASK]',
  sysloglevel: 'LEVEL',
  host: 'ADDRESS',
  hostmask: 'ADDRESS[/MASK]',
  protocol: 'PROTOCOL',
  port: 'PORT',
  portrc: 'PORT[:PORT]',
  plen: 'LENGTH',
  plenmask: 'LENGTH',
  ethermac: 'MAC',
};

/** The options of a getopt string and a table of long ones. */
export function xtRows(
  letters: string,
  longs: readonly LongOption<string>[],
  refused: Iterable<string> = [],
): ManualRow[] {
  const named = longs.map(({ name, arg, value }) => ({
    name,
    arg: arg === 'none' ? ('no' as const) : arg,
    key: value,
  }));
  return getoptRows({ letters, longs: named, refused });
}

/** The manual of a program whose options are one table. */
export function xtManual(letters: string, longs: readonly LongOption<string>[]): () => Manual {
  return () => [{ title: 'Options', rows: xtRows(letters, longs) }];
}

function optionRow({ name, type, invert }: OptionEntry): ManualRow {
  const arg = ARGUMENTS[type];
  return {
    names: [`--${name}`],
    ...(arg === '' ? {} : { arg }),
    ...(invert === true ? { meaning: '`!` inverts it' } : {}),
  };
}

/** The options of an extension, under what loads it. */
export function extensionSection(
  flag: '-m' | '-j',
  { name, options }: { readonly name: string; readonly options: readonly OptionEntry[] },
): ManualSection {
  const rows = options.map(optionRow);
  return { title: `${flag} ${name}`, rows: [{ names: [`${flag} ${name}`] }, ...rows] };
}
