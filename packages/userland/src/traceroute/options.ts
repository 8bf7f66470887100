import { type Errno, strerror } from '@labwire/core/error';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { Family } from '@labwire/devices/rtnetlink';
import { strtod } from '../libc-net/index.ts';

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

/** Options with an argument, by letter. */
const WITH_ARG = 'fgimNptlwqszMOP';
const FLAGS = '46dFITnreAUDV';
const LONGS: Readonly<Record<string, string>> = {
  debug: 'd',
  'dont-fragment': 'F',
  first: 'f',
  gateway: 'g',
  icmp: 'I',
  tcp: 'T',
  interface: 'i',
  'max-hops': 'm',
  'sim-queries': 'N',
  port: 'p',
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
  e: 'ICMP extensions',
  g: 'source routes',
  l: 'flow labels',
  r: 'bypassing the routing tables',
};
const MAX_PACKET = 65_000;

function defaults(): TracerouteOptions {
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
    sendWait: 0,
    dontFragment: false,
    host: '',
    packetLength: undefined,
  };
}

function number(text: string, written: string, at: number): number {
  if (!/^(?:0x[0-9a-f]+|\d+)$/i.test(text))
    throw new TracerouteError(
      `Cannot handle \`${written}' option with arg \`${text}' (argc ${at})`,
    );
  return Number(text);
}

function setWait(o: TracerouteOptions, text: string): void {
  const [max = 5, here = 3, near = 10] = text.split(',').map((t) => strtod(t).value);
  if (max < 0 || here < 0 || near < 0)
    throw new TracerouteError(`bad wait specifications \`${text}' used`);
  o.wait = Math.round(max * SEC);
  o.here = here;
  o.near = near;
}

function apply(o: TracerouteOptions, opt: string, arg: string, written: string, at: number): void {
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
      setWait(o, arg);
      break;
    case 'q':
      o.queries = n();
      break;
    case 's':
      o.source = arg;
      break;
    case 'z': {
      const { value } = strtod(arg);
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

/** Parses the command line. @throws TracerouteError */
export function parseArgs(args: readonly string[]): Request {
  const o = defaults();
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === '--help') return 'help';
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const long = /^--([^=]+)(?:=(.*))?$/.exec(word);
    const letters = long === null ? word.slice(1) : (LONGS[long[1] as string] ?? '');
    if (letters === '') throw new TracerouteError(`Bad option \`${word}' (argc ${i + 1})`);
    for (let k = 0; k < letters.length; k++) {
      const opt = letters[k] as string;
      const refused = REFUSED[opt];
      if (refused !== undefined)
        throw new TracerouteError(`Option \`-${opt}': ${refused}: not supported here`);
      if (opt === 'V') return 'version';
      if (FLAGS.includes(opt)) {
        apply(o, opt, '', word, i + 1);
        continue;
      }
      if (!WITH_ARG.includes(opt))
        throw new TracerouteError(`Bad option \`-${opt}' (argc ${i + 1})`);
      const rest = letters.slice(k + 1);
      const arg = long?.[2] ?? (rest === '' ? args[++i] : rest);
      if (arg === undefined)
        throw new TracerouteError(`Option \`${word}' (argc ${i}) requires an argument: \`${opt}'`);
      apply(o, opt, arg, word, i);
      break;
    }
  }
  const [host, length] = operands;
  if (host === undefined) return 'help';
  o.host = host;
  if (length !== undefined) o.packetLength = number(length, 'packetlen', args.length);
  check(o);
  return o;
}
