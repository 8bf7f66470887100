import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, POLLOUT, SEC } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';
import { HeaderList, keepsAlive } from '../../http/index.ts';
import { closeSocket, formatInet, type Strand, type StreamSocket } from '../../libc-net/index.ts';
import { findServer, type Listening, parseTime } from '../conf/index.ts';
import { handle } from './handle.ts';
import { logAccess } from './logs.ts';
import {
  type BadRequest,
  headEnd,
  hostOf,
  normalise,
  parseHead,
  type Request,
  type RequestHead,
} from './request.ts';
import { CLOSING, chunk, formatHead, plainResponse, type Response } from './response.ts';
import type { VariableContext } from './variables.ts';
import { contextOf, type WorkerContext } from './worker-context.ts';

const READ_SIZE = 16_384;
/** Bytes that a head may have. large_client_header_buffers 4 8k */
const MAX_HEAD = 32_768;
const HEADER_TIMEOUT = '60s';
const KEEPALIVE_TIMEOUT = '75s';
const KEEPALIVE_REQUESTS = 1000;

/** One client's connection, from its acceptance to its end. nginx src/http/ngx_http_request.c */
export class Connection {
  readonly #w: WorkerContext;
  readonly #sock: StreamSocket;
  readonly #listening: Listening;
  readonly #number: number;
  readonly #client: SockAddr;
  readonly #local: SockAddr;
  #buffer: Uint8Array = new Uint8Array(0);
  #requests = 0;

  constructor(w: WorkerContext, sock: StreamSocket, listening: Listening) {
    this.#w = w;
    this.#sock = sock;
    this.#listening = listening;
    this.#number = w.nextConnection();
    this.#client = sock.remoteAddr() ?? sock.localAddr();
    this.#local = sock.localAddr();
  }

  /** Answers requests until one side closes. */
  *serve(): Strand {
    try {
      while (yield* this.#one());
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    } finally {
      closeSocket(this.#w.proc, this.#sock);
    }
  }

  /** @returns whether another request may follow */
  *#one(): Strand<boolean> {
    const { scope } = this.#listening.defaultServer;
    const idle = this.#requests > 0;
    const setting = idle ? 'keepalive_timeout' : 'client_header_timeout';
    const patience = scope.value(setting) ?? (idle ? KEEPALIVE_TIMEOUT : HEADER_TIMEOUT);
    const until = this.#w.proc.now + parseTime(patience);
    let end = headEnd(this.#buffer);
    while (end < 0) {
      if (this.#buffer.length > MAX_HEAD) return yield* this.#refuse({ status: 414, line: '' });
      if (!(yield* this.#fill(until))) return false;
      end = headEnd(this.#buffer);
    }
    const began = this.#w.proc.now;
    const head = parseHead(this.#buffer.subarray(0, end));
    this.#buffer = this.#buffer.subarray(end);
    this.#requests++;
    if ('status' in head) return yield* this.#refuse(head);
    const request = this.#request(head, end);
    if (request === undefined) return yield* this.#refuse({ status: 400, line: head.line });
    yield* this.#readBody(request, until);
    const response = yield* handle(this.#w, request);
    if (response.silent === true) {
      this.#log(request, { status: response.status, body: 0, total: 0 }, began);
      return false;
    }
    yield* this.#send(request, response, began);
    return request.keepAlive && !this.#w.stopping();
  }

  *#fill(until: number): Strand<boolean> {
    for (;;) {
      const got = this.#sock.recv(READ_SIZE);
      if (got === undefined) {
        const idle = this.#requests > 0 && this.#buffer.length === 0;
        if (idle && this.#w.stopping()) return false;
        if (!(yield { on: this.#sock, events: POLLIN, until })) return false;
        continue;
      }
      if (got.data.length === 0) return false;
      const joined = new Uint8Array(this.#buffer.length + got.data.length);
      joined.set(this.#buffer);
      joined.set(got.data, this.#buffer.length);
      this.#buffer = joined;
      return true;
    }
  }

  #request(head: RequestHead, length: number): Request | undefined {
    const path = normalise(head.target);
    if (path === undefined) return undefined;
    const host = hostOf(head);
    const server = findServer(this.#listening, host);
    const limit = Number(server.scope.value('keepalive_requests') ?? KEEPALIVE_REQUESTS);
    const noKeep = parseTime(server.scope.value('keepalive_timeout') ?? KEEPALIVE_TIMEOUT) === 0;
    return {
      ...head,
      ...path,
      listening: this.#listening,
      client: this.#client,
      local: this.#local,
      connection: this.#number,
      onConnection: this.#requests,
      length,
      body: new Uint8Array(0),
      keepAlive: keepsAlive(head.version, head.headers) && this.#requests < limit && !noKeep,
      server,
      location: undefined,
      scope: server.scope,
      host,
      internal: false,
      redirects: 0,
      proxy: undefined,
      upstreams: [],
    };
  }

  /** Reads the body before the request is handled, as proxy_request_buffering does. */
  *#readBody(r: Request, until: number): Strand {
    const length = Number(r.headers.get('Content-Length') ?? 0);
    if (!(length > 0)) return;
    if (r.headers.hasToken('Expect', '100-continue') && r.version >= 11)
      yield* this.#write(utf8Encode('HTTP/1.1 100 Continue\r\n\r\n'));
    while (this.#buffer.length < length) if (!(yield* this.#fill(until))) break;
    r.body = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.subarray(r.body.length);
  }

  *#refuse(bad: BadRequest): Strand<false> {
    const head: RequestHead = {
      line: bad.line,
      method: '',
      target: '/',
      version: 11,
      headers: new HeaderList(),
    };
    const r = this.#request(head, 0) as Request;
    r.keepAlive = false;
    yield* this.#send(
      r,
      plainResponse(bad.status, r.scope.flag('server_tokens', true)),
      this.#w.proc.now,
    );
    return false;
  }

  *#send(r: Request, response: Response, began: number): Strand {
    const chunked = response.chunked === true && r.version >= 11;
    if (CLOSING.includes(response.status)) r.keepAlive = false;
    if (response.chunked === true && !chunked) r.keepAlive = false;
    const port = this.#local.port === 80 ? '' : `:${this.#local.port}`;
    const host = r.host || r.server.names[0] || formatInet(this.#local.addr);
    const head = formatHead(response, {
      tokens: r.scope.flag('server_tokens', true),
      now: this.#w.proc.machine.wallClock,
      keepAlive: r.keepAlive && !this.#w.stopping(),
      chunked,
      origin: `http://${host}${port}`,
    });
    const bodiless = r.method === 'HEAD' || response.status === 204 || response.status === 304;
    const body = bodiless ? new Uint8Array(0) : chunked ? chunk(response.body) : response.body;
    const lead = r.version === 9 ? new Uint8Array(0) : utf8Encode(head);
    const all = new Uint8Array(lead.length + body.length);
    all.set(lead);
    all.set(body, lead.length);
    yield* this.#write(all);
    this.#log(r, { status: response.status, body: body.length, total: all.length }, began);
  }

  #log(r: Request, sent: VariableContext['sent'], began: Nanos): void {
    const elapsed = (this.#w.proc.now - began) / SEC;
    logAccess(this.#w.logs, r, { ...contextOf(this.#w, r), sent, elapsed });
  }

  *#write(data: Uint8Array): Strand {
    for (let at = 0; at < data.length; ) {
      const taken = this.#sock.send(data.subarray(at));
      if (taken !== undefined) at += taken;
      else yield { on: this.#sock, events: POLLOUT };
    }
  }
}
