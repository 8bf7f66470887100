/** Whether a long option takes an argument: no_argument, required_argument, optional_argument. */
export type ArgKind = 'no' | 'required' | 'optional';

/** One long option of a program: its name without dashes, and the key that {@link getopt} reports for it. */
export interface LongOption {
  readonly name: string;
  readonly arg: ArgKind;
  /** What {@link OptionFound.opt} says: the short option that it stands for, or its own name. */
  readonly key: string;
}

/** One option as found on the command line. */
export interface OptionFound {
  readonly opt: string;
  readonly arg: string | undefined;
}

/** What {@link getopt} made of an argument vector. */
export interface GetoptResult {
  readonly options: readonly OptionFound[];
  /** What is not an option, in order. */
  readonly operands: readonly string[];
  /** What getopt(3) would print on standard error, without the program's name; the first error ends the parse. */
  readonly error: string | undefined;
}

interface Scan {
  readonly args: readonly string[];
  readonly options: OptionFound[];
  at: number;
}

function shortKind(spec: string, letter: string): ArgKind | undefined {
  const i = letter === ':' ? -1 : spec.indexOf(letter);
  if (i < 0) return undefined;
  if (spec[i + 1] !== ':') return 'no';
  return spec[i + 2] === ':' ? 'optional' : 'required';
}

/** Takes one word of short options. @returns an error text, or undefined */
function shortWord(scan: Scan, word: string, spec: string): string | undefined {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string;
    const kind = shortKind(spec, letter);
    if (kind === undefined) return `invalid option -- '${letter}'`;
    if (kind === 'no') {
      scan.options.push({ opt: letter, arg: undefined });
      continue;
    }
    const rest = word.slice(i + 1);
    if (rest !== '' || kind === 'optional') {
      scan.options.push({ opt: letter, arg: rest === '' ? undefined : rest });
      return undefined;
    }
    const next = scan.args[scan.at];
    if (next === undefined) return `option requires an argument -- '${letter}'`;
    scan.at++;
    scan.options.push({ opt: letter, arg: next });
  }
  return undefined;
}

function longMatch(name: string, longs: readonly LongOption[]): LongOption | string {
  const exact = longs.find((o) => o.name === name);
  if (exact !== undefined) return exact;
  const starts = longs.filter((o) => o.name.startsWith(name));
  const first = starts[0];
  if (first === undefined) return `unrecognized option '--${name}'`;
  if (starts.every((o) => o.key === first.key && o.arg === first.arg)) return first;
  const all = starts.map((o) => ` '--${o.name}'`).join('');
  return `option '--${name}' is ambiguous; possibilities:${all}`;
}

/** Takes one long option. @returns an error text, or undefined */
function longWord(scan: Scan, word: string, longs: readonly LongOption[]): string | undefined {
  const eq = word.indexOf('=');
  const name = word.slice(2, eq < 0 ? undefined : eq);
  const found = longMatch(name, longs);
  if (typeof found === 'string') return found;
  let arg = eq < 0 ? undefined : word.slice(eq + 1);
  if (arg !== undefined && found.arg === 'no')
    return `option '--${found.name}' doesn't allow an argument`;
  if (arg === undefined && found.arg === 'required') {
    arg = scan.args[scan.at];
    if (arg === undefined) return `option '--${found.name}' requires an argument`;
    scan.at++;
  }
  scan.options.push({ opt: found.key, arg });
  return undefined;
}

/**
 * Parses a command line as glibc's getopt(3) and getopt_long(3) do: operands may stand between options unless `spec`
 * starts with `+`; `--` ends the options; long names may be abbreviated.
 * @param args the arguments without the program's name
 * @param spec option letters, `:` after one that takes an argument, `::` for an optional one
 */
export function getopt(
  args: readonly string[],
  spec: string,
  longs: readonly LongOption[] = [],
): GetoptResult {
  const scan: Scan = { args, options: [], at: 0 };
  const operands: string[] = [];
  const inOrder = spec.startsWith('+');
  while (scan.at < args.length) {
    const word = args[scan.at] as string;
    if (word === '--') {
      operands.push(...args.slice(scan.at + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      if (inOrder) {
        operands.push(...args.slice(scan.at));
        break;
      }
      operands.push(word);
      scan.at++;
      continue;
    }
    scan.at++;
    const isLong = word.startsWith('--') && longs.length > 0;
    const error = isLong ? longWord(scan, word, longs) : shortWord(scan, word, spec);
    if (error !== undefined) return { options: scan.options, operands, error };
  }
  return { options: scan.options, operands, error: undefined };
}
