/** Reads a command line of arptables. Source: iptables/xshared.c, do_parse() */
import type { ArpRule } from '@labwire/devices/arptables';
import {
  BadArgument,
  Getopt,
  IptablesError,
  type LongOption,
  type Parsed,
  parameterProblem,
  strtoui,
  VERSION_PROBLEM,
  xtRows,
} from '../iptables/index.ts';
import type { Manual } from '../machine/index.ts';
import { ArpRuleParser } from './rule-parser.ts';

/** A command line that was understood. */
export interface ArpCommand {
  readonly letter: string;
  readonly chain: string | undefined;
  /** A rule's number, 0 for none. */
  readonly number: number;
  readonly newName: string | undefined;
  readonly policy: string | undefined;
  readonly rules: readonly ArpRule[];
  /** -Z beside -L. */
  readonly zeroes: boolean;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly lineNumbers: boolean;
  readonly warnings: readonly string[];
}

const COMMANDS = 'ADCRILSFZNXEP';
const SHORTS = 'A:D:C:R:I:L::S::F::Z::N:X::E:P:Vh::o:p:s:d:j:l:i:vnt:m:xc:M:w::W::';
/** Which options a command does not go with. `commands_v_options[]` */
const ILLEGAL: Readonly<Record<string, readonly string[]>> = {
  rule: ['-n', '-x', '--line-numbers'],
  D: ['-c'],
  C: ['-c', '-v'],
};
const RULE_COMMANDS = 'ADCRI';
const RULE_OPTIONS = [
  '-s',
  '-d',
  '-j',
  '-i',
  '-o',
  '-c',
  '--src-mac',
  '--dst-mac',
  '--opcode',
  '--h-type',
  '--proto-type',
  '-l',
];
const NOT_INVERTIBLE = ['-j', '-c', '-n', '-v', '-x'];

function long(
  value: string,
  arg: LongOption<string>['arg'],
  ...names: string[]
): LongOption<string>[] {
  return names.map((name) => ({ name, arg, value }));
}

const LONGS: readonly LongOption<string>[] = [
  ...long('A', 'required', 'append'),
  ...long('D', 'required', 'delete'),
  ...long('C', 'required', 'check'),
  ...long('I', 'required', 'insert'),
  ...long('R', 'required', 'replace'),
  ...long('L', 'optional', 'list'),
  ...long('S', 'optional', 'list-rules'),
  ...long('F', 'optional', 'flush'),
  ...long('Z', 'optional', 'zero'),
  ...long('N', 'required', 'new-chain'),
  ...long('X', 'optional', 'delete-chain'),
  ...long('E', 'required', 'rename-chain'),
  ...long('P', 'required', 'policy'),
  ...long('s', 'required', 'source-ip'),
  ...long('d', 'required', 'destination-ip'),
  ...long('src-mac', 'required', 'source-mac', 'src-mac'),
  ...long('dst-mac', 'required', 'destination-mac', 'dst-mac'),
  ...long('l', 'required', 'h-length'),
  ...long('p-length', 'required', 'p-length'),
  ...long('opcode', 'required', 'opcode'),
  ...long('h-type', 'required', 'h-type'),
  ...long('proto-type', 'required', 'proto-type'),
  ...long('i', 'required', 'in-interface'),
  ...long('o', 'required', 'out-interface'),
  ...long('j', 'required', 'jump'),
  ...long('t', 'required', 'table'),
  ...long('n', 'none', 'numeric'),
  ...long('v', 'none', 'verbose'),
  ...long('x', 'none', 'exact'),
  ...long('V', 'none', 'version'),
  ...long('h', 'optional', 'help'),
  ...long('line-numbers', 'none', 'line-numbers'),
  ...long('M', 'required', 'modprobe'),
  ...long('c', 'required', 'set-counters'),
];
/** Options of targets, which are there once the target is named. */
const TARGET_LONGS: readonly LongOption<string>[] = [
  'mangle-ip-s',
  'mangle-ip-d',
  'mangle-mac-s',
  'mangle-mac-d',
  'mangle-target',
  'set-mark',
  'and-mark',
  'or-mark',
  'set-class',
].flatMap((name) => long(name, 'required', name));

/** What arptables can be told. */
export const arptablesManual = (): Manual => [
  { title: 'Commands and options', rows: xtRows(SHORTS, LONGS, ['m', 'p-length']) },
  { title: 'Options of targets', rows: xtRows('', TARGET_LONGS) },
];

/** Reads one command line. */
export class ArpCommandParser {
  readonly #opt: Getopt;
  readonly #rule = new ArpRuleParser();
  readonly #seen = new Set<string>();
  readonly #isRestore: boolean;
  readonly #letters: string[] = [];
  #invert = false;
  #chain: string | undefined;
  #number = 0;
  #newName: string | undefined;
  #policy: string | undefined;

  constructor(args: readonly string[], isRestore: boolean) {
    this.#opt = new Getopt(args, SHORTS);
    this.#isRestore = isRestore;
  }

  /** @throws {@link IptablesError}, {@link BadArgument} */
  parse(): ArpCommand {
    for (;;) {
      const known = TARGET_LONGS.filter(({ value }) => this.#rule.takes(value));
      const got = this.#opt.next<string>([...LONGS, ...known]);
      if (got === undefined) break;
      if (got.kind === 'word') this.#word(got.text);
      else {
        this.#take(got);
        this.#invert = false;
      }
      if (this.#letters.includes('V') || this.#letters.includes('h')) break;
    }
    if (this.#letters.length === 0) throw parameterProblem('no command specified');
    return this.#finish();
  }

  #word(text: string): void {
    if (text !== '!') throw new BadArgument(text);
    if (this.#invert) throw parameterProblem('multiple consecutive ! not allowed');
    this.#invert = true;
  }

  #finish(): ArpCommand {
    const letter = this.#letters.find((l) => l !== 'Z') ?? 'Z';
    const hasRule = RULE_COMMANDS.includes(letter);
    this.#checkOptions(letter, hasRule);
    return {
      letter,
      chain: this.#chain,
      number: this.#number,
      newName: this.#newName,
      policy: this.#policy,
      rules: hasRule ? this.#rule.finish() : [],
      zeroes: this.#letters.includes('Z') && letter !== 'Z',
      numeric: this.#seen.has('-n'),
      verbose: this.#seen.has('-v'),
      lineNumbers: this.#seen.has('--line-numbers'),
      warnings: this.#rule.warnings,
    };
  }

  #checkOptions(letter: string, hasRule: boolean): void {
    const illegal = hasRule
      ? [...(ILLEGAL.rule as string[]), ...(ILLEGAL[letter] ?? [])]
      : RULE_OPTIONS;
    const wrong = [...this.#seen].find((o) => illegal.includes(o));
    if (wrong !== undefined) throw parameterProblem(`Illegal option \`${wrong}' with this command`);
    if (this.#chain === 'INPUT' && this.#seen.has('-o'))
      throw parameterProblem("Can't use -o with INPUT\n");
    if (this.#chain === 'OUTPUT' && this.#seen.has('-i'))
      throw parameterProblem("Can't use -i with OUTPUT\n");
  }

  #take(got: Exclude<Parsed<string>, { kind: 'word' }>): void {
    if (got.kind === 'missing') throw parameterProblem(`option "${got.text}" requires an argument`);
    if (got.kind === 'unknown') throw parameterProblem(`unknown option "${got.text}"`);
    const key = got.kind === 'long' ? got.option.value : got.letter;
    if (key.length === 1 && COMMANDS.includes(key)) this.#command(key, got.arg);
    else if (key === 'V' || key === 'h') this.#letters.push(key);
    else if (key === 't') this.#table(got.arg ?? '');
    else if (key === 'm') throw parameterProblem('unknown option "-m"');
    else if (key === 'p-length') throw parameterProblem('not supported');
    else if (!'MpwW'.includes(key) || key.length > 1) this.#option(key, got.arg);
  }

  #table(name: string): void {
    if (this.#isRestore)
      throw parameterProblem('The -t option cannot be used in arptables-restore.\n');
    if (name !== 'filter')
      throw new IptablesError(VERSION_PROBLEM, `table '${name}' does not exist`);
  }

  /** An argument, behind a `!` if there is one: that is how it was once written. */
  #argument(text: string): string {
    if (text !== '!') return text;
    this.#rule.warnings.push(
      'Using intrapositioned negation (`--option ! this`) is deprecated in favor of extrapositioned (`! --option this`).\n',
    );
    this.#invert = true;
    const next = this.#opt.take();
    if (next === undefined) throw parameterProblem("no argument following `!'");
    return next;
  }

  #option(key: string, arg: string | undefined): void {
    const shown = key.length === 1 ? `-${key}` : `--${key}`;
    if (this.#seen.has(shown)) throw parameterProblem(`multiple ${shown} flags not allowed`);
    if (this.#invert && NOT_INVERTIBLE.includes(shown))
      throw parameterProblem(`cannot have ! before ${shown}`);
    this.#seen.add(shown);
    if (arg === undefined) return;
    const text = this.#argument(arg);
    if (key === 'i') this.#rule.iface('iif', text, this.#invert);
    else if (key === 'o') this.#rule.iface('oif', text, this.#invert);
    else if (key === 'j') this.#rule.jump(text);
    else if (key === 'c') this.#counters(text);
    else this.#rule.option(key, text, this.#invert);
  }

  #counters(packets: string): void {
    const bytes = this.#opt.takeWord();
    if (bytes === undefined) throw parameterProblem('-c requires packet and byte counter');
    if (!/^\d+$/.test(packets)) throw parameterProblem('-c packet counter not numeric');
    if (!/^\d+$/.test(bytes)) throw parameterProblem('-c byte counter not numeric');
    this.#rule.counters = { packets: Number(packets), bytes: Number(bytes) };
  }

  #command(letter: string, arg: string | undefined): void {
    if (this.#invert) throw parameterProblem("unexpected '!' flag");
    const clash = this.#letters.find((l) => !(l === 'Z' || letter === 'Z') || l === letter);
    if (clash !== undefined) throw parameterProblem(`Cannot use -${letter} with -${clash}`);
    this.#letters.push(letter);
    this.#chain = arg ?? this.#opt.takeWord() ?? this.#chain;
    if (letter === 'E') {
      this.#newName = this.#opt.takeWord();
      if (this.#newName === undefined)
        throw parameterProblem('-E requires old-chain-name and new-chain-name');
    } else if (letter === 'P') {
      this.#policy = this.#opt.takeWord();
      if (this.#policy === undefined) throw parameterProblem('-P requires a chain and a policy');
    } else if ('DIRLSZ'.includes(letter)) this.#ruleNumber(letter);
  }

  #ruleNumber(letter: string): void {
    const word = this.#opt.takeWord();
    if (word === undefined && letter === 'R') throw parameterProblem('-R requires a rule number');
    const number = word === undefined ? undefined : strtoui(word, 1, 0x7fff_ffff);
    if (word !== undefined && number === undefined)
      throw parameterProblem(`Invalid rule number \`${word}'`);
    this.#number = number ?? (letter === 'I' ? 1 : 0);
  }
}
