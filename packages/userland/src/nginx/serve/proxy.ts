import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLIN, POLLOUT } from '@labwire/core/sim';
import type { Socket } from '@labwire/devices/sock';
import { HeaderList, parseFields, parseHttpDate, parseStatusLine } from '../../http/index.ts';
import { closeSocket, familyOf, formatInet, openTcp, type Strand } from '../../libc-net/index.ts';
import { Balancer, type Peer, type ProxyTarget, parseTime } from '../conf/index.ts';
import { rewriteLinks } from './proxy-redirect.ts';
import type { Request } from './request.ts';
import type { Response } from './response.ts';
import type { ContentResult } from './static-content.ts';
import { expand } from './variables.ts';
import { contextOf, logError, type WorkerContext } from './worker-context.ts';

/** Fields of an upstream's answer that are not handed on. ngx_http_proxy_hide_headers */
const HIDDEN: readonly string[] = [
  'date',
  'server',
  'x-pad',
  'x-accel-expires',
  'x-accel-redirect',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-type',
  'content-length',
  'last-modified',
];
/** Fields of a request that are not handed on, besides those that are set anew. */
const NOT_SENT: readonly string[] = [
  'connection',
  'host',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'expect',
  'upgrade',
  'te',
];
const DEFAULT_TIMEOUT = '60s';
const READ_SIZE = 16_384;

/** Why an upstream gave no answer: the status for the client, and words for the log. */
class UpstreamFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function timeout(r: Request, name: string): Nanos {
  return parseTime(r.scope.value(name) ?? DEFAULT_TIMEOUT);
}

/** Hands a request on and its answer back. nginx src/http/modules/ngx_http_proxy_module.c */
export function* proxy(w: WorkerContext, r: Request, target: ProxyTarget): Strand<ContentResult> {
  r.proxy = target;
  r.upstreams = [];
  const balancer = new Balancer(target.upstream);
  const uri = upstreamUri(r, target);
  for (;;) {
    const peer = balancer.next(w.proc.now);
    if (peer === undefined) return noneAlive(w, r, target, uri);
    const at = addressText(peer);
    try {
      const response = yield* ask(w, r, peer, uri);
      balancer.report(peer, false, w.proc.now);
      r.upstreams.push({ addr: at, status: response.status });
      return handOn(r, response);
    } catch (e) {
      if (!(e instanceof UpstreamFailure)) throw e;
      balancer.report(peer, true, w.proc.now);
      r.upstreams.push({ addr: at, status: e.status });
      logError(w, r, e.message, `http://${at}${uri}`);
      if (!balancer.hasMore) return { kind: 'status', status: e.status };
    }
  }
}

function addressText({ addr: { addr, port } }: Peer): string {
  return `${typeof addr === 'number' ? formatInet(addr) : `[${formatInet(addr)}]`}:${port}`;
}

function noneAlive(
  w: WorkerContext,
  r: Request,
  { upstream }: ProxyTarget,
  uri: string,
): ContentResult {
  r.upstreams.push({ addr: upstream.name, status: 502 });
  const words = 'no live upstreams while connecting to upstream';
  logError(w, r, words, `http://${upstream.name}${uri}`);
  return { kind: 'status', status: 502 };
}

function* ask(w: WorkerContext, r: Request, peer: Peer, uri: string): Strand<Response> {
  const sock = openTcp(w.proc, familyOf(peer.addr.addr));
  w.nextConnection();
  try {
    yield* connectTo(w, r, sock, () => sock.connect(peer.addr));
    yield* sendAll(w, r, sock, utf8Encode(requestText(w, r, uri)));
    yield* sendAll(w, r, sock, r.body);
    return readResponse(w, r, yield* receiveAll(w, r, sock));
  } finally {
    closeSocket(w.proc, sock);
  }
}

/** An upstream's answer, or with proxy_intercept_errors the page that there is for its status. */
function handOn(r: Request, response: Response): ContentResult {
  const { status } = response;
  const covered = r.scope
    .all('error_page')
    .some((d) => d.args.slice(0, -1).includes(String(status)));
  if (status >= 300 && covered && r.scope.flag('proxy_intercept_errors', false))
    return { kind: 'status', status };
  return { kind: 'response', response };
}

/** The location's pattern gives way to the URI of proxy_pass; without one, the request's own is handed on. */
function upstreamUri(r: Request, target: ProxyTarget): string {
  if (target.uri === undefined) return r.internal ? r.uri : r.target;
  const query = r.args === '' ? '' : `?${r.args}`;
  return `${target.uri}${r.uri.slice(r.location?.pattern.length ?? 0)}${query}`;
}

/** The fields of a request to the upstream: those that the configuration sets, then nginx's own where it does not. */
function requestText(w: WorkerContext, r: Request, uri: string): string {
  const context = contextOf(w, r);
  const set = r.scope.all('proxy_set_header').map((d) => d.args as readonly [string, string]);
  const names = new Set(set.map(([name]) => name.toLowerCase()));
  const own = [
    ['Host', '$proxy_host'],
    ['Connection', 'close'],
    ['Content-Length', r.body.length > 0 ? String(r.body.length) : ''],
  ] as const;
  const version = r.scope.value('proxy_http_version') ?? '1.0';
  let text = `${r.method} ${uri} HTTP/${version}\r\n`;
  for (const [name, value] of [...set, ...own.filter(([n]) => !names.has(n.toLowerCase()))]) {
    const filled = expand(value, r, context);
    if (filled !== '') text += `${name}: ${filled}\r\n`;
  }
  for (const [name, value] of r.headers.entries) {
    const key = name.toLowerCase();
    if (!NOT_SENT.includes(key) && !names.has(key)) text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

function failed(e: KernelError, doing: string, call: string): UpstreamFailure {
  return new UpstreamFailure(
    502,
    `${call} failed (${errnoNumber(e.errno)}: ${strerror(e.errno)}) while ${doing}`,
  );
}

function timedOut(doing: string): UpstreamFailure {
  const errno = errnoNumber('ETIMEDOUT');
  return new UpstreamFailure(
    504,
    `upstream timed out (${errno}: ${strerror('ETIMEDOUT')}) while ${doing}`,
  );
}

function* connectTo(w: WorkerContext, r: Request, sock: Socket, start: () => void): Strand {
  const doing = 'connecting to upstream';
  try {
    start();
    return;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno !== 'EINPROGRESS') throw failed(e, doing, 'connect()');
  }
  const until = w.proc.now + timeout(r, 'proxy_connect_timeout');
  if (!(yield { on: sock, events: POLLOUT, until })) throw timedOut(doing);
  const error = sock.takeError();
  if (error !== undefined) throw failed(new KernelError(error), doing, 'connect()');
}

function* sendAll(w: WorkerContext, r: Request, sock: Socket, data: Uint8Array): Strand {
  const doing = 'sending request to upstream';
  for (let at = 0; at < data.length; ) {
    try {
      const taken = sock.send(data.subarray(at));
      if (taken !== undefined) {
        at += taken;
        continue;
      }
    } catch (e) {
      if (e instanceof KernelError) throw failed(e, doing, 'send()');
      throw e;
    }
    const until = w.proc.now + timeout(r, 'proxy_send_timeout');
    if (!(yield { on: sock, events: POLLOUT, until })) throw timedOut(doing);
  }
}

/** Reads until the upstream closes or its answer is whole. */
function* receiveAll(w: WorkerContext, r: Request, sock: Socket): Strand<Uint8Array> {
  let all = new Uint8Array(0);
  while (!isWhole(all, r.method === 'HEAD')) {
    const doing = 'reading response header from upstream';
    const until = w.proc.now + timeout(r, 'proxy_read_timeout');
    if (!(yield { on: sock, events: POLLIN, until })) throw timedOut(doing);
    try {
      const got = sock.recv(READ_SIZE);
      if (got === undefined) continue;
      if (got.data.length === 0) break;
      const joined = new Uint8Array(all.length + got.data.length);
      joined.set(all);
      joined.set(got.data, all.length);
      all = joined;
    } catch (e) {
      if (e instanceof KernelError) throw failed(e, doing, 'recv()');
      throw e;
    }
  }
  if (all.length === 0)
    throw new UpstreamFailure(
      502,
      'upstream prematurely closed connection while reading response header from upstream',
    );
  return all;
}

interface Split {
  readonly lines: readonly string[];
  readonly body: Uint8Array;
}

function split(all: Uint8Array): Split | undefined {
  for (let i = 3; i < all.length; i++) {
    if (all[i] !== 10 || all[i - 2] !== 10 || all[i - 1] !== 13) continue;
    return { lines: utf8Decode(all, 0, i - 3).split('\r\n'), body: all.subarray(i + 1) };
  }
  return undefined;
}

function isWhole(all: Uint8Array, headOnly: boolean): boolean {
  const parts = split(all);
  const headers = parts && parseFields(parts.lines.slice(1));
  if (parts === undefined || headers === undefined) return false;
  if (headOnly) return true;
  const length = headers.get('Content-Length');
  if (headers.hasToken('Transfer-Encoding', 'chunked'))
    return utf8Decode(parts.body, Math.max(0, parts.body.length - 7)).endsWith('0\r\n\r\n');
  return length !== undefined && parts.body.length >= Number(length);
}

function unchunk(body: Uint8Array): Uint8Array {
  const out: number[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf(10, at);
    const size = end < 0 ? 0 : Number.parseInt(utf8Decode(body, at, end), 16);
    if (!(size > 0)) return Uint8Array.from(out);
    for (const byte of body.subarray(end + 1, end + 1 + size)) out.push(byte);
    at = end + 1 + size + 2;
  }
}

function readResponse(w: WorkerContext, r: Request, all: Uint8Array): Response {
  const parts = split(all);
  const status = parts && parseStatusLine(parts.lines[0] ?? '');
  if (parts === undefined || status === undefined)
    return { status: 502, extra: [], body: new Uint8Array(0) };
  const headers = parseFields(parts.lines.slice(1)) ?? new HeaderList();
  const chunked = headers.hasToken('Transfer-Encoding', 'chunked');
  const modified = headers.get('Last-Modified');
  const length = headers.get('Content-Length');
  return {
    status: status.status,
    reason: status.reason,
    contentType: headers.get('Content-Type'),
    lastModified: modified === undefined ? undefined : parseHttpDate(modified),
    ...rewriteLinks(r, shownFields(r, headers), contextOf(w, r)),
    body: chunked ? unchunk(parts.body) : parts.body,
    ...(length === undefined ? {} : { length: Number(length) }),
    proxied: true,
    chunked: length === undefined,
  };
}

/** The fields that are handed on as they are. ngx_http_upstream_hide_headers_hash() */
function shownFields(r: Request, headers: HeaderList): (readonly [name: string, value: string])[] {
  const names = (directive: string) =>
    r.scope.all(directive).map((d) => (d.args[0] as string).toLowerCase());
  const passed = names('proxy_pass_header');
  const hidden = [...HIDDEN.filter((n) => !passed.includes(n)), ...names('proxy_hide_header')];
  return headers.entries.filter(([name]) => !hidden.includes(name.toLowerCase()));
}
