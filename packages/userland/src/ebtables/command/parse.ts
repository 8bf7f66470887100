/** Reads a command line of ebtables. Source: iptables/xtables-eb.c, do_commandeb() */
import { EBT_TABLE_NAMES, type EbtPolicy, type EbtTableName } from '@labwire/devices/bridge';
import {
  Getopt,
  IptablesError,
  type Parsed,
  parameterProblem,
  strtoui,
  VERSION_PROBLEM,
} from '../../iptables/index.ts';
import type { Names } from '../names.ts';
import { VERDICTS } from '../target/index.ts';
import type { EbtCommand, EbtLetter } from './command.ts';
import { LONGS, type OptionValue, SHORTS } from './options.ts';
import { ONCE, RuleParser } from './rule-parser.ts';

/** Commands that name a chain, by their letters. */
const WITH_CHAIN = ['A', 'D', 'C', 'P', 'I', 'N', 'E', 'X', 'check'];
/** Commands with a rule. */
const WITH_RULE: readonly EbtLetter[] = ['A', 'I', 'D', 'C', 'check'];
const RULE_OPTIONS = ['i', 'o', 'logical-in', 'logical-out', 'j', 'p', 's', 'd', 'c'];
const NO_COMMANDS_TOO = 'Multiple commands are not allowed';
const MAX_CHAIN_NAME = 255;

/** Where each of the options of ports may not be, and how it is told. */
const NOT_OUT = ['PREROUTING', 'INPUT'];
const NOT_IN = ['OUTPUT', 'POSTROUTING'];
const OUT_CHAINS = 'OUTPUT, FORWARD and POSTROUTING chains';
const IN_CHAINS = 'INPUT, FORWARD, PREROUTING and BROUTING chains';

/** Reads one command line. */
export class EbtCommandParser {
  readonly #opt: Getopt;
  readonly #rule: RuleParser;
  readonly #seen = new Set<string>();
  /** The table of ebtables-restore's input; undefined on a command line of its own. */
  readonly #restoreTable: EbtTableName | undefined;
  #invert = false;
  #letter: EbtLetter = 'help';
  #hasCommand = false;
  #table: EbtTableName;
  #chain: string | undefined;
  #makesChain = false;
  #at = 1;
  #numbers: readonly [number, number] | undefined;
  #policy: EbtPolicy | undefined;
  #newName: string | undefined;

  constructor(args: readonly string[], names: Names, restoreTable?: EbtTableName) {
    this.#opt = new Getopt(args, SHORTS);
    this.#rule = new RuleParser(names);
    this.#restoreTable = restoreTable;
    this.#table = restoreTable ?? 'filter';
  }

  /** @throws {@link IptablesError} */
  parse(): EbtCommand {
    for (;;) {
      const got = this.#opt.next<OptionValue>(LONGS);
      if (got === undefined) break;
      if (got.kind === 'word') this.#word(got.text);
      else {
        this.#take(got);
        this.#invert = false;
      }
      if (this.#letter === 'version') break;
    }
    return this.#finish();
  }

  #finish(): EbtCommand {
    const hasRule = WITH_RULE.includes(this.#letter);
    return {
      letter: !this.#hasCommand && this.#seen.has('Z') ? 'Z' : this.#letter,
      table: this.#table,
      chain: this.#chain,
      makesChain: this.#makesChain,
      at: this.#at,
      numbers: this.#numbers,
      policy: this.#policy,
      newName: this.#newName,
      rule: hasRule ? this.#rule.finish() : new RuleParser({} as Names).finish(),
      zeroes: this.#seen.has('Z'),
      counters: this.#seen.has('Lc'),
      lineNumbers: this.#seen.has('Ln'),
      verbose: this.#seen.has('v'),
      warnings: this.#rule.warnings,
    };
  }

  /** A word that is no option: only `!` may stand alone. */
  #word(text: string): void {
    if (text !== '!') throw parameterProblem(`Bad argument : '${text}'`);
    this.#not();
  }

  #not(): void {
    if (this.#invert) throw parameterProblem("Double use of '!' not allowed");
    this.#invert = true;
  }

  /** An argument, behind a `!` if there is one. `ebt_check_inverse2()` */
  #argument(text: string): string {
    if (text !== '!') return text;
    this.#not();
    return this.#opt.take() ?? this.#unknown();
  }

  #unknown(): never {
    throw parameterProblem(`Unknown argument: '${this.#opt.peek ?? '(null)'}'`);
  }

  #once(what: string): void {
    if (this.#seen.has(what)) throw parameterProblem(ONCE);
    this.#seen.add(what);
  }

  #take(got: Exclude<Parsed<OptionValue>, { kind: 'word' }>): void {
    if (got.kind === 'unknown' || got.kind === 'missing') this.#unknown();
    const value = got.kind === 'long' ? got.option.value : got.letter;
    if (typeof value === 'object') this.#extension(value, got.arg ?? '');
    else if (WITH_CHAIN.includes(value)) this.#command(value as EbtLetter, got.arg);
    else if (value === 'L' || value === 'F' || value === 'Z') this.#lookingCommand(value);
    else if (RULE_OPTIONS.includes(value)) this.#ruleOption(value, got.arg ?? '');
    else this.#other(value, got.arg ?? '');
  }

  #extension(value: Exclude<OptionValue, string>, arg: string): void {
    const text = this.#argument(arg);
    this.#rule.option(value.extension, value.option, text, this.#invert);
    if (!WITH_RULE.includes(this.#letter))
      throw parameterProblem('Extensions only for -A, -I, -D and -C');
  }

  #other(value: string, arg: string): void {
    if (value === 't') this.#takeTable(arg);
    else if (value === 'v') this.#seen.add('v');
    else if (value === 'V' || value === 'h') this.#info(value);
    else if (value === 'init') this.#initTable();
    else if (/^L/.test(value)) this.#listOption(value);
    else if (value !== 'concurrent') this.#unknown();
  }

  #info(value: 'V' | 'h'): void {
    if (this.#hasCommand || this.#seen.has('Z')) throw parameterProblem(NO_COMMANDS_TOO);
    if (value === 'V') this.#letter = 'version';
  }

  #initTable(): void {
    if (this.#restoreTable !== undefined)
      throw parameterProblem('--init-table is not supported in daemon mode');
    this.#letter = 'init';
    this.#hasCommand = true;
  }

  #takeTable(name: string): void {
    if (this.#seen.has('t')) throw parameterProblem(ONCE);
    if (this.#restoreTable !== undefined)
      throw parameterProblem('The -t option cannot be used in ebtables-restore.');
    const table = EBT_TABLE_NAMES.find((t) => t === name);
    if (table === undefined)
      throw new IptablesError(VERSION_PROBLEM, `table '${name}' does not exist`);
    this.#seen.add('t');
    this.#table = table;
  }

  #listOption(value: string): void {
    this.#once(value);
    if (this.#letter !== 'L') throw parameterProblem(`Use --${value} with -L`);
    if (this.#seen.has('Ln') && this.#seen.has('Lx'))
      throw parameterProblem('--Lx is not compatible with --Ln');
  }

  #lookingCommand(letter: 'L' | 'F' | 'Z'): void {
    const onlyWithL = 'Command -Z only allowed together with command -L';
    if (letter === 'Z') {
      if (this.#seen.has('Z') || (this.#hasCommand && this.#letter !== 'L'))
        throw parameterProblem(onlyWithL);
      this.#seen.add('Z');
    } else {
      if (this.#hasCommand) throw parameterProblem(NO_COMMANDS_TOO);
      this.#letter = letter;
      this.#hasCommand = true;
      if (this.#seen.has('Z') && letter !== 'L') throw parameterProblem(onlyWithL);
    }
    if (this.#opt.peek?.startsWith('-') === false) this.#chain = this.#opt.take();
  }

  #command(letter: EbtLetter, arg: string | undefined): void {
    if (this.#letter === 'N' && letter === 'P') {
      this.#letter = 'P';
      this.#makesChain = true;
      this.#readPolicy(arg);
      return;
    }
    if (this.#hasCommand || this.#seen.has('Z')) throw parameterProblem(NO_COMMANDS_TOO);
    this.#letter = letter;
    this.#hasCommand = true;
    if (arg !== undefined && (arg.startsWith('-') || arg === '!'))
      throw parameterProblem('No chain name specified');
    this.#chain = arg;
    this.#commandWords(letter);
  }

  /** What stands behind the chain. */
  #commandWords(letter: EbtLetter): void {
    const { peek } = this.#opt;
    const isNumber = peek !== undefined && (!peek.startsWith('-') || /^-\d/.test(peek));
    if (letter === 'X') {
      if (this.#chain === undefined && peek?.startsWith('-') === false)
        this.#chain = this.#opt.take();
    } else if (letter === 'E') this.#readNewName();
    else if (letter === 'D' && isNumber) this.#readNumbers();
    else if (letter === 'C') this.#readCounters();
    else if (letter === 'I' && isNumber) this.#readPlace(this.#opt.take() as string);
    else if (letter === 'P') this.#readPolicy(this.#opt.take());
  }

  #readNewName(): void {
    const name = this.#opt.take();
    if (name === undefined) throw parameterProblem('No new chain name specified');
    if (this.#opt.rest > 0) throw parameterProblem('No extra options allowed with -E');
    if (name.length > MAX_CHAIN_NAME)
      throw parameterProblem(`Chain name length can't exceed ${MAX_CHAIN_NAME} characters`);
    if (name.includes(' ')) throw parameterProblem("Use of ' ' not allowed in chain names");
    this.#newName = name;
  }

  /** `parse_rule_range()` */
  #readNumbers(): void {
    const text = this.#opt.take() as string;
    if (this.#opt.rest > 0)
      throw parameterProblem('No extra options allowed with -D start_nr[:end_nr]');
    const m = /^(-?\d*)(?:(:)(-?\d*))?$/.exec(text);
    const from = m === null ? 0 : m[1] === '' && m[2] !== undefined ? 1 : Number(m[1]);
    const to = m?.[2] === undefined ? from : m[3] === '' ? -1 : Number(m[3]);
    if (from === 0 || to === 0)
      throw parameterProblem(
        `Problem with the specified rule number(s) '${text.replace(/:.*/, '')}'`,
      );
    this.#numbers = [from, to];
  }

  #readCounters(): void {
    const [packets, bytes] = [this.#opt.take(), this.#opt.take()];
    if (packets === undefined || bytes === undefined || /^-/.test(packets) || /^-/.test(bytes))
      throw parameterProblem('The command -C needs at least 2 arguments');
    while (this.#opt.take() !== undefined);
  }

  #readPlace(text: string): void {
    const at = strtoui(text, 1, 0x7fff_ffff);
    if (at === undefined) throw parameterProblem(`Invalid rule number \`${text}'`);
    this.#at = at;
  }

  #readPolicy(text: string | undefined): void {
    if (text === undefined) throw parameterProblem('No policy specified');
    const policy = VERDICTS.find((v) => v === text);
    if (policy === undefined) throw parameterProblem(`Unknown policy '${text}'`);
    if (policy === 'CONTINUE') throw parameterProblem(`Wrong policy '${text}'`);
    this.#policy = policy;
  }

  #ruleOption(option: string, arg: string): void {
    if (!this.#hasCommand && !this.#seen.has('Z')) throw parameterProblem('No command specified');
    if (!WITH_RULE.includes(this.#letter))
      throw parameterProblem('Command and option do not match');
    this.#once(option);
    this.#checkPlace(option);
    if (option === 'j') this.#rule.jump(arg);
    else if (option === 'c') this.#takeCounters(arg);
    else this.#header(option, this.#argument(arg));
  }

  #header(option: string, text: string): void {
    const invert = this.#invert;
    if (option === 'i') this.#rule.iface('iif', text, invert);
    else if (option === 'o') this.#rule.iface('oif', text, invert);
    else if (option === 'logical-in') this.#rule.iface('logicalIn', text, invert);
    else if (option === 'logical-out') this.#rule.iface('logicalOut', text, invert);
    else if (option === 's') this.#rule.mac('src', text, invert);
    else if (option === 'd') this.#rule.mac('dst', text, invert);
    else this.#rule.proto(text, invert);
  }

  #takeCounters(packets: string): void {
    if (this.#invert || packets === '!') throw parameterProblem("Unexpected '!' after -c");
    const bytes = this.#opt.peek;
    if (bytes === undefined || /^-/.test(packets) || /^-/.test(bytes))
      throw parameterProblem('Option -c needs 2 arguments');
    this.#opt.take();
    this.#rule.counters(packets, bytes);
  }

  /** Options of ports belong to chains where there is one. */
  #checkPlace(option: string): void {
    const chain = this.#chain ?? '';
    const dashed = option.length === 1 ? `-${option}` : `--${option}`;
    const isOut = option === 'o' || option === 'logical-out';
    const isIn = option === 'i' || option === 'logical-in';
    if (isOut && NOT_OUT.includes(chain))
      throw parameterProblem(`Use ${dashed} only in ${OUT_CHAINS}`);
    if (isIn && NOT_IN.includes(chain))
      throw parameterProblem(`Use ${dashed} only in ${IN_CHAINS}`);
  }
}
