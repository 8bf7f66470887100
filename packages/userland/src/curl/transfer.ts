import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';
import {
  type BodyEnd,
  DEFAULT_PORTS,
  formatUrl,
  keepsAlive,
  parseFields,
  parseStatusLine,
  parseUrl,
  ReadTimeout,
  type ResponseHead,
  readBody,
  removeDotSegments,
  resolveReference,
  responseFraming,
  type Url,
  urlHost,
} from '../http/index.ts';
import { closeSocket, familyOf, formatInet, parseInet, sendAll } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { resolve } from '../resolver/index.ts';
import type { CurlConfig } from './config.ts';
import { type Connection, openConnection, openUnixConnection } from './connection.ts';
import * as code from './curl-error.ts';
import { CurlError } from './curl-error.ts';
import type { OutputSink } from './output.ts';
import type { ProgressMeter } from './progress.ts';
import { credentials, expectsContinue, type RequestPlan, requestHead } from './request.ts';
import type { TransferInfo } from './write-out.ts';

/** How long curl waits for `100 Continue` before it sends the body anyway. */
const EXPECT_TIMEOUT: Nanos = 1 * SEC;

/** The connections that one run of curl has open, and how many it has made. */
export class ConnectionPool {
  #idle: Connection | undefined;
  #next = 0;
  readonly #proc: Process;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** The number of the next connection. */
  nextId(): number {
    return this.#next++;
  }

  /** Takes the connection that was kept for a place. */
  take(host: string, port: number): Connection | undefined {
    const kept = this.#idle;
    if (kept === undefined || kept.host !== host || kept.port !== port) return undefined;
    this.#idle = undefined;
    return kept;
  }

  /** Keeps a connection for the next request. */
  keep(connection: Connection): void {
    if (this.#idle !== undefined) this.drop(this.#idle);
    this.#idle = connection;
  }

  /** Closes a connection. */
  drop(connection: Connection): void {
    closeSocket(this.#proc, connection.sock);
  }
}

/** Everything that one transfer works with. */
export interface TransferContext {
  readonly proc: Process;
  readonly config: CurlConfig;
  readonly pool: ConnectionPool;
  readonly sink: OutputSink;
  readonly info: TransferInfo;
  readonly meter: ProgressMeter | undefined;
  /** Gets a copy of the response's headers, for -D. */
  readonly dumpHeader: ((text: string) => Promise<void>) | undefined;
  /** What -T sends. */
  readonly upload: Uint8Array | undefined;
}

/** One URL's transfer, with the redirects that it follows. curl lib/transfer.c and lib/http.c */
export class Transfer {
  readonly #c: TransferContext;
  readonly #start: Nanos;
  readonly #deadline: Nanos | undefined;
  #connection: Connection | undefined;
  /** Whether anything of the present body's data has been announced under -v. */
  #traced = false;

  constructor(context: TransferContext) {
    this.#c = context;
    this.#start = context.proc.now;
    const { maxTime } = context.config;
    this.#deadline = maxTime === undefined ? undefined : this.#start + maxTime;
  }

  /** @throws CurlError */
  async run(text: string): Promise<void> {
    const parsed = parseUrl(text);
    if (parsed === undefined) throw new CurlError(code.CURLE_URL_MALFORMAT, code.MALFORMED_URL);
    let url: Url = this.#c.config.pathAsIs
      ? parsed
      : { ...parsed, path: removeDotSegments(parsed.path) };
    let plan = this.#firstPlan(url);
    for (;;) {
      this.#c.info.effectiveUrl = formatUrl(url);
      this.#c.info.method = plan.method;
      this.#c.info.scheme = url.scheme;
      const began = this.#c.proc.now;
      const head = await this.#guard(() => this.#exchange(plan));
      const location = redirectOf(head);
      const next = location === undefined ? undefined : resolveReference(url, location);
      if (next === undefined) return;
      if (!this.#c.config.follow) {
        this.#c.info.redirectUrl = formatUrl(next);
        return;
      }
      await this.#countRedirect(next, began);
      plan = this.#redirected(plan, head.status, next, url);
      url = next;
    }
  }

  #firstPlan(url: Url): RequestPlan {
    const { config } = this.#c;
    const { upload } = this.#c;
    const asQuery = config.get && config.body !== undefined;
    const body = upload ?? (asQuery ? undefined : config.body);
    const usual = config.head
      ? 'HEAD'
      : upload !== undefined
        ? 'PUT'
        : body === undefined
          ? 'GET'
          : 'POST';
    const data = asQuery ? String.fromCharCode(...(config.body as Uint8Array)) : '';
    const query = data === '' ? url.query : `${url.query === '' ? '?' : `${url.query}&`}${data}`;
    return {
      method: config.method ?? usual,
      url: { ...url, query },
      body: config.head ? undefined : body,
      upload: upload !== undefined,
      authorize: true,
      referer: config.referer,
    };
  }

  async #countRedirect(next: Url, began: Nanos): Promise<void> {
    const { config, info, proc } = this.#c;
    if (config.maxRedirs >= 0 && info.redirects >= config.maxRedirs)
      throw new CurlError(
        code.CURLE_TOO_MANY_REDIRECTS,
        `Maximum (${config.maxRedirs}) redirects followed`,
      );
    info.redirects++;
    info.redirect += proc.now - began;
    await this.#note(`Issue another request to this URL: '${formatUrl(next)}'`);
  }

  /** The next request after a redirect: a POST becomes a GET after 301, 302 and 303. RFC 9110 section 15.4 */
  #redirected(plan: RequestPlan, status: number, next: Url, from: Url): RequestPlan {
    const { config } = this.#c;
    const toGet = plan.body !== undefined && (status === 303 || (status <= 302 && !plan.upload));
    const sameHost = next.host === from.host && next.port === from.port;
    return {
      ...plan,
      url: next,
      method: config.method ?? (toGet ? 'GET' : plan.method),
      body: toGet ? undefined : plan.body,
      authorize: plan.authorize && (sameHost || config.trusted),
    };
  }

  /** Turns time-outs and socket errors into curl's, and closes the connection they happened on. */
  async #guard<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (e) {
      const connection = this.#connection;
      if (connection !== undefined) {
        this.#connection = undefined;
        this.#c.pool.drop(connection);
      }
      const error = this.#translate(e);
      if (connection !== undefined) {
        await this.#note(error.message);
        await this.#note(`Closing connection ${connection.id}`);
      }
      throw error;
    }
  }

  #translate(e: unknown): CurlError {
    if (e instanceof CurlError) return e;
    if (e instanceof ReadTimeout) return this.#timedOut();
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'EAGAIN') return this.#timedOut();
    if (e.errno === 'EPIPE')
      return new CurlError(code.CURLE_SEND_ERROR, `Send failure: ${strerror(e.errno)}`);
    return new CurlError(code.CURLE_RECV_ERROR, `Recv failure: ${strerror(e.errno)}`);
  }

  #timedOut(): CurlError {
    const ms = Math.floor((this.#c.proc.now - this.#start) / MS);
    const { downloaded, headers } = this.#c.info;
    const length = headers?.get('Content-Length');
    const got =
      length === undefined
        ? `with ${downloaded} bytes received`
        : `with ${downloaded} out of ${length} bytes received`;
    return new CurlError(
      code.CURLE_OPERATION_TIMEDOUT,
      `Operation timed out after ${ms} milliseconds ${got}`,
    );
  }

  async #exchange(plan: RequestPlan): Promise<ResponseHead> {
    const connection = await this.#connect(plan.url);
    this.#connection = connection;
    connection.reader.deadline = this.#deadline;
    await this.#sendRequest(connection, plan);
    const head = await this.#readHead(connection);
    await this.#readContent(connection, plan, head);
    return head;
  }

  async #connect(url: Url): Promise<Connection> {
    const { info, pool, proc } = this.#c;
    const port = url.port ?? DEFAULT_PORTS[url.scheme];
    if (port === undefined || (url.scheme !== 'http' && url.scheme !== 'https'))
      throw new CurlError(
        code.CURLE_UNSUPPORTED_PROTOCOL,
        `Protocol "${url.scheme}" not supported or disabled in libcurl`,
      );
    const kept = pool.take(url.host, port);
    if (kept !== undefined && !(await this.#isDead(kept))) {
      await this.#note(`Re-using existing connection #${kept.id} with host ${url.host}`);
      return kept;
    }
    const { unixSocket } = this.#c.config;
    const addrs = unixSocket === undefined ? await this.#resolve(url, port) : [];
    info.nameLookup = proc.now - this.#start;
    const context = {
      proc,
      config: this.#c.config,
      info: (text: string) => this.#note(text),
      start: this.#start,
      deadline: this.#deadline,
    };
    const id = pool.nextId();
    try {
      const connection =
        unixSocket === undefined
          ? await openConnection(context, id, url.host, addrs, port)
          : await openUnixConnection(context, id, url.host, port, unixSocket);
      await this.#connected(connection, url);
      return connection;
    } catch (e) {
      if (e instanceof CurlError) await this.#note(`Closing connection ${id}`);
      throw e;
    }
  }

  async #connected(connection: Connection, url: Url): Promise<void> {
    const { info, proc } = this.#c;
    info.connect = proc.now - this.#start;
    info.connects++;
    info.remoteIp = connection.remote;
    info.remotePort = connection.port;
    if ('localAddr' in connection.sock) {
      const local = connection.sock.localAddr();
      info.localIp = formatInet(local.addr);
      info.localPort = local.port;
    }
    if (url.scheme === 'https') {
      closeSocket(proc, connection.sock);
      throw new CurlError(
        code.CURLE_SSL_CONNECT_ERROR,
        'TLS is not supported here: use an http:// URL',
      );
    }
  }

  async #isDead(kept: Connection): Promise<boolean> {
    if ((kept.sock.poll() & 1) === 0) return false;
    await this.#note(`Connection ${kept.id} seems to be dead`);
    await this.#note(`Closing connection ${kept.id}`);
    this.#c.pool.drop(kept);
    return true;
  }

  async #resolve(url: Url, port: number): Promise<readonly SockAddr[]> {
    const { config, proc } = this.#c;
    const given = config.resolve.find((r) => r.host === url.host.toLowerCase() && r.port === port);
    if (given !== undefined) {
      await this.#note(`Hostname ${url.host} was found in DNS cache`);
      return given.addrs.map((addr) => ({ addr, port: 0 }));
    }
    const literal = parseInet(url.host);
    if (literal !== undefined && familyOf(literal) !== (config.family ?? familyOf(literal)))
      throw new CurlError(code.CURLE_COULDNT_CONNECT, "Couldn't connect to server");
    const found = await resolve(proc, url.host, config.family);
    if (!('error' in found)) return found.addrs;
    const message = `Could not resolve host: ${url.host}`;
    await this.#note(message);
    await this.#note(`Closing connection ${this.#c.pool.nextId()}`);
    throw new CurlError(code.CURLE_COULDNT_RESOLVE_HOST, message);
  }

  async #sendRequest(connection: Connection, plan: RequestPlan): Promise<void> {
    const { config, info, proc } = this.#c;
    const user = credentials(config, plan.url);
    if (user !== undefined && plan.authorize)
      await this.#note(`Server auth using Basic with user '${user.slice(0, user.indexOf(':'))}'`);
    const head = requestHead(config, plan);
    info.preTransfer = proc.now - this.#start;
    info.requestBytes += head.length;
    this.#traced = false;
    const bytes = utf8Encode(head);
    await sendAll(proc, connection.sock, bytes, this.#left());
    await this.#trace('> ', head);
    if (plan.body === undefined || plan.body.length === 0) return;
    if (expectsContinue(config, plan) && !(await this.#mayContinue(connection))) return;
    await this.#traceData('}', plan.body.length);
    await sendAll(proc, connection.sock, plan.body, this.#left());
    info.uploaded += plan.body.length;
    if (this.#c.meter !== undefined) {
      this.#c.meter.toSend = plan.body.length;
      this.#c.meter.sent += plan.body.length;
    }
  }

  /** Waits for `100 Continue`. @returns whether to send the body: not if a final answer has come */
  async #mayContinue(connection: Connection): Promise<boolean> {
    const { reader } = connection;
    reader.deadline = this.#c.proc.now + EXPECT_TIMEOUT;
    try {
      await reader.fill();
    } catch (e) {
      if (!(e instanceof ReadTimeout)) throw e;
      await this.#note('Done waiting for 100-continue');
      return true;
    } finally {
      reader.deadline = this.#deadline;
    }
    return String.fromCharCode(...reader.buffered.subarray(0, 12)).endsWith(' 100');
  }

  #left(): Nanos | undefined {
    return this.#deadline === undefined
      ? undefined
      : Math.max(0, this.#deadline - this.#c.proc.now);
  }

  /** Reads heads until one is final: 1xx come before it. */
  async #readHead(connection: Connection): Promise<ResponseHead> {
    for (;;) {
      const head = await this.#oneHead(connection);
      if (head.status >= 200 || head.status === 101) return head;
    }
  }

  async #oneHead(connection: Connection): Promise<ResponseHead> {
    const { config, info, proc } = this.#c;
    const { reader } = connection;
    while (reader.buffered.length < 5 && (await reader.fill())) await this.#progress();
    info.startTransfer ||= proc.now - this.#start;
    if (reader.buffered.length === 0)
      throw new CurlError(code.CURLE_GOT_NOTHING, 'Empty reply from server');
    if (String.fromCharCode(...reader.buffered.subarray(0, 5)) !== 'HTTP/') {
      if (!config.http09)
        throw new CurlError(code.CURLE_UNSUPPORTED_PROTOCOL, 'Received HTTP/0.9 when not allowed');
      return this.#noHead();
    }
    const first = (await reader.line()) ?? '';
    const status = parseStatusLine(first);
    if (status === undefined)
      throw new CurlError(code.CURLE_UNSUPPORTED_PROTOCOL, 'Unsupported HTTP version in response');
    if (status.version === 10) await this.#note('HTTP 1.0, assume close after body');
    info.status = status.status;
    info.httpVersion = `${Math.floor(status.version / 10)}.${status.version % 10}`;
    const failing = config.fail === 'fail' && status.status >= 400;
    const lines = [first];
    if (failing) await this.#note(`The requested URL returned error: ${status.status}`);
    else await this.#headerLine(`${first}\r\n`);
    if (failing) throw this.#httpError(status.status);
    for (;;) {
      const line = await reader.line();
      if (line === undefined) break;
      await this.#headerLine(`${line}\r\n`);
      if (line === '') break;
      lines.push(line);
    }
    const headers = parseFields(lines.slice(1));
    if (headers === undefined)
      throw new CurlError(code.CURLE_WEIRD_SERVER_REPLY, 'Header without colon');
    info.headers = headers;
    this.#traced = false;
    return { ...status, headers };
  }

  #noHead(): ResponseHead {
    const headers = parseFields([]) as ResponseHead['headers'];
    return { version: 9, status: 200, reason: '', headers };
  }

  #httpError(status: number): CurlError {
    return new CurlError(
      code.CURLE_HTTP_RETURNED_ERROR,
      `The requested URL returned error: ${status}`,
    );
  }

  async #headerLine(line: string): Promise<void> {
    const { config, info } = this.#c;
    info.headerBytes += line.length;
    await this.#trace('< ', line);
    await this.#c.dumpHeader?.(line);
    if (config.include || config.head) await this.#c.sink.write(utf8Encode(line));
  }

  async #readContent(connection: Connection, plan: RequestPlan, head: ResponseHead): Promise<void> {
    const { config, info, meter } = this.#c;
    const framing = responseFraming(plan.method, head);
    if (framing.kind === 'length' && meter !== undefined) meter.toReceive = framing.length;
    const ignored = config.follow && redirectOf(head) !== undefined;
    if (ignored && framing.kind !== 'none') await this.#note('Ignoring the response-body');
    if (connection.reader.buffered.length > 0 && framing.kind !== 'none' && !ignored)
      await this.#traceData('{', connection.reader.buffered.length);
    const end = await readBody(connection.reader, framing, async (piece) => {
      info.downloaded += piece.length;
      if (meter !== undefined) meter.received += piece.length;
      if (ignored) return;
      await this.#traceData('{', piece.length);
      await this.#c.sink.write(piece);
      await this.#progress();
    });
    if (ignored) info.downloaded = 0;
    this.#checkEnd(end);
    await this.#release(
      connection,
      framing.kind === 'close' || !keepsAlive(head.version, head.headers),
    );
    if (config.fail === 'with-body' && head.status >= 400) throw this.#httpError(head.status);
  }

  #checkEnd(end: BodyEnd): void {
    if (end.kind === 'whole') return;
    if (end.kind === 'malformed')
      throw new CurlError(code.CURLE_RECV_ERROR, 'Malformed encoding found in chunked-encoding');
    const what =
      end.missing === undefined
        ? 'transfer closed with outstanding read data remaining'
        : `transfer closed with ${end.missing} bytes remaining to read`;
    throw new CurlError(code.CURLE_PARTIAL_FILE, what);
  }

  async #release(connection: Connection, close: boolean): Promise<void> {
    this.#connection = undefined;
    if (close || this.#c.config.http10) {
      this.#c.pool.drop(connection);
      await this.#note(`Closing connection ${connection.id}`);
      return;
    }
    this.#c.pool.keep(connection);
    await this.#note(`Connection #${connection.id} to host ${connection.host} left intact`);
  }

  async #progress(): Promise<void> {
    const text = this.#c.meter?.update(this.#c.proc.now) ?? '';
    if (text !== '') await this.#c.proc.err(text);
  }

  /** A `* ` line of -v. */
  async #note(text: string): Promise<void> {
    if (this.#c.config.verbose) await this.#c.proc.err(`* ${text}\n`);
  }

  async #trace(mark: string, text: string): Promise<void> {
    if (!this.#c.config.verbose) return;
    const lines = text.split('\n').slice(0, -1);
    await this.#c.proc.err(lines.map((line) => `${mark}${line}\n`).join(''));
  }

  /** How many bytes of body came or went first, unless they show on the same terminal. */
  async #traceData(mark: string, length: number): Promise<void> {
    if (!this.#c.config.verbose || this.#traced || this.#c.sink.isTty) return;
    this.#traced = true;
    await this.#c.proc.err(`${mark} [${length} bytes data]\n`);
  }
}

/** Where a response redirects to. */
function redirectOf(head: ResponseHead): string | undefined {
  return head.status >= 300 && head.status < 400 ? head.headers.get('Location') : undefined;
}

/** The last part of a URL's path, for -O; undefined if there is none. */
export function remoteName(text: string): string | undefined {
  const url = parseUrl(text);
  const name = url?.path.slice(url.path.lastIndexOf('/') + 1);
  return url === undefined || urlHost(url) === '' || name === '' ? undefined : name;
}
