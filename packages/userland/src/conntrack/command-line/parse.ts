/** Makes sense of a command line. conntrack-tools src/conntrack.c, do_parse(), whose order of checks decides which error comes first. */
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import { Getopt, type LongOption } from '../../iptables/index.ts';
import { familyOf } from '../../libc-net/index.ts';
import { ConntrackError, OTHER_PROBLEM, parameterProblem } from '../error.ts';
import { type Command, checkCommon, LONG_OPTIONS, longName, SHORT_OPTIONS } from './options.ts';
import { checkProtocol, findProtocol, type Protocol, type ProtoOption } from './protocols.ts';
import { emptyTemplate, type Template, type TupleWish } from './template.ts';
import {
  atolU32,
  EVENT_BITS,
  maskOf,
  O_EXT,
  O_ID,
  O_KTMS,
  O_LABELS,
  O_SAVE,
  O_TMS,
  O_XML,
  OUTPUT_BITS,
  parseAddress,
  parseBits,
  parseMark,
  parseStatus,
  splitPort,
  strtoul,
} from './values.ts';

/** What a command line asks. */
export interface CommandLine {
  readonly command: Command | undefined;
  readonly given: ReadonlySet<string>;
  readonly template: Template;
  /** Undefined: both. */
  readonly family: Family | undefined;
  /** EVENT_* */
  readonly events: number;
  /** O_* */
  readonly output: number;
  readonly protocol: Protocol | undefined;
  readonly bufferSize: number;
  /** -L dying, -L unconfirmed: lists that are always empty. */
  readonly otherList: boolean;
}

/** What a command line is read with. */
export interface ParseContext {
  /** The number of a protocol's name in /etc/protocols. */
  readonly protocolNumber: (name: string) => number | undefined;
  /** Says something on standard error. */
  readonly warn: (text: string) => void;
  /** Complains if /etc/xtables/connlabel.conf cannot be read. */
  readonly loadLabels: () => void;
}

type Long =
  | { readonly kind: 'common'; readonly letter: string }
  | { readonly kind: 'proto'; readonly index: number; readonly option: ProtoOption };

const COMMON: readonly LongOption<Long>[] = LONG_OPTIONS.map(([name, arg, letter]) => ({
  name,
  arg,
  value: { kind: 'common', letter },
}));
const TABLES = ['expect', 'conntrack', 'dying', 'unconfirmed'] as const;
const COMMANDS = 'LIDGFEVhCSUA';
/** Commands that look at both families unless told otherwise. */
const BOTH_FAMILIES: readonly (Command | undefined)[] = ['L', 'U', 'D', 'G', 'F', 'E'];
const NOT_WITH_SAVE = O_EXT | O_TMS | O_ID | O_KTMS | O_LABELS | O_XML;

class Parser {
  readonly #opt: Getopt;
  readonly #ctx: ParseContext;
  readonly #given = new Set<string>();
  readonly #t: Template = emptyTemplate();
  readonly #protoGiven = new Set<number>();
  #command: Command | undefined;
  #family: Family | undefined;
  #protocol: Protocol | undefined;
  #events = 0;
  #output = 0;
  #bufferSize = 0;
  #otherList = false;

  constructor(args: readonly string[], ctx: ParseContext) {
    this.#opt = new Getopt(args, SHORT_OPTIONS);
    this.#ctx = ctx;
  }

  parse(): CommandLine {
    for (let got = this.#next(); got !== undefined; got = this.#next()) {
      if (got.kind === 'word') continue;
      if (got.kind === 'missing')
        throw parameterProblem(`option \`${got.text}' requires an argument`);
      if (got.kind === 'unknown') throw parameterProblem(`unknown option \`${got.text}'`);
      if (got.kind === 'short') this.#common(got.letter, got.arg);
      else if (got.option.value.kind === 'common') this.#common(got.option.value.letter, got.arg);
      else {
        const { index, option } = got.option.value;
        option.take(this.#t, got.arg ?? '');
        this.#protoGiven.add(this.#firstOf(option.name, index));
      }
    }
    return this.#finish();
  }

  #next() {
    const proto = (this.#protocol?.options ?? []).flatMap((option, index) =>
      option.longs.map(
        (name): LongOption<Long> => ({
          name,
          arg: 'required',
          value: { kind: 'proto', index, option },
        }),
      ),
    );
    return this.#opt.next<Long>([...COMMON, ...proto]);
  }

  #firstOf(name: string, index: number): number {
    const at = this.#protocol?.options.findIndex((o) => o.name === name) ?? -1;
    return at < 0 ? index : at;
  }

  #finish(): CommandLine {
    const given = this.#given;
    if (this.#family === undefined && !BOTH_FAMILIES.includes(this.#command)) this.#family = 'inet';
    if (given.has('j') && (given.has('n') || given.has('g')))
      throw parameterProblem("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'");
    checkCommon(this.#command, given);
    if (this.#command !== 'h' && this.#protocol !== undefined)
      checkProtocol(this.#protocol, this.#command, this.#protoGiven, this.#t);
    return {
      command: this.#command,
      given,
      template: this.#t,
      family: this.#family,
      events: this.#events,
      output: this.#output,
      protocol: this.#protocol,
      bufferSize: this.#bufferSize,
      otherList: this.#otherList,
    };
  }

  #common(letter: string, arg: string | undefined): void {
    if (COMMANDS.includes(letter)) this.#setCommand(letter, arg);
    else if ('sdrq[]{}'.includes(letter)) this.#address(letter, arg ?? '');
    else if ('ngj'.includes(letter)) this.#nat(letter, arg);
    else if ('l<>'.includes(letter)) this.#label(letter, arg);
    else if (letter === 'a') this.#ctx.warn('WARNING: ignoring -a, deprecated option.\n');
    else {
      this.#given.add(letter);
      this.#value(letter, arg ?? '');
    }
  }

  /** `check_type()`: an argument in the same word says nothing. */
  #table(arg: string | undefined): (typeof TABLES)[number] {
    const word = arg === undefined ? this.#opt.takeWord() : undefined;
    if (word === undefined) return 'conntrack';
    const table = TABLES.find((t) => t.startsWith(word));
    if (table === undefined) throw parameterProblem(`unknown type \`${word}'`);
    return table;
  }

  #setCommand(letter: string, arg: string | undefined): void {
    const table = this.#table(arg);
    const other = table === 'dying' || table === 'unconfirmed';
    if (other && letter !== 'L')
      throw parameterProblem("Can't do that command with tables `dying' and `unconfirmed'");
    const isExpect = table === 'expect';
    if (isExpect && 'UA'.includes(letter))
      throw parameterProblem(`Can't do --${longName(letter)} on expectations`);
    if (this.#command !== undefined) throw parameterProblem('Invalid commands combination');
    const plain = !isExpect || 'Vh'.includes(letter);
    this.#command = (plain ? letter : `X${letter}`) as Command;
    this.#otherList = other;
  }

  #setFamily(family: Family): void {
    if (this.#family !== undefined && this.#family !== family)
      throw parameterProblem('mismatched address family');
    this.#family = family;
  }

  /** `nfct_parse_addr_from_opt()` */
  #readAddress(letter: string, text: string): { addr: InetAddr; plen: number | undefined } {
    const value = parseAddress(text);
    if (value === undefined) throw parameterProblem(`Invalid IP address \`${text}'`);
    this.#setFamily(familyOf(value.addr));
    if (value.plen !== undefined && !'sd[]'.includes(letter))
      throw parameterProblem(`CIDR notation unavailable for \`--${longName(letter)}'`);
    if (value.plen === -1) throw parameterProblem('Invalid netmask');
    this.#given.add(letter);
    return value;
  }

  #address(letter: string, text: string): void {
    const { addr, plen } = this.#readAddress(letter, text);
    this.#setEnd(letter, addr);
    if (plen === undefined || plen === (typeof addr === 'number' ? 32 : 128)) return;
    const maskLetter = 's['.includes(letter) ? '{' : '}';
    this.#given.add(maskLetter);
    this.#setEnd(maskLetter, maskOf(addr, plen));
  }

  #setEnd(letter: string, addr: InetAddr): void {
    const { orig, reply, exp, mask } = this.#t;
    const of: TupleWish = 'sd'.includes(letter)
      ? orig
      : 'rq'.includes(letter)
        ? reply
        : '[]'.includes(letter)
          ? exp
          : mask;
    if ('sr[{'.includes(letter)) of.src = addr;
    else of.dst = addr;
    of.family = familyOf(addr);
  }

  #nat(letter: string, arg: string | undefined): void {
    this.#given.add(letter);
    const word = arg === undefined ? this.#opt.takeWord() : undefined;
    if (word === undefined) return;
    const { host, port } = splitPort(word);
    const { addr } = this.#readAddress(letter, host);
    const t = this.#t;
    if (letter !== 'j') t.orig.family = familyOf(addr);
    else if (typeof addr === 'number') t.spoilt = true;
    const end = { addr, ...(port === undefined ? {} : { port }) };
    if (letter !== 'g') t.snat = { ...t.snat, ...end };
    if (letter !== 'n') t.dnat = { ...t.dnat, ...end };
  }

  #label(letter: string, arg: string | undefined): void {
    this.#given.add(letter);
    this.#ctx.loadLabels();
    if (this.#given.has('<') && this.#given.has('>'))
      throw new ConntrackError(
        OTHER_PROBLEM,
        'cannot use --label-add and --label-del at the same time',
      );
    const name = letter === '>' ? this.#opt.takeWord() : arg;
    if (name !== undefined)
      throw parameterProblem(`unknown label '${name.split(',', 1)[0] ?? ''}'`);
  }

  #value(letter: string, arg: string): void {
    const t = this.#t;
    switch (letter) {
      case 'p':
        this.#setProtocol(arg);
        break;
      case 't':
        t.timeout = atolU32(arg);
        break;
      case 'u':
        this.#status(arg);
        break;
      case 'e':
        this.#events |= parseBits(arg, EVENT_BITS, this.#ctx.warn);
        break;
      case 'o':
        this.#setOutput(arg);
        break;
      case 'w':
        t.zone = strtoul(arg) & 0xffff;
        break;
      case '(':
        t.origZone = strtoul(arg) & 0xffff;
        break;
      case ')':
        t.replyZone = strtoul(arg) & 0xffff;
        break;
      case 'i':
        t.id = strtoul(arg);
        break;
      case 'm':
        t.mark = parseMark(arg);
        break;
      case 'f':
        this.#familyWord(arg);
        break;
      case 'b':
        this.#bufferSize = atolU32(arg);
        break;
    }
  }

  #setProtocol(arg: string): void {
    this.#protocol = findProtocol(arg, this.#ctx.protocolNumber);
    if (this.#protocol === undefined) throw parameterProblem(`\`${arg}' unsupported protocol`);
    this.#t.orig.proto = this.#protocol.number;
  }

  /** What -u says also takes the place of the value that an -m before it gave. */
  #status(arg: string): void {
    const { status, mask } = parseStatus(arg, this.#ctx.warn);
    const t = this.#t;
    t.status = (t.status ?? 0) | status;
    t.statusMask |= mask;
    if (t.statusMask === 0) t.statusMask = t.status;
    t.mark = { ...t.mark, value: t.status };
  }

  #setOutput(arg: string): void {
    this.#output |= parseBits(arg, OUTPUT_BITS, this.#ctx.warn);
    if ((this.#output & O_LABELS) !== 0) this.#ctx.loadLabels();
    if ((this.#output & O_SAVE) !== 0 && (this.#output & NOT_WITH_SAVE) !== 0)
      throw new ConntrackError(
        OTHER_PROBLEM,
        'cannot combine save output with any other output type, use -o save only',
      );
  }

  #familyWord(arg: string): void {
    if (arg.startsWith('ipv4')) this.#setFamily('inet');
    else if (arg.startsWith('ipv6')) this.#setFamily('inet6');
    else throw parameterProblem(`\`${arg}' unsupported protocol`);
  }
}

/** Reads the words after the program's name. @throws {@link ConntrackError} */
export function parseCommandLine(args: readonly string[], ctx: ParseContext): CommandLine {
  return new Parser(args, ctx).parse();
}
