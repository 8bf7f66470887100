import { type Nanos, SEC } from '@labwire/core/sim';
import type { Family } from '@labwire/devices/rtnetlink';
import { type GetoptTable, type OptionFound, parseLong, serviceByName } from '../libc-net/index.ts';
import type { FileSystem } from '../machine/index.ts';
import { NC_HELP } from './usage.ts';

/** What the command line of nc asks for. */
export interface NcOptions {
  family: Family | undefined;
  broadcast: boolean;
  crlf: boolean;
  noStdin: boolean;
  interval: Nanos;
  keep: boolean;
  listen: boolean;
  ttl: number | undefined;
  shutdown: boolean;
  numeric: boolean;
  sndBuf: number | undefined;
  rcvBuf: number | undefined;
  localPort: string | undefined;
  /** Seconds after the end of standard input; undefined: never. */
  quitAfter: number | undefined;
  randomPorts: boolean;
  source: string | undefined;
  tos: number | undefined;
  udp: boolean;
  /** Sockets with paths in place of hosts and ports. */
  unix: boolean;
  verbose: boolean;
  recvLimit: number;
  timeout: Nanos | undefined;
  zero: boolean;
}

/** nc says this and exits with 1. */
export class NcError extends Error {}

const REFUSED: Readonly<Record<string, string>> = {
  F: 'passing descriptors',
  P: 'proxies',
  S: 'TCP MD5 signatures',
  X: 'proxies',
  Z: 'DCCP',
  m: 'a minimum TTL',
  t: 'TELNET negotiation',
  x: 'proxies',
};

/** What nc's command line may hold. */
export const NC_OPTIONS: GetoptTable = {
  letters: '46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz',
  usage: NC_HELP,
  refused: Object.keys(REFUSED),
};

const TOS: Readonly<Record<string, number>> = {
  critical: 0xa0,
  inetcontrol: 0xc0,
  lowcost: 0x02,
  lowdelay: 0x10,
  netcontrol: 0xe0,
  reliability: 0x04,
  throughput: 0x08,
};

/** A number within limits, as strtonum(3) reads it. */
function number(text: string, min: number, max: number, what: string): number {
  const value = parseLong(text);
  if (value === undefined) throw new NcError(`${what} invalid: ${text}`);
  if (value < min) throw new NcError(`${what} too small: ${text}`);
  if (value > max) throw new NcError(`${what} too large: ${text}`);
  return value;
}

function tosValue(text: string): number {
  const value = TOS[text] ?? (/^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined);
  if (value === undefined || value > 255) throw new NcError(`illegal tos value ${text}`);
  return value;
}

function defaults(): NcOptions {
  return {
    family: undefined,
    broadcast: false,
    crlf: false,
    noStdin: false,
    interval: 0,
    keep: false,
    listen: false,
    ttl: undefined,
    shutdown: false,
    numeric: false,
    sndBuf: undefined,
    rcvBuf: undefined,
    localPort: undefined,
    quitAfter: undefined,
    randomPorts: false,
    source: undefined,
    tos: undefined,
    udp: false,
    unix: false,
    verbose: false,
    recvLimit: 0,
    timeout: undefined,
    zero: false,
  };
}

const INT_MAX = 2_147_483_647;

function apply(o: NcOptions, opt: string, arg: string): void {
  switch (opt) {
    case '4':
      o.family = 'inet';
      break;
    case '6':
      o.family = 'inet6';
      break;
    case 'b':
      o.broadcast = true;
      break;
    case 'C':
      o.crlf = true;
      break;
    case 'd':
      o.noStdin = true;
      break;
    case 'I':
      o.rcvBuf = number(arg, 1, 65_536, 'TCP receive window');
      break;
    case 'i':
      o.interval = number(arg, 0, INT_MAX, 'interval') * SEC;
      break;
    case 'k':
      o.keep = true;
      break;
    case 'l':
      o.listen = true;
      break;
    case 'M':
      o.ttl = number(arg, 0, 255, 'ttl');
      break;
    case 'N':
      o.shutdown = true;
      break;
    case 'n':
      o.numeric = true;
      break;
    case 'O':
      o.sndBuf = number(arg, 1, 65_536, 'TCP send window');
      break;
    case 'p':
      o.localPort = arg;
      break;
    case 'q':
      o.quitAfter = number(arg, -INT_MAX, INT_MAX, 'quit timer');
      if (o.quitAfter < 0) o.quitAfter = undefined;
      break;
    case 'r':
      o.randomPorts = true;
      break;
    case 's':
      o.source = arg;
      break;
    case 'T':
      o.tos = tosValue(arg);
      break;
    case 'U':
      o.unix = true;
      break;
    case 'u':
      o.udp = true;
      break;
    case 'V':
      throw new NcError('no alternate routing table support available');
    case 'v':
      o.verbose = true;
      break;
    case 'W':
      o.recvLimit = number(arg, 1, INT_MAX, 'receive limit');
      break;
    case 'w':
      o.timeout = number(arg, 0, INT_MAX / 1000, 'timeout') * SEC;
      break;
    case 'z':
      o.zero = true;
      break;
    default:
  }
}

/** Puts the options together. @throws NcError */
export function readNcOptions(found: readonly OptionFound[]): NcOptions {
  const o = defaults();
  for (const { opt, arg = '' } of found) {
    const refused = REFUSED[opt];
    if (refused !== undefined) throw new NcError(`-${opt}: ${refused}: not supported here`);
    apply(o, opt, arg);
  }
  return o;
}

/** One port by number or name. @throws NcError */
export function parsePort(fs: FileSystem, text: string, o: NcOptions): number {
  const service = serviceByName(fs, text, o.udp ? 'udp' : 'tcp');
  return service?.port ?? number(text, 1, 65_535, 'port number');
}

/** The ports of an operand: one, or a range, from the lowest on. build_ports() @throws NcError */
export function parsePorts(
  fs: FileSystem,
  text: string,
  o: NcOptions,
  shuffle: (n: number) => number,
): number[] {
  const dash = text.indexOf('-');
  const named = serviceByName(fs, text, o.udp ? 'udp' : 'tcp');
  if (named !== undefined || dash < 0) return [parsePort(fs, text, o)];
  const first = parsePort(fs, text.slice(0, dash), o);
  const second = parsePort(fs, text.slice(dash + 1), o);
  const [low, high] = first <= second ? [first, second] : [second, first];
  const ports = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  if (o.randomPorts) for (let i = ports.length - 1; i > 0; i--) swap(ports, i, shuffle(i + 1));
  return ports;
}

function swap(list: number[], i: number, j: number): void {
  [list[i], list[j]] = [list[j] as number, list[i] as number];
}
