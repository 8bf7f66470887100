import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { UnixName } from '@labwire/devices/unix';
import { parseInet, strtod } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import type { GivenOption } from './options.ts';

/** Where one URL's body goes: a file, a file named after the URL, or standard output. */
export type Output = { readonly file: string } | 'remote-name' | 'stdout';

/** What the command line of curl asks for. */
export interface CurlConfig {
  urls: string[];
  outputs: Output[];
  method: string | undefined;
  head: boolean;
  get: boolean;
  include: boolean;
  fail: 'no' | 'fail' | 'with-body';
  silent: boolean;
  showError: boolean;
  progressMeter: boolean;
  verbose: boolean;
  follow: boolean;
  trusted: boolean;
  /** -1: no limit. */
  maxRedirs: number;
  headers: string[];
  body: Uint8Array | undefined;
  json: boolean;
  upload: string | undefined;
  userAgent: string | undefined;
  referer: string | undefined;
  user: string | undefined;
  cookie: string | undefined;
  range: string | undefined;
  http10: boolean;
  http09: boolean;
  family: Family | undefined;
  device: string | undefined;
  /** The socket to talk to in place of any host. */
  unixSocket: UnixName | undefined;
  localPorts: readonly [first: number, count: number] | undefined;
  connectTimeout: Nanos | undefined;
  maxTime: Nanos | undefined;
  /** `host:port` to addresses. */
  resolve: { host: string; port: number; addrs: InetAddr[] }[];
  dumpHeader: string | undefined;
  writeOut: string | undefined;
  pathAsIs: boolean;
  globOff: boolean;
}

/** An option whose value is none: curl says so and exits with 2. */
export class BadOption extends Error {}

function emptyConfig(): CurlConfig {
  return {
    urls: [],
    outputs: [],
    method: undefined,
    head: false,
    get: false,
    include: false,
    fail: 'no',
    silent: false,
    showError: false,
    progressMeter: true,
    verbose: false,
    follow: false,
    trusted: false,
    maxRedirs: 50,
    headers: [],
    body: undefined,
    json: false,
    upload: undefined,
    userAgent: 'curl/7.88.1',
    referer: undefined,
    user: undefined,
    cookie: undefined,
    range: undefined,
    http10: false,
    http09: false,
    family: undefined,
    device: undefined,
    unixSocket: undefined,
    localPorts: undefined,
    connectTimeout: undefined,
    maxTime: undefined,
    resolve: [],
    dumpHeader: undefined,
    writeOut: undefined,
    pathAsIs: false,
    globOff: false,
  };
}

function duration(option: string, text: string): Nanos | undefined {
  const { value, rest } = strtod(text);
  if (rest !== '' || text === '' || !Number.isFinite(value))
    throw new BadOption(`option ${option}: expected a proper numerical parameter`);
  if (value < 0) throw new BadOption(`option ${option}: expected a positive numerical parameter`);
  return value === 0 ? undefined : Math.round(value * SEC);
}

async function readInput(proc: Process, name: string): Promise<Uint8Array> {
  if (name !== '-') {
    try {
      return proc.fs.readFile(proc.path(name));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await proc.err(
        `Warning: Couldn't read data from file "${name}", this makes an empty POST.\n`,
      );
      return new Uint8Array(0);
    }
  }
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await proc.read(0);
    if (piece.length === 0) break;
    pieces.push(piece);
  }
  return concat(pieces);
}

/** Joins byte strings. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function urlEncode(data: Uint8Array): string {
  let out = '';
  for (const byte of data) {
    const char = String.fromCharCode(byte);
    out += /[A-Za-z0-9._~-]/.test(char)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

async function postData(proc: Process, option: string, value: string): Promise<Uint8Array> {
  if (option === 'data-raw') return utf8Encode(value);
  if (option === 'data-urlencode') return utf8Encode(await urlEncoded(proc, value));
  if (!value.startsWith('@')) return utf8Encode(value);
  const data = await readInput(proc, value.slice(1));
  return option === 'data' || option === 'data-ascii'
    ? data.filter((b) => b !== 10 && b !== 13 && b !== 0)
    : data;
}

/** `content`, `=content`, `name=content`, `@file`, `name@file`. curl(1), --data-urlencode */
async function urlEncoded(proc: Process, value: string): Promise<string> {
  const m = /^([^=@]*)([=@])(.*)$/s.exec(value);
  if (m === null) return urlEncode(utf8Encode(value));
  const [, name = '', sign, content = ''] = m;
  const data = sign === '@' ? await readInput(proc, content) : utf8Encode(content);
  return name === '' ? urlEncode(data) : `${name}=${urlEncode(data)}`;
}

function appendBody(config: CurlConfig, data: Uint8Array, separator: string): void {
  config.body =
    config.body === undefined ? data : concat([config.body, utf8Encode(separator), data]);
}

function parseResolve(value: string): CurlConfig['resolve'][number] {
  const m = /^\+?([^:]+|\[[^\]]+\]):(\d+):(.+)$/.exec(value);
  const addrs = (m?.[3] ?? '').split(',').map((a) => parseInet(a.replace(/^\[|\]$/g, '')));
  if (m === null || addrs.some((a) => a === undefined))
    throw new BadOption(`option --resolve: ${value}: expected HOST:PORT:ADDRESS[,ADDRESS]`);
  return { host: (m[1] as string).toLowerCase(), port: Number(m[2]), addrs: addrs as InetAddr[] };
}

function parsePorts(value: string): readonly [number, number] {
  const m = /^(\d+)(?:-(\d+))?$/.exec(value);
  const first = Number(m?.[1]);
  const last = m?.[2] === undefined ? first : Number(m[2]);
  if (m === null || first > 65_535 || last > 65_535 || last < first)
    throw new BadOption('option --local-port: is badly used here');
  return [first, last - first + 1];
}

/** Options that only set a flag. */
const FLAGS: Readonly<Record<string, (c: CurlConfig, on: boolean) => void>> = {
  fail: (c, on) => {
    c.fail = on ? 'fail' : 'no';
  },
  'fail-with-body': (c, on) => {
    c.fail = on ? 'with-body' : 'no';
  },
  get: (c, on) => {
    c.get = on;
  },
  globoff: (c, on) => {
    c.globOff = on;
  },
  head: (c, on) => {
    c.head = on;
  },
  'http0.9': (c, on) => {
    c.http09 = on;
  },
  'http1.0': (c) => {
    c.http10 = true;
  },
  'http1.1': (c) => {
    c.http10 = false;
  },
  include: (c, on) => {
    c.include = on;
  },
  ipv4: (c) => {
    c.family = 'inet';
  },
  ipv6: (c) => {
    c.family = 'inet6';
  },
  location: (c, on) => {
    c.follow = on;
  },
  'location-trusted': (c, on) => {
    c.follow = on;
    c.trusted = on;
  },
  'path-as-is': (c, on) => {
    c.pathAsIs = on;
  },
  'progress-meter': (c, on) => {
    c.progressMeter = on;
  },
  'show-error': (c, on) => {
    c.showError = on;
  },
  silent: (c, on) => {
    c.silent = on;
  },
  verbose: (c, on) => {
    c.verbose = on;
  },
};

async function setValue(proc: Process, c: CurlConfig, name: string, value: string): Promise<void> {
  switch (name) {
    case 'url':
      c.urls.push(value);
      break;
    case 'output':
      c.outputs.push(value === '-' ? 'stdout' : { file: value });
      break;
    case 'data':
    case 'data-ascii':
    case 'data-binary':
    case 'data-raw':
    case 'data-urlencode':
      appendBody(c, await postData(proc, name, value), '&');
      break;
    case 'json':
      c.json = true;
      appendBody(c, await postData(proc, 'data-binary', value), '');
      break;
    case 'header':
      c.headers.push(value);
      break;
    case 'request':
      c.method = value;
      break;
    case 'upload-file':
      c.upload = value;
      break;
    case 'user-agent':
      c.userAgent = value === '' ? undefined : value;
      break;
    case 'referer':
      c.referer = value.replace(/;auto$/, '');
      break;
    case 'user':
      c.user = value;
      break;
    case 'cookie':
      if (!value.includes('='))
        throw new BadOption('option -b: cookie files are not supported here; give NAME=VALUE');
      c.cookie = value;
      break;
    case 'range':
      c.range = value;
      break;
    case 'unix-socket':
    case 'abstract-unix-socket':
      c.unixSocket = { abstract: name.startsWith('abstract'), name: value };
      break;
    case 'interface':
      c.device = value;
      break;
    case 'local-port':
      c.localPorts = parsePorts(value);
      break;
    case 'max-redirs':
      if (!/^-?\d+$/.test(value))
        throw new BadOption('option --max-redirs: expected a proper numerical parameter');
      c.maxRedirs = Number(value);
      break;
    case 'connect-timeout':
      c.connectTimeout = duration('--connect-timeout', value);
      break;
    case 'max-time':
      c.maxTime = duration('-m', value);
      break;
    case 'resolve':
      c.resolve.push(parseResolve(value));
      break;
    case 'dump-header':
      c.dumpHeader = value;
      break;
    case 'write-out':
      c.writeOut = await writeOutFormat(proc, value);
      break;
    default:
  }
}

async function writeOutFormat(proc: Process, value: string): Promise<string> {
  if (!value.startsWith('@')) return value;
  const data = await readInput(proc, value.slice(1));
  return String.fromCharCode(...data);
}

/** Puts the options together. @throws BadOption */
export async function readConfig(
  proc: Process,
  given: readonly GivenOption[],
): Promise<CurlConfig> {
  const config = emptyConfig();
  for (const { name, value, on } of given) {
    if (name === 'remote-name') config.outputs.push('remote-name');
    else if (FLAGS[name] !== undefined) FLAGS[name](config, on);
    else await setValue(proc, config, name, value);
  }
  return config;
}
