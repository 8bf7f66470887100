import { type Errno, strerror } from '@labwire/core/error';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { Family } from '@labwire/devices/rtnetlink';
import { type GetoptTable, strtod } from '../libc-net/index.ts';

/** How traceroute probes: UDP to rising ports, ICMP echo, TCP SYN, UDP to one port. */
export type Method = 'default' | 'icmp' | 'tcp' | 'udp';

/** What the command line of traceroute asks for. */
export interface TracerouteOptions {
  family: Family | undefined;
  method: Method;
  first: number;
  device: string | undefined;
  max: number;
  atOnce: number;
  numeric: boolean;
  port: number | undefined;
  tos: number;
  wait: Nanos;
  /** How often the time of another answer, of the same hop and of a later one, a probe may take. */
  here: number;
  near: number;
  queries: number;
  source: string | undefined;
  /** Hosts that the way is to lead by, in order. */
  gateways: string[];
  sendWait: Nanos;
  dontFragment: boolean;
  host: string;
  packetLength: number | undefined;
}

/** traceroute prints this and exits with 2, for what it was asked. */
export class TracerouteError extends Error {
  readonly status: number = 2;
}

/** A system call that failed: traceroute exits with 1. */
export class CallError extends TracerouteError {
  override readonly status = 1;

  constructor(call: string, errno: Errno) {
    super(`${call}: ${strerror(errno)}`);
  }
}

/** `help`, or the version, is asked for. */
export type Request = TracerouteOptions | 'help' | 'version';

/** Options with an argument, by letter, and what it is called. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  f: 'first_ttl',
  g: 'gate,...',
  i: 'device',
  m: 'max_ttl',
  N: 'squeries',
  p: 'port',
  t: 'tos',
  l: 'flow_label',
  w: 'MAX,HERE,NEAR',
  q: 'nqueries',
  s: 'src_addr',
  z: 'sendwait',
  M: 'name',
  O: 'OPTS,...',
  P: 'prot',
};
const FLAGS = '46dFITnreAUDV';
const LONGS: Readonly<Record<string, string>> = {
  debug: 'd',
  'dont-fragment': 'F',
  first: 'f',
  flowlabel: 'l',
  gateway: 'g',
  icmp: 'I',
  tcp: 'T',
  interface: 'i',
  'max-hops': 'm',
  module: 'M',
  options: 'O',
  'sim-queries': 'N',
  port: 'p',
  protocol: 'P',
  tos: 't',
  wait: 'w',
  queries: 'q',
  source: 's',
  sendwait: 'z',
  udp: 'U',
  version: 'V',
  extensions: 'e',
};
const REFUSED: Readonly<Record<string, string>> = {
  A: 'looking up autonomous systems',
  D: 'DCCP',
  O: 'module options',
  P: 'raw protocols',
  l: 'flow labels',
  r: 'bypassing the routing tables',
};
/** What traceroute can be told. */
export const TRACEROUTE_OPTIONS: GetoptTable = {
  letters: `${FLAGS}${Object.keys(ARGUMENTS)
    .map((letter) => `${letter}:`)
    .join('')}`,
  longs: Object.entries(LONGS).map(([name, key]) => ({
    name,
    key,
    arg: ARGUMENTS[key] === undefined ? 'no' : 'required',
  })),
  usage: Object.entries(ARGUMENTS)
    .map(([letter, arg]) => `-${letter} ${arg}  \n`)
    .join(''),
  refused: Object.keys(REFUSED),
};
const MAX_PACKET = 65_000;

/** What is done if nothing is asked for. */
export function defaultTrace(): TracerouteOptions {
  return {
    family: undefined,
    method: 'default',
    first: 1,
    device: undefined,
    max: 30,
    atOnce: 16,
    numeric: false,
    port: undefined,
    tos: 0,
    wait: 5 * SEC,
    here: 3,
    near: 10,
    queries: 3,
    source: undefined,
    gateways: [],
    sendWait: 0,
    dontFragment: false,
    host: '',
    packetLength: undefined,
  };
}

const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/i;

function number(text: string, written: string, at: number): number {
  if (!NUMBER.test(text))
    throw new TracerouteError(
      `Cannot handle \`${written}' option with arg \`${text}' (argc ${at})`,
    );
  return Number(text);
}

function fraction(text: string, written: string, at: number): number {
  const { value, rest } = strtod(text);
  if (rest !== '' || text === '')
    throw new TracerouteError(
      `Cannot handle \`${written}' option with arg \`${text}' (argc ${at})`,
    );
  return value;
}

function setWait(o: TracerouteOptions, text: string, written: string, at: number): void {
  const [max = 5, here = 3, near = 10] = text.split(',').map((t) => fraction(t, written, at));
  if (max < 0 || here < 0 || near < 0)
    throw new TracerouteError(`bad wait specifications \`${text}' used`);
  o.wait = Math.round(max * SEC);
  o.here = here;
  o.near = near;
}

/** MAX_GATEWAYS_4 */
const MAX_GATEWAYS = 8;

function addGateways(o: TracerouteOptions, text: string): void {
  o.gateways.push(...text.split(/[,+]/).filter((host) => host !== ''));
  if (o.gateways.length > MAX_GATEWAYS)
    throw new TracerouteError(`Too many gateways specified. No more than ${MAX_GATEWAYS}`);
}

function apply(o: TracerouteOptions, { opt, arg, written, at }: Found): void {
  const n = () => number(arg, written, at);
  switch (opt) {
    case '4':
      o.family = 'inet';
      break;
    case '6':
      o.family = 'inet6';
      break;
    case 'F':
      o.dontFragment = true;
      break;
    case 'f':
      o.first = n();
      break;
    case 'I':
      o.method = 'icmp';
      break;
    case 'T':
      o.method = 'tcp';
      break;
    case 'U':
      o.method = 'udp';
      break;
    case 'M':
      if (arg !== 'icmp' && arg !== 'tcp' && arg !== 'udp' && arg !== 'default')
        throw new TracerouteError(`Unknown traceroute module ${arg}`);
      o.method = arg;
      break;
    case 'i':
      o.device = arg;
      break;
    case 'm':
      o.max = n();
      break;
    case 'N':
      o.atOnce = n();
      break;
    case 'n':
      o.numeric = true;
      break;
    case 'p':
      o.port = n();
      break;
    case 't':
      o.tos = n();
      break;
    case 'w':
      setWait(o, arg, written, at);
      break;
    case 'q':
      o.queries = n();
      break;
    case 'g':
      addGateways(o, arg);
      break;
    case 's':
      o.source = arg;
      break;
    case 'z': {
      const value = fraction(arg, written, at);
      o.sendWait = Math.round(value * (value > 10 ? MS : SEC));
      break;
    }
    default:
  }
}

function check(o: TracerouteOptions): void {
  if (o.first < 1 || o.first > o.max) throw new TracerouteError('first hop out of range');
  if (o.max > 255) throw new TracerouteError('max hops cannot be more than 255');
  if (o.queries < 1 || o.queries > 10) throw new TracerouteError('no more than 10 probes per hop');
  if (o.packetLength !== undefined && o.packetLength > MAX_PACKET)
    throw new TracerouteError(`too big packetlen ${o.packetLength} specified`);
}

/** One option of the command line: its letter, how it was written, its argument, and which word that is. */
interface Found {
  readonly opt: string;
  readonly written: string;
  readonly arg: string;
  readonly at: number;
}

function refuseUnsupported(opt: string): void {
  const refused = REFUSED[opt];
  if (refused !== undefined)
    throw new TracerouteError(`Option \`-${opt}': ${refused}: not supported here`);
}

function longOption(word: string, at: number): Found {
  const [, name = '', arg] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
  const opt = LONGS[name];
  const kind = opt === undefined ? undefined : ARGUMENTS[opt];
  if (opt === undefined || (arg !== undefined && kind === undefined)) {
    const given = arg === undefined ? '' : ` (with arg \`${arg}')`;
    throw new TracerouteError(`Bad option \`${word}'${given} (argc ${at})`);
  }
  const written = `--${name}`;
  if (kind !== undefined && arg === undefined)
    throw new TracerouteError(
      `Option \`${written}' (argc ${at}) requires an argument: \`${written}=${kind}'`,
    );
  return { opt, written, arg: arg ?? '', at };
}

/** The options of one word of letters; the last may take the next word for its argument. */
function letterOptions(word: string, at: number, next: string | undefined): Found[] {
  const found: Found[] = [];
  for (let k = 1; k < word.length; k++) {
    const opt = word[k] as string;
    const written = `-${opt}`;
    const kind = ARGUMENTS[opt];
    if (kind === undefined) {
      if (!FLAGS.includes(opt)) throw new TracerouteError(`Bad option \`${written}' (argc ${at})`);
      found.push({ opt, written, arg: '', at });
      continue;
    }
    const rest = word.slice(k + 1);
    const arg = rest === '' ? next : rest;
    if (arg === undefined)
      throw new TracerouteError(
        `Option \`${written}' (argc ${at}) requires an argument: \`${written} ${kind}'`,
      );
    found.push({ opt, written, arg, at: rest === '' ? at + 1 : at });
    break;
  }
  return found;
}

/** The host and the length of the packets. */
function setOperands(o: TracerouteOptions, operands: readonly (readonly [string, number])[]): void {
  const [host, length, extra] = operands;
  if (extra !== undefined)
    throw new TracerouteError(`Extra arg \`${extra[0]}' (position 3, argc ${extra[1]})`);
  if (host !== undefined) [o.host] = host;
  if (length === undefined) return;
  const [text, at] = length;
  if (!NUMBER.test(text))
    throw new TracerouteError(
      `Cannot handle "packetlen" cmdline arg \`${text}' on position 2 (argc ${at})`,
    );
  o.packetLength = Number(text);
}

/** Parses the command line of a program of this name. Extensions (`-e`) are never there to be shown. @throws TracerouteError */
export function parseArgs(name: string, args: readonly string[]): Request {
  const o = defaultTrace();
  if (/6(\.db)?$/.test(name)) o.family = 'inet6';
  const operands: (readonly [string, number])[] = [];
  for (let at = 1; at <= args.length; at++) {
    const word = args[at - 1] as string;
    if (word === '--help') return 'help';
    if (!word.startsWith('-') || word === '-') {
      operands.push([word, at]);
      continue;
    }
    const found = word.startsWith('--')
      ? [longOption(word, at)]
      : letterOptions(word, at, args[at]);
    for (const option of found) {
      refuseUnsupported(option.opt);
      if (option.opt === 'V') return 'version';
      apply(o, option);
    }
    at = found.at(-1)?.at ?? at;
  }
  setOperands(o, operands);
  if (operands.length === 0) return 'help';
  check(o);
  return o;
}
