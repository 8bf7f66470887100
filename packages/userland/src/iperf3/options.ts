import {
  atoi,
  type GetoptTable,
  getopt,
  type LongOption,
  type OptionFound,
} from '../libc-net/index.ts';
import { parseDscp } from './dscp.ts';
import { IperfError } from './errors.ts';
import { parseRate, parseSize } from './units.ts';

/** What the command line, and for a server the client, says of a test. Source: iperf.h, struct iperf_settings and iperf_test. */
export interface IperfOptions {
  role: 'c' | 's' | undefined;
  protocol: 'TCP' | 'UDP';
  host: string;
  port: number;
  family: 'inet' | 'inet6' | undefined;
  bind: string | undefined;
  bindDev: string | undefined;
  clientPort: number;
  /** `a` for what fits. */
  format: string;
  /** Seconds; 0 for none. */
  interval: number;
  verbose: boolean;
  json: boolean;
  logfile: string | undefined;
  pidfile: string | undefined;
  daemon: boolean;
  oneOff: boolean;
  /** Seconds; 0 for none. */
  idleTimeout: number;
  /** Milliseconds. */
  connectTimeout: number | undefined;
  /** Milliseconds. */
  rcvTimeout: number;
  /** Milliseconds; 0 for the kernel's. */
  sndTimeout: number;
  /** Seconds. */
  duration: number;
  omit: number;
  bytes: number;
  blocks: number;
  /** Bytes of a write; 0 for what the control connection's MSS says. */
  blksize: number;
  streams: number;
  reverse: boolean;
  bidirectional: boolean;
  window: number;
  mss: number;
  nodelay: boolean;
  congestion: string | undefined;
  tos: number;
  zerocopy: boolean;
  /** Bits per second; 0 for none. */
  rate: number;
  burst: number;
  /** Microseconds. */
  pacingTimer: number;
  title: string | undefined;
  extraData: string | undefined;
  getServerOutput: boolean;
  counters64: boolean;
  repeatingPayload: boolean;
  dontFragment: boolean;
}

/** Settings of a new test. iperf_defaults() */
export function defaultOptions(): IperfOptions {
  return {
    role: undefined,
    protocol: 'TCP',
    host: '',
    port: 5201,
    family: undefined,
    bind: undefined,
    bindDev: undefined,
    clientPort: 0,
    format: 'a',
    interval: 1,
    verbose: false,
    json: false,
    logfile: undefined,
    pidfile: undefined,
    daemon: false,
    oneOff: false,
    idleTimeout: 0,
    connectTimeout: undefined,
    rcvTimeout: 120_000,
    sndTimeout: 0,
    duration: 10,
    omit: 0,
    bytes: 0,
    blocks: 0,
    blksize: TCP_BLKSIZE,
    streams: 1,
    reverse: false,
    bidirectional: false,
    window: 0,
    mss: 0,
    nodelay: false,
    congestion: undefined,
    tos: 0,
    zerocopy: false,
    rate: 0,
    burst: 0,
    pacingTimer: 1000,
    title: undefined,
    extraData: undefined,
    getServerOutput: false,
    counters64: false,
    repeatingPayload: false,
    dontFragment: false,
  };
}

const KB = 1024;
const TCP_BLKSIZE = 128 * KB;
const MAX_BLKSIZE = KB * KB;
const MIN_UDP_BLKSIZE = 16;
const MAX_UDP_BLKSIZE = 65_507;
const UDP_RATE = KB * KB;
const MAX_TIME = 86_400;
const MAX_WINDOW = 512 * KB * KB;

const SHORT = 'p:f:i:D1VJvsc:ub:t:n:k:l:P:Rw:B:M:N46S:L:ZO:F:A:T:C:dI:hX:';

const long = (name: string, arg: LongOption['arg'], key = name): LongOption => ({ name, arg, key });

const LONGS: readonly LongOption[] = [
  long('port', 'required', 'p'),
  long('format', 'required', 'f'),
  long('interval', 'required', 'i'),
  long('daemon', 'no', 'D'),
  long('one-off', 'no', '1'),
  long('verbose', 'no', 'V'),
  long('json', 'no', 'J'),
  long('version', 'no', 'v'),
  long('server', 'no', 's'),
  long('client', 'required', 'c'),
  long('udp', 'no', 'u'),
  long('bitrate', 'required', 'b'),
  long('bandwidth', 'required', 'b'),
  long('server-bitrate-limit', 'required'),
  long('time', 'required', 't'),
  long('bytes', 'required', 'n'),
  long('blockcount', 'required', 'k'),
  long('length', 'required', 'l'),
  long('parallel', 'required', 'P'),
  long('reverse', 'no', 'R'),
  long('bidir', 'no'),
  long('window', 'required', 'w'),
  long('bind', 'required', 'B'),
  long('bind-dev', 'required'),
  long('cport', 'required'),
  long('set-mss', 'required', 'M'),
  long('no-delay', 'no', 'N'),
  long('version4', 'no', '4'),
  long('version6', 'no', '6'),
  long('tos', 'required', 'S'),
  long('dscp', 'required'),
  long('extra-data', 'required'),
  long('flowlabel', 'required', 'L'),
  long('zerocopy', 'no', 'Z'),
  long('omit', 'required', 'O'),
  long('file', 'required', 'F'),
  long('repeating-payload', 'no'),
  long('timestamps', 'optional'),
  long('affinity', 'required', 'A'),
  long('title', 'required', 'T'),
  long('congestion', 'required', 'C'),
  long('linux-congestion', 'required', 'C'),
  long('sctp', 'no'),
  long('nstreams', 'required'),
  long('xbind', 'required', 'X'),
  long('pidfile', 'required', 'I'),
  long('logfile', 'required'),
  long('forceflush', 'no'),
  long('get-server-output', 'no'),
  long('udp-counters-64bit', 'no'),
  long('no-fq-socket-pacing', 'no'),
  long('dont-fragment', 'no'),
  long('username', 'required'),
  long('rsa-public-key-path', 'required'),
  long('rsa-private-key-path', 'required'),
  long('authorized-users-path', 'required'),
  long('time-skew-threshold', 'required'),
  long('fq-rate', 'required'),
  long('pacing-timer', 'required'),
  long('connect-timeout', 'required'),
  long('idle-timeout', 'required'),
  long('rcv-timeout', 'required'),
  long('snd-timeout', 'required'),
  long('debug', 'optional', 'd'),
  long('help', 'no', 'h'),
];

/** Options of the real program that Labwire has not. */
const REFUSED: ReadonlySet<string> = new Set([
  ...['server-bitrate-limit', 'L', 'F', 'timestamps', 'A', 'sctp', 'nstreams', 'X', 'username'],
  ...['rsa-public-key-path', 'rsa-private-key-path', 'authorized-users-path', 'fq-rate', 'd'],
  ...['time-skew-threshold', 'no-fq-socket-pacing'],
]);

/** Options that only the one side may have. */
const SERVER_ONLY: ReadonlySet<string> = new Set(['D', '1', 'idle-timeout']);
const CLIENT_ONLY: ReadonlySet<string> = new Set([
  ...['u', 'b', 't', 'n', 'k', 'l', 'P', 'R', 'bidir', 'w', 'M', 'N', 'S', 'dscp', 'extra-data'],
  ...['Z', 'repeating-payload', 'O', 'T', 'C', 'get-server-output', 'dont-fragment'],
  ...['pacing-timer', 'connect-timeout'],
]);

function within(value: number, min: number, max: number, code: IperfError['code']): number {
  if (!(value >= min && value <= max)) throw new IperfError(code);
  return value;
}

const port = (text: string): number => within(atoi(text), 1, 65_535, 26);

function setRole(o: IperfOptions, role: 'c' | 's'): void {
  if (o.role !== undefined && o.role !== role) throw new IperfError(1);
  o.role = role;
}

/** `HOST%DEV`, of which an IPv6 link-local address keeps its device. iperf_parse_hostname() */
function setHost(o: IperfOptions, field: 'host' | 'bind', text: string): void {
  const [host = '', device] = text.split('%');
  const scoped = device !== undefined && !/^fe80:/i.test(host);
  o[field] = scoped ? host : text;
  if (scoped) o.bindDev = device;
}

function setRate(o: IperfOptions, text: string): void {
  const [rate = '', burst] = text.split('/');
  if (burst !== undefined) o.burst = within(atoi(burst), 1, 1000, 15);
  o.rate = Math.floor(parseRate(rate));
}

function setReportInterval(o: IperfOptions, text: string): void {
  const seconds = Number.parseFloat(text) || 0;
  o.interval = seconds === 0 ? 0 : within(seconds, 0.1, 60, 9);
}

function setReverse(o: IperfOptions, how: 'reverse' | 'bidirectional'): void {
  o[how] = true;
  if (o.reverse && o.bidirectional) throw new IperfError(25);
}

function setFormat(o: IperfOptions, text: string): void {
  if (!/^[kmgt]/i.test(text)) throw new IperfError(24);
  o.format = text[0] as string;
}

const SETTERS: Readonly<Record<string, (o: IperfOptions, arg: string) => void>> = {
  p: (o, a) => void (o.port = port(a)),
  f: setFormat,
  i: setReportInterval,
  D: (o) => void (o.daemon = true),
  1: (o) => void (o.oneOff = true),
  V: (o) => void (o.verbose = true),
  J: (o) => void (o.json = true),
  s: (o) => setRole(o, 's'),
  c: (o, a) => {
    setRole(o, 'c');
    setHost(o, 'host', a);
  },
  u: (o) => void (o.protocol = 'UDP'),
  b: setRate,
  t: (o, a) => void (o.duration = within(atoi(a), -Infinity, MAX_TIME, 5)),
  n: (o, a) => void (o.bytes = Math.floor(parseSize(a))),
  k: (o, a) => void (o.blocks = Math.floor(parseSize(a))),
  l: (o, a) => void (o.blksize = Math.floor(parseSize(a))),
  P: (o, a) => void (o.streams = within(atoi(a), -Infinity, 128, 6)),
  R: (o) => setReverse(o, 'reverse'),
  bidir: (o) => setReverse(o, 'bidirectional'),
  w: (o, a) => void (o.window = Math.floor(within(parseSize(a), -Infinity, MAX_WINDOW, 8))),
  B: (o, a) => setHost(o, 'bind', a),
  'bind-dev': (o, a) => void (o.bindDev = a),
  cport: (o, a) => void (o.clientPort = port(a)),
  M: (o, a) => void (o.mss = within(atoi(a), -Infinity, 9 * KB, 10)),
  N: (o) => void (o.nodelay = true),
  4: (o) => void (o.family = 'inet'),
  6: (o) => void (o.family = 'inet6'),
  S: (o, a) => void (o.tos = within(cInteger(a), 0, 255, 21)),
  dscp: (o, a) => void (o.tos = within(parseDscp(a), 0, 255, 21)),
  'extra-data': (o, a) => void (o.extraData = a),
  Z: (o) => void (o.zerocopy = true),
  'repeating-payload': (o) => void (o.repeatingPayload = true),
  O: (o, a) => void (o.omit = within(atoi(a), 0, 60, 12)),
  T: (o, a) => void (o.title = a),
  C: (o, a) => void (o.congestion = a),
  I: (o, a) => void (o.pidfile = a),
  logfile: (o, a) => void (o.logfile = a),
  forceflush: () => {}, // nothing is held back here
  'get-server-output': (o) => void (o.getServerOutput = true),
  'udp-counters-64bit': (o) => void (o.counters64 = true),
  'dont-fragment': (o) => void (o.dontFragment = true),
  'pacing-timer': (o, a) => void (o.pacingTimer = Math.floor(parseSize(a))),
  'connect-timeout': (o, a) => void (o.connectTimeout = Math.floor(parseSize(a))),
  'idle-timeout': (o, a) => void (o.idleTimeout = within(atoi(a), 1, MAX_TIME, 30)),
  'rcv-timeout': (o, a) => void (o.rcvTimeout = within(atoi(a), 100, MAX_TIME * 1000, 144)),
  'snd-timeout': (o, a) => void (o.sndTimeout = Math.max(0, atoi(a))),
};

/** What iperf3 can be told. */
export const IPERF3_OPTIONS: GetoptTable = {
  letters: SHORT,
  longs: LONGS,
  refused: REFUSED,
};

/** strtol(3) with base 0. */
function cInteger(text: string): number {
  const m = /^[ \t]*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(text);
  if (m === null) return Number.NaN;
  const digits = m[2] ?? '';
  const octal = /^0[0-7]/.test(digits);
  return Number(`${m[1]}1`) * (octal ? Number.parseInt(digits, 8) : Number(digits));
}

/** A command line that asks for something else than a test. */
export type OtherRequest =
  | { readonly kind: 'help' | 'version'; readonly text?: undefined }
  | { readonly kind: 'getopt' | 'refused'; readonly text: string };

/**
 * Reads a command line. iperf_parse_arguments()
 * @throws IperfError for a parameter error
 */
export function readOptions(args: readonly string[]): IperfOptions | OtherRequest {
  const { options, error } = getopt(args, IPERF3_OPTIONS.letters, IPERF3_OPTIONS.longs);
  if (error !== undefined) return { kind: 'getopt', text: error };
  const refused = options.find((o) => REFUSED.has(o.opt));
  if (refused !== undefined) return { kind: 'refused', text: refused.opt };
  const o = defaultOptions();
  o.blksize = 0;
  for (const { opt, arg = '' } of options) {
    if (opt === 'h') return { kind: 'help' };
    if (opt === 'v') return { kind: 'version' };
    SETTERS[opt]?.(o, arg);
  }
  check(o, options);
  return o;
}

function check(o: IperfOptions, found: readonly OptionFound[]): void {
  const given = (only: ReadonlySet<string>) => found.some(({ opt }) => only.has(opt));
  const has = (opt: string) => found.some((f) => f.opt === opt);
  if (o.role === 'c' && given(SERVER_ONLY)) throw new IperfError(3);
  if (o.role === 's' && given(CLIENT_ONLY)) throw new IperfError(4);
  const udp = o.protocol === 'UDP';
  if (o.blksize === 0 && !udp) o.blksize = TCP_BLKSIZE;
  if ((!udp && o.blksize <= 0) || o.blksize > MAX_BLKSIZE) throw new IperfError(7);
  if (udp && o.blksize > 0) within(o.blksize, MIN_UDP_BLKSIZE, MAX_UDP_BLKSIZE, 20);
  if (!has('b')) o.rate = udp ? UDP_RATE : 0;
  const ends = [has('t'), o.bytes !== 0, o.blocks !== 0].filter(Boolean).length;
  if ((o.bytes !== 0 || o.blocks !== 0) && !has('t')) o.duration = 0;
  if (ends > 1) throw new IperfError(16);
  if (o.role === undefined) throw new IperfError(2);
}
