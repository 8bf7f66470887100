import { parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import { type GetoptTable, LONG_MAX_TEXT, type OptionFound, strtod } from '../libc-net/index.ts';
import { TIMESTAMP_TYPES } from './ping-ip-options.ts';
import { PING_USAGE } from './ping-usage.ts';
import { numberOption, ProgramError } from './program-error.ts';

/** Path MTU discovery: IP_MTU_DISCOVER. */
export type PmtuDisc = 'do' | 'dont' | 'want';

/** What the command line of ping asks for; times in milliseconds where not said otherwise. */
export interface PingOptions {
  family: Family | undefined;
  adaptive: boolean;
  audible: boolean;
  broadcast: boolean;
  strictSource: boolean;
  connect: boolean;
  count: number;
  timestamps: boolean;
  /** -1: the kernel chooses. */
  ident: number;
  flood: boolean;
  interval: number;
  intervalGiven: boolean;
  source: InetAddr | undefined;
  sourceScope: string | undefined;
  device: string | undefined;
  preload: number;
  noLoop: boolean;
  mark: number | undefined;
  pmtuDisc: PmtuDisc | undefined;
  numeric: boolean;
  outstanding: boolean;
  pattern: string | undefined;
  quiet: boolean;
  tos: number;
  size: number;
  sndBuf: number;
  /** -R */
  recordRoute: boolean;
  /** -T: IPOPT_TS_*. */
  timestampType: number | undefined;
  ttl: number | undefined;
  latency: boolean;
  verbose: boolean;
  /** Seconds; 0: none. */
  deadline: number;
  linger: number;
}

/** Two instances of ping by root may be this close together, in milliseconds; others not below 2. */
export const MIN_USER_INTERVAL = 2;
const INT_MAX = 2_147_483_647;
/** MAX_DUP_CHK: sequence numbers that are told apart. */
const MAX_DUP_CHK = 0x10000;
const DEFAULT_LINGER = 10_000;

/** The options of a ping without any. */
export function defaultPingOptions(): PingOptions {
  return {
    family: undefined,
    adaptive: false,
    audible: false,
    broadcast: false,
    strictSource: false,
    connect: false,
    count: 0,
    timestamps: false,
    ident: -1,
    flood: false,
    interval: 1000,
    intervalGiven: false,
    source: undefined,
    sourceScope: undefined,
    device: undefined,
    preload: 1,
    noLoop: false,
    mark: undefined,
    pmtuDisc: undefined,
    numeric: false,
    outstanding: false,
    pattern: undefined,
    quiet: false,
    tos: 0,
    size: 56,
    sndBuf: 0,
    recordRoute: false,
    timestampType: undefined,
    ttl: undefined,
    latency: false,
    verbose: false,
    deadline: 0,
    linger: DEFAULT_LINGER,
  };
}

/** Options of ping that are recognised and refused, with what they would do. */
const REFUSED: Readonly<Record<string, string>> = {
  F: 'flow labels',
  N: 'ICMPv6 node information',
  r: 'bypassing the routing tables',
};

/** What ping's command line may hold. */
export const PING_OPTIONS: GetoptTable = {
  letters: 'h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:',
  usage: PING_USAGE,
  refused: Object.keys(REFUSED),
};

/** A number of seconds, complained about but taken when something follows it. ping.c, ping_strtod() */
function seconds(text: string, what: string, complaints: string[]): number {
  const { value, rest } = strtod(text);
  if (text === '') throw new ProgramError(2, `${what}: `, 'ERANGE');
  if (rest !== '') {
    complaints.push(`option argument contains garbage: ${rest}`);
    complaints.push('this will become fatal error in the future');
  }
  if (!Number.isFinite(value)) throw new ProgramError(2, `${what}: ${text}`, 'ERANGE');
  return value;
}

function setFamily(o: PingOptions, family: Family): void {
  if (o.family !== undefined && o.family !== family)
    throw new ProgramError(2, 'only one -4 or -6 option may be specified');
  o.family = family;
}

function setInterface(o: PingOptions, text: string): void {
  if (text.includes(':')) {
    const [addr = '', zone] = text.split('%');
    const source = parseIpv6(addr);
    if (source === undefined) throw new ProgramError(2, `invalid source address: ${text}`);
    o.source = source;
    if (zone !== undefined) o.device = zone;
    o.strictSource = true;
    return;
  }
  const source = parseIpv4(text);
  if (source === undefined) o.device = text;
  else {
    o.source = source;
    o.strictSource = true;
  }
}

function parseTos(text: string): number {
  const m = /^(?:0[xX]([0-9a-fA-F]+)|(\d+))$/.exec(text);
  if (m === null) throw new ProgramError(2, `bad TOS value: ${text}`);
  const tos = m[1] === undefined ? Number(m[2]) : Number.parseInt(m[1], 16);
  if (tos > 255)
    throw new ProgramError(2, `the decimal value of TOS bits must be in range 0-255: ${tos}`);
  return tos;
}

function setTimestamps(o: PingOptions, text: string): void {
  if (o.recordRoute) throw new ProgramError(2, 'only one of -T or -R may be used');
  const type = TIMESTAMP_TYPES[text];
  if (type === undefined) throw new ProgramError(2, `invalid timestamp type: ${text}`);
  o.timestampType = type;
}

function parsePmtuDisc(text: string): PmtuDisc {
  if (text === 'do' || text === 'dont' || text === 'want') return text;
  throw new ProgramError(2, `invalid -M argument: ${text}`);
}

const FLAGS: Readonly<Record<string, (o: PingOptions) => void>> = {
  '4': (o) => setFamily(o, 'inet'),
  '6': (o) => setFamily(o, 'inet6'),
  a: (o) => {
    o.audible = true;
  },
  A: (o) => {
    o.adaptive = true;
  },
  b: (o) => {
    o.broadcast = true;
  },
  B: (o) => {
    o.strictSource = true;
  },
  C: (o) => {
    o.connect = true;
  },
  d: () => {}, // SO_DEBUG has no effect on ICMP sockets
  D: (o) => {
    o.timestamps = true;
  },
  f: (o) => {
    o.flood = true;
    o.numeric = true;
  },
  L: (o) => {
    o.noLoop = true;
  },
  n: (o) => {
    o.numeric = true;
  },
  O: (o) => {
    o.outstanding = true;
  },
  q: (o) => {
    o.quiet = true;
  },
  R: (o) => {
    if (o.timestampType !== undefined)
      throw new ProgramError(2, 'only one of -T or -R may be used');
    o.recordRoute = true;
  },
  U: (o) => {
    o.latency = true;
  },
  v: (o) => {
    o.verbose = true;
  },
};

function setValue(
  o: PingOptions,
  opt: string,
  arg: string,
  uid: number,
  complaints: string[],
): void {
  switch (opt) {
    case 'c':
      o.count = numberOption(arg, 1, 2 ** 63, LONG_MAX_TEXT);
      break;
    case 'e':
      o.ident = numberOption(arg, 0, 0xffff);
      break;
    case 'i': {
      const value = seconds(arg, 'bad timing interval', complaints);
      if (value > INT_MAX / 1000) throw new ProgramError(2, `bad timing interval: ${arg}`);
      o.interval = Math.trunc(value * 1000);
      o.intervalGiven = true;
      break;
    }
    case 'I':
      setInterface(o, arg);
      break;
    case 'l':
      o.preload = numberOption(arg, 1, MAX_DUP_CHK);
      if (uid !== 0 && o.preload > 3)
        throw new ProgramError(2, `cannot set preload to value greater than 3: ${o.preload}`);
      break;
    case 'm':
      o.mark = numberOption(arg, 0, 0xffff_ffff);
      break;
    case 'M':
      o.pmtuDisc = parsePmtuDisc(arg);
      break;
    case 'p':
      o.pattern = arg;
      break;
    case 'Q':
      o.tos = parseTos(arg);
      break;
    case 's':
      o.size = numberOption(arg, 0, INT_MAX);
      break;
    case 'S':
      o.sndBuf = numberOption(arg, 1, INT_MAX);
      break;
    case 'T':
      setTimestamps(o, arg);
      break;
    case 't':
      o.ttl = numberOption(arg, 0, 255);
      break;
    case 'w':
      o.deadline = numberOption(arg, 0, INT_MAX);
      break;
    case 'W': {
      const value = seconds(arg, 'bad linger time', complaints);
      if (value < 0 || value > INT_MAX / 1000) throw new ProgramError(2, `bad linger time: ${arg}`);
      o.linger = Math.trunc(value * 1000);
      break;
    }
    default:
  }
}

/**
 * Takes options in the order in which they were given.
 * @param complaints gets what is only warned of
 * @throws ProgramError
 */
export function readPingOptions(
  found: readonly OptionFound[],
  uid: number,
  complaints: string[],
): PingOptions {
  const o = defaultPingOptions();
  for (const { opt, arg } of found) {
    const refused = REFUSED[opt];
    if (refused !== undefined)
      throw new ProgramError(2, `-${opt}: ${refused} is not supported; ping without it`);
    const flag = FLAGS[opt];
    if (flag !== undefined) flag(o);
    else setValue(o, opt, arg ?? '', uid, complaints);
  }
  return o;
}
