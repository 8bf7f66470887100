/** Makes sense of a command line. iptables/xshared.c, do_parse(), whose order of checks decides which error comes first. */
import type { Masked, XtMatch, XtRule, XtTableName, XtTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { mergeNative } from '../match/index.ts';
import { ABSENT_TARGETS } from '../target/index.ts';
import { isAny } from './address.ts';
import { checkChainName, checkTargetName, MAX_NAME, VERDICTS } from './chain-name.ts';
import { IptablesError, parameterProblem } from './error.ts';
import type { MatchExtension, TargetExtension } from './extension.ts';
import { Getopt, type LongOption, type Parsed } from './getopt.ts';
import { ruleContext } from './names.ts';
import { strtoui } from './numbers.ts';
import type { OptionEntry, RuleContext } from './option.ts';
import { readProtocol } from './option-value.ts';
import {
  type CommandLetter,
  INVERTIBLE,
  LONG_OPTIONS,
  OPTION_COMMANDS,
  type OptionName,
  SHORT_OPTIONS,
} from './options.ts';
import { ABSENT_MATCHES, findMatch, findTarget, matchName } from './registry.ts';
import { ifaceMatch, parseEnds, type ResolveHost } from './rule-ends.ts';
import { LoadedExtension } from './rule-state.ts';

const IFNAMSIZ = 16;
/** Options whose argument is the word that was read last. iptables/xshared.c, do_parse(): `argv[optind - 1]` */
const WHOLE_WORDS: readonly string[] = ['p', 's', 'd', 'i', 'o', 'j'];

/** What a command line asks. */
export interface Command {
  /** What to do; -Z may go with -L or -S. */
  readonly letters: readonly CommandLetter[];
  readonly table: string;
  readonly chain: string | undefined;
  /** Of -D, -I, -R, -L, -S, -Z; 0 if none was given. */
  readonly ruleNumber: number;
  /** -D with a number rather than a rule. */
  readonly byNumber: boolean;
  readonly newName: string | undefined;
  readonly policy: string | undefined;
  readonly options: ReadonlySet<OptionName>;
  readonly verbose: number;
  /** One for each pair of source and destination. */
  readonly rules: readonly XtRule[];
  readonly counters: { readonly packets: number; readonly bytes: number } | undefined;
  /** -V or -h, or a line of iptables-restore for the other family: nothing else is done. */
  readonly info: 'version' | 'help' | 'ignored' | undefined;
}

/** What the parser is given. */
export interface ParseInput {
  readonly family: Family;
  readonly names: Parameters<typeof ruleContext>[0];
  /** Addresses of a name, by the resolver; none if it is not known. */
  readonly resolve: ResolveHost;
  /** The table, within iptables-restore, where -t is refused. */
  readonly restoreTable: string | undefined;
  /** What the program calls itself in messages about -t. */
  readonly program: string;
  /** Takes warnings, which are printed before anything else, an error included. */
  readonly warnings: string[];
}

/** An option of an extension, or one of iptables' own. */
type Long =
  | { readonly letter: string }
  | {
      readonly loaded: LoadedExtension<MatchExtension | TargetExtension>;
      readonly entry: OptionEntry;
    };

/** Reads one command line. */
export class CommandParser {
  readonly #in: ParseInput;
  readonly #opt: Getopt;
  readonly #letters: CommandLetter[] = [];
  readonly #options = new Set<OptionName>();
  readonly #inverted = new Set<OptionName>();
  readonly #matches: LoadedExtension<MatchExtension>[] = [];
  /** Matches and target, in the order in which they were loaded. */
  readonly #loaded: LoadedExtension<MatchExtension | TargetExtension>[] = [];
  readonly #warnings: string[];
  #target: LoadedExtension<TargetExtension> | undefined;
  #jump: string | undefined;
  #goto = false;
  #protocol: string | undefined;
  #proto: RuleContext['proto'];
  #protoTried = false;
  #table: string;
  #chain: string | undefined;
  #ruleNumber = 0;
  #byNumber = false;
  #newName: string | undefined;
  #policy: string | undefined;
  #verbose = 0;
  #src: string | undefined;
  #dst: string | undefined;
  #iif = '';
  #oif = '';
  #fragment = false;
  /** -w and -W. */
  readonly #waits = new Set<'w' | 'W'>();
  #counters: { packets: number; bytes: number } | undefined;
  #info: Command['info'];

  constructor(args: readonly string[], input: ParseInput) {
    this.#in = input;
    this.#opt = new Getopt(args, SHORT_OPTIONS);
    this.#warnings = input.warnings;
    this.#table = input.restoreTable ?? 'filter';
  }

  get #rule(): RuleContext {
    const warn = (text: string): void => void this.#warnings.push(text);
    return ruleContext(this.#in.names, this.#in.family, this.#table, this.#proto, warn);
  }

  /** @throws IptablesError */
  parse(): Command {
    let invert = false;
    for (;;) {
      const got = this.#opt.next<Long>(this.#longs());
      if (got === undefined) break;
      if (got.kind === 'word') {
        if (got.text !== '!') throw new BadArgument(got.text);
        if (invert) throw parameterProblem('multiple consecutive ! not allowed');
        invert = true;
        continue;
      }
      if (!this.#option(got, invert)) continue;
      if (this.#info !== undefined) return this.#command([]);
      invert = false;
    }
    return this.#finish(invert);
  }

  #longs(): LongOption<Long>[] {
    const own = LONG_OPTIONS.map((o) => ({
      name: o.name,
      arg: o.arg,
      value: { letter: o.letter },
    }));
    // an option that several have is that of the one loaded last: xtables_merge_options()
    const loaded = this.#loaded.filter((l) => !l.complete).reverse();
    const theirs = loaded.flatMap((l) =>
      l.ext.options.map((entry) => ({
        name: entry.name,
        arg: entry.type === 'none' ? ('none' as const) : ('required' as const),
        value: { loaded: l, entry },
      })),
    );
    return [...own, ...theirs];
  }

  /** @returns false if the word is to be read again, with a protocol's match loaded */
  #option(got: Exclude<Parsed<Long>, { kind: 'word' }>, invert: boolean): boolean {
    if (got.kind === 'long') {
      const { value } = got.option;
      if ('letter' in value) this.#own(value.letter, got.arg, invert);
      else
        value.loaded.parse(value.entry, this.#argument(value.entry, got.arg), invert, this.#rule);
      return true;
    }
    if (got.kind === 'short') {
      this.#own(got.letter, got.arg, invert);
      return true;
    }
    if (this.#loadProtocolMatch()) {
      this.#opt.unread();
      return false;
    }
    if (got.kind === 'missing') throw parameterProblem(`option "${got.text}" requires an argument`);
    throw parameterProblem(`unknown option "${got.text}"`);
  }

  /** The words of an option's argument. */
  #argument(entry: OptionEntry, first: string | undefined): string {
    const words = [first ?? ''];
    while (words.length < (entry.words ?? 1)) {
      const next = this.#opt.takeWord();
      if (next === undefined)
        throw parameterProblem(entry.wordsText ?? `--${entry.name} requires two args.`);
      words.push(next);
    }
    return words.join(' ');
  }

  #addMatch(ext: MatchExtension): void {
    const match = new LoadedExtension(ext, this.#rule);
    this.#matches.push(match);
    this.#loaded.push(match);
  }

  /** `-p tcp` brings the options of `-m tcp`. `load_proto()` */
  #loadProtocolMatch(): boolean {
    if (this.#protocol === undefined || this.#protoTried) return false;
    this.#protoTried = true;
    const typed = strtoui(this.#protocol, 0, 0xff);
    const name = typed === undefined ? this.#protocol : this.#in.names.protocolName(typed, true);
    const ext = findMatch(name ?? '', this.#in.family);
    if (ext === undefined || this.#matches.some((m) => m.ext === ext && !m.complete)) return false;
    this.#addMatch(ext);
    return true;
  }

  #own(letter: string, arg: string | undefined, invert: boolean): void {
    if ('ACDRILSFZNXEP'.includes(letter)) this.#commandLetter(letter as CommandLetter, arg, invert);
    else this.#ownOption(letter, arg ?? '', invert);
  }

  #add(letter: CommandLetter, others: readonly CommandLetter[], invert: boolean): void {
    if (invert) throw parameterProblem("unexpected '!' flag");
    const clash = this.#letters.find((l) => !others.includes(l));
    if (clash !== undefined) throw parameterProblem(`Cannot use -${letter} with -${clash}`);
    this.#letters.push(letter);
  }

  #commandLetter(letter: CommandLetter, arg: string | undefined, invert: boolean): void {
    if (letter === 'N') checkChainName(arg ?? '', this.#in.family);
    this.#add(
      letter,
      letter === 'L' || letter === 'S' ? ['Z'] : letter === 'Z' ? ['L', 'S'] : [],
      invert,
    );
    this.#chain =
      arg ?? ('LSFZX'.includes(letter) ? this.#opt.takeWord() : undefined) ?? this.#chain;
    if (letter === 'D') this.#deleteNumber();
    else if (letter === 'R') this.#ruleNumber = this.#numberFor('R');
    else if (letter === 'I') this.#ruleNumber = this.#numberAfter() ?? 1;
    else if (letter === 'L' || letter === 'S' || letter === 'Z')
      this.#ruleNumber = this.#numberAfter() ?? this.#ruleNumber;
    else if (letter === 'E') this.#rename();
    else if (letter === 'P') this.#setPolicy();
  }

  #numberAfter(): number | undefined {
    const word = this.#opt.takeWord();
    if (word === undefined) return undefined;
    const n = strtoui(word, 1, 0x7fff_ffff);
    if (n === undefined) throw parameterProblem(`Invalid rule number \`${word}'`);
    return n;
  }

  #numberFor(letter: string): number {
    const n = this.#numberAfter();
    if (n === undefined) throw parameterProblem(`-${letter} requires a rule number`);
    return n;
  }

  #deleteNumber(): void {
    const n = this.#numberAfter();
    if (n === undefined) return;
    this.#ruleNumber = n;
    this.#byNumber = true;
  }

  #rename(): void {
    this.#newName = this.#opt.takeWord();
    if (this.#newName === undefined)
      throw parameterProblem('-E requires old-chain-name and new-chain-name');
  }

  #setPolicy(): void {
    this.#policy = this.#opt.takeWord();
    if (this.#policy === undefined) throw parameterProblem('-P requires a chain and a policy');
  }

  /** `set_option()` */
  #set(name: OptionName, invert: boolean): void {
    if (this.#options.has(name)) throw parameterProblem(`multiple ${name} flags not allowed`);
    this.#options.add(name);
    if (!invert) return;
    if (!INVERTIBLE.includes(name)) throw parameterProblem(`cannot have ! before ${name}`);
    this.#inverted.add(name);
  }

  #ownOption(letter: string, arg: string, invert: boolean): void {
    // 1.8.9 takes the whole word before the next one for these, so that `-i=eth0` and `-ieth0` name other things
    if (WHOLE_WORDS.includes(letter)) this.#wholeWord(letter, this.#opt.lastWord, invert);
    else if (letter === 'g') this.#setJump(letter, arg, invert);
    else if (letter === 'm') this.#loadMatch(arg, invert);
    else if (letter === 'c') this.#setCounters(arg, invert);
    else this.#flag(letter, arg, invert);
  }

  #wholeWord(letter: string, arg: string, invert: boolean): void {
    switch (letter) {
      case 'p':
        this.#setProtocol(arg, invert);
        break;
      case 's':
        this.#set('-s', invert);
        this.#src = arg;
        break;
      case 'd':
        this.#set('-d', invert);
        this.#dst = arg;
        break;
      case 'j':
        this.#setJump(letter, arg, invert);
        break;
      case 'i':
        this.#iif = this.#interface('-i', arg, invert);
        break;
      default:
        this.#oif = this.#interface('-o', arg, invert);
    }
  }

  #flag(letter: string, arg: string, invert: boolean): void {
    switch (letter) {
      case 'f':
        if (this.#in.family === 'inet6')
          throw parameterProblem("`-f' is not supported in IPv6, use -m frag instead");
        this.#set('-f', invert);
        this.#fragment = true;
        break;
      case 'v':
        if (this.#verbose === 0) this.#set('-v', invert);
        this.#verbose++;
        break;
      case 'n':
        this.#set('-n', invert);
        break;
      case 'x':
        this.#set('-x', invert);
        break;
      case '0':
        this.#set('-0', invert);
        break;
      case 't':
        this.#setTable(arg, invert);
        break;
      case 'w':
      case 'W':
        this.#wait(letter, arg);
        break;
      case 'V':
        this.#info = 'version';
        break;
      case 'h':
        this.#info = 'help';
        break;
      case '4':
      case '6':
        this.#otherFamily(letter);
        break;
      case 'b':
        throw parameterProblem('Unknown arg "(null)"');
      default: // -M: there is nothing to load modules from
    }
  }

  #otherFamily(letter: string): void {
    const own = this.#in.family === 'inet' ? '4' : '6';
    if (letter === own) return;
    if (this.#in.restoreTable === undefined) throw new IptablesError(2, '');
    this.#info = 'ignored';
  }

  #wait(letter: string, arg: string): void {
    if (this.#in.restoreTable !== undefined) {
      throw parameterProblem(`You cannot use \`-${letter}' from iptables-restore`);
    }
    const word = arg === '' ? this.#opt.takeWord() : arg;
    const numeric = word !== undefined && /^\s*[+-]?\d/.test(word);
    if (letter === 'w') {
      if (word !== undefined && !numeric) throw parameterProblem('wait seconds not numeric');
      this.#waits.add('w');
      return;
    }
    if (word === undefined) throw parameterProblem('wait interval value required');
    if (!numeric) throw parameterProblem('wait interval not numeric');
    this.#waits.add('W');
    this.#warnings.push('Ignoring deprecated --wait-interval option.\n');
  }

  #setTable(arg: string, invert: boolean): void {
    if (invert) throw parameterProblem('unexpected ! flag before --table');
    if (this.#in.restoreTable !== undefined) {
      throw parameterProblem(`The -t option cannot be used in ${this.#in.program}.\n`);
    }
    this.#table = arg;
  }

  #setProtocol(arg: string, invert: boolean): void {
    this.#set('-p', invert);
    this.#protocol = arg.toLowerCase();
    const number = readProtocol(this.#protocol, this.#rule);
    if (number === 0 && invert) throw parameterProblem('rule would never match protocol');
    if (this.#in.family === 'inet6' && [0, 43, 44, 60].includes(number) && number !== 0) {
      this.#warnings.push(
        `Warning: never matched protocol: ${this.#protocol}. use extension match instead.\n`,
      );
    }
    this.#proto = { number, invert };
  }

  #setJump(letter: string, arg: string, invert: boolean): void {
    this.#set('-j', invert);
    checkTargetName(arg);
    this.#jump = arg;
    this.#goto = letter === 'g';
    const ext = this.#goto || VERDICTS.includes(arg) ? undefined : findTarget(arg, this.#in.family);
    if (ext !== undefined) {
      this.#target = new LoadedExtension(ext, this.#rule);
      this.#loaded.push(this.#target);
    } else if (!this.#goto && ABSENT_TARGETS.includes(arg))
      throw parameterProblem(`Couldn't load target \`${arg}':Labwire does not have it\n`);
  }

  #interface(option: OptionName, arg: string, invert: boolean): string {
    if (arg === '') throw parameterProblem('Empty interface is likely to be undesired');
    this.#set(option, invert);
    if (arg.length + 1 > IFNAMSIZ) {
      throw parameterProblem(
        `interface name \`${arg}' must be shorter than IFNAMSIZ (${IFNAMSIZ - 1})`,
      );
    }
    if (/[/ ]/.test(arg)) {
      this.#warnings.push(
        `Warning: weird character in interface \`${arg}' ('/' and ' ' are not allowed by the kernel).\n`,
      );
    }
    return arg;
  }

  #loadMatch(typed: string, invert: boolean): void {
    if (invert) throw parameterProblem('unexpected ! flag before --match');
    const name = matchName(typed);
    const ext = findMatch(name, this.#in.family);
    if (ext === undefined) {
      const absent = ABSENT_MATCHES.includes(name)
        ? 'Labwire does not have it'
        : 'No such file or directory';
      throw parameterProblem(`Couldn't load match \`${name}':${absent}\n`);
    }
    for (const m of this.#matches) if (m.ext === ext) m.complete = true;
    this.#addMatch(ext);
  }

  #setCounters(arg: string, invert: boolean): void {
    this.#set('-c', invert);
    const comma = arg.indexOf(',', 1);
    const packets = comma < 0 ? arg : arg.slice(0, comma);
    const glued = comma < 0 ? undefined : arg.slice(comma + 1);
    const bytes = glued ?? this.#opt.takeWord();
    if (bytes === undefined) throw parameterProblem('-c requires packet and byte counter');
    if (!/^\s*\d/.test(packets)) throw parameterProblem('-c packet counter not numeric');
    if (!/^\s*\d/.test(bytes)) throw parameterProblem('-c byte counter not numeric');
    this.#counters = { packets: Number.parseInt(packets, 10), bytes: Number.parseInt(bytes, 10) };
  }

  #finish(invert: boolean): Command {
    if (this.#table === 'nat' && (this.#policy === 'DROP' || this.#jump === 'DROP')) {
      throw parameterProblem(
        '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n',
      );
    }
    const matches = mergeNative(
      this.#matches.flatMap((m) => (m.finish(this.#rule) as XtMatch | undefined) ?? []),
    );
    const target = this.#target?.finish(this.#rule) as XtTarget | undefined;
    if (this.#waits.has('W') && !this.#waits.has('w'))
      throw parameterProblem('--wait-interval only makes sense with --wait\n');
    if (this.#letters.length === 0) throw parameterProblem('no command specified');
    if (invert) throw parameterProblem('nothing appropriate following !');
    const takesRule = this.#letters.some((l) => 'ADCIR'.includes(l)) && !this.#byNumber;
    const ends = takesRule ? this.#ends() : [];
    for (const o of this.#options) this.#checkOption(o);
    if (this.#chain !== undefined && this.#chain.length >= MAX_NAME) {
      throw parameterProblem(
        `chain name \`${this.#chain}' too long (must be under ${MAX_NAME} chars)`,
      );
    }
    this.#checkInterfaces();
    return this.#command(ends.map(([src, dst]) => this.#makeRule(src, dst, matches, target)));
  }

  #checkOption(o: OptionName): void {
    if (
      this.#letters.some(
        (l) => !OPTION_COMMANDS[o].includes(l) && !(l === 'Z' && this.#letters.length > 1),
      )
    ) {
      throw parameterProblem(`Illegal option \`${o}' with this command`);
    }
  }

  #checkInterfaces(): void {
    if (!this.#letters.some((l) => 'ADCIR'.includes(l))) return;
    const chain = this.#chain ?? '';
    if (this.#oif !== '' && (chain === 'PREROUTING' || chain === 'INPUT')) {
      throw parameterProblem(`Can't use -o with ${chain}\n`);
    }
    if (this.#iif !== '' && (chain === 'POSTROUTING' || chain === 'OUTPUT')) {
      throw parameterProblem(`Can't use -i with ${chain}\n`);
    }
  }

  /** Every pair of a source and a destination. */
  #ends(): (readonly [Masked | undefined, Masked | undefined])[] {
    const { family, resolve } = this.#in;
    const sources = parseEnds(this.#src, family, resolve);
    const dests = parseEnds(this.#dst, family, resolve);
    const inverts = this.#inverted.has('-s') || this.#inverted.has('-d');
    if ((sources.length > 1 || dests.length > 1) && inverts) {
      throw parameterProblem('! not allowed with multiple source or destination IP addresses');
    }
    return sources.flatMap((s) => dests.map((d) => [s, d] as const));
  }

  #makeRule(
    src: Masked | undefined,
    dst: Masked | undefined,
    matches: XtMatch[],
    target: XtTarget | undefined,
  ): XtRule {
    const { packets = 0, bytes = 0 } = this.#counters ?? {};
    const end = (m: Masked | undefined, option: OptionName) =>
      m === undefined || (isAny(m.mask) && !this.#inverted.has(option))
        ? undefined
        : { ...m, invert: this.#inverted.has(option) };
    const source = end(src, '-s');
    const dest = end(dst, '-d');
    const iif = ifaceMatch(this.#iif, this.#inverted.has('-i'));
    const oif = ifaceMatch(this.#oif, this.#inverted.has('-o'));
    return {
      ...(source === undefined ? {} : { src: source }),
      ...(dest === undefined ? {} : { dst: dest }),
      ...(iif === undefined ? {} : { iif }),
      ...(oif === undefined ? {} : { oif }),
      ...(this.#proto === undefined || this.#proto.number === 0 ? {} : { proto: this.#proto }),
      ...(this.#fragment ? { fragment: { invert: this.#inverted.has('-f') } } : {}),
      matches,
      target: target ?? this.#plainTarget(),
      counters: { packets, bytes },
    };
  }

  #plainTarget(): XtTarget | undefined {
    if (this.#jump === undefined) return undefined;
    if (this.#goto) return { kind: 'goto', chain: this.#jump };
    if (VERDICTS.includes(this.#jump)) return { kind: 'verdict', verdict: this.#jump as 'ACCEPT' };
    return { kind: 'jump', chain: this.#jump };
  }

  #command(rules: readonly XtRule[]): Command {
    return {
      letters: this.#letters,
      table: this.#table,
      chain: this.#chain,
      ruleNumber: this.#ruleNumber,
      byNumber: this.#byNumber,
      newName: this.#newName,
      policy: this.#policy,
      options: this.#options,
      verbose: this.#verbose,
      rules,
      counters: this.#counters,
      info: this.#info,
    };
  }
}

/** A word that is no option: printed in a way of its own. */
export class BadArgument extends Error {
  readonly word: string;

  constructor(word: string) {
    super(`Bad argument \`${word}'`);
    this.word = word;
  }
}

/** Tables there are. */
export const TABLE_NAMES: readonly XtTableName[] = ['filter', 'mangle', 'nat', 'raw', 'security'];
