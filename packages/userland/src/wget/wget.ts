import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';
import {
  civilTime,
  formatUrl,
  parseFields,
  parseStatusLine,
  parseUrl,
  ReadTimeout,
  type ResponseHead,
  readBody,
  resolveReference,
  responseFraming,
  StreamReader,
  two,
  type Url,
  urlHost,
} from '../http/index.ts';
import {
  closeSocket,
  connect,
  familyOf,
  formatInet,
  getopt,
  openTcp,
  parseInet,
  type StreamSocket,
  sendAll,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import { bar, dots, humanSize, retrRate } from './rates.ts';
import { readWgetOptions, spellOut, WGET_OPTIONS, type WgetOptions } from './wget-options.ts';

/** Exit statuses of wget. wget src/exits.h */
const GENERIC = 1;
const PARSE = 2;
const NETWORK = 4;
const SERVER = 8;
const IO = 3;
const USAGE = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";
const MAX_REDIRECTS = 20;
const DEFAULT_TIMEOUT = 900 * SEC;

/** wget(1). */
export async function wget(proc: Process): Promise<number> {
  const {
    options: found,
    operands,
    error,
  } = getopt(spellOut(proc.argv.slice(1)), WGET_OPTIONS.letters, WGET_OPTIONS.longs);
  if (error !== undefined) {
    await proc.err(`wget: ${error}\n${USAGE}`);
    return PARSE;
  }
  if (found.some((o) => o.opt === 'V')) {
    await proc.out('GNU Wget 1.21.3 built on linux-gnu.\n');
    return 0;
  }
  if (found.some((o) => o.opt === 'h')) {
    await proc.out(USAGE);
    return 0;
  }
  if (operands.length === 0) {
    await proc.err(`wget: missing URL\n${USAGE}`);
    return GENERIC;
  }
  let status = 0;
  for (const operand of operands) {
    const result = await new Retrieval(proc, readWgetOptions(found)).run(operand);
    if (result !== 0) status = status === 0 ? result : Math.min(status, result);
  }
  return status;
}

/** What one attempt came to: done with a status, to be tried again, or redirected. */
type Outcome = { readonly status: number } | 'retry' | { readonly location: Url };

class Retrieval {
  readonly #proc: Process;
  readonly #o: WgetOptions;

  constructor(proc: Process, options: WgetOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  /** @returns the exit status */
  async run(text: string): Promise<number> {
    let url = parseUrl(text);
    if (url === undefined || url.scheme !== 'http') {
      const why = url === undefined ? 'Invalid host name' : `Unsupported scheme '${url.scheme}'`;
      await this.#proc.err(`${text}: ${why}.\n`);
      return GENERIC;
    }
    if (this.#o.spider) await this.#log('Spider mode enabled. Check if remote file exists.\n');
    for (let redirects = 0, tries = 1; ; ) {
      const outcome: Outcome = await this.#attempt(url, tries);
      if (outcome === 'retry') {
        if (++tries > this.#o.tries) {
          await this.#log('Giving up.\n\n');
          return NETWORK;
        }
        await this.#log('Retrying.\n\n');
        await this.#proc.sleep(Math.min(tries - 1, 10) * SEC);
      } else if ('location' in outcome) {
        if (++redirects > MAX_REDIRECTS) {
          await this.#log(`${MAX_REDIRECTS} redirections exceeded.\n`);
          return SERVER;
        }
        url = outcome.location;
        tries = 1;
      } else return outcome.status;
    }
  }

  /** Prints unless -q or -nv asks for silence. */
  async #log(text: string): Promise<void> {
    if (!this.#o.quiet && this.#o.verbose) await this.#proc.err(text);
  }

  /** Prints unless -q asks for silence. */
  async #always(text: string): Promise<void> {
    if (!this.#o.quiet) await this.#proc.err(text);
  }

  get #date(): string {
    const t = civilTime(this.#proc.machine.wallClock);
    return `${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
  }

  async #attempt(url: Url, tries: number): Promise<Outcome> {
    const attempt = tries > 1 ? `(try:${String(tries).padStart(2)})  ` : '';
    await this.#log(`--${this.#date}--  ${attempt}${formatUrl(url)}\n`);
    const addrs = await this.#addresses(url);
    if (addrs === undefined) return { status: NETWORK };
    const sock = await this.#connectAny(url, addrs);
    if (sock === undefined || sock === 'retry') return sock ?? { status: NETWORK };
    try {
      return await this.#exchange(url, sock);
    } catch (e) {
      if (e instanceof ReadTimeout)
        await this.#log('Read error (Connection timed out) in headers.\n');
      else if (e instanceof KernelError)
        await this.#log(`Read error (${strerror(e.errno)}) in headers.\n`);
      else throw e;
      return 'retry';
    } finally {
      closeSocket(this.#proc, sock);
    }
  }

  async #addresses(url: Url): Promise<readonly SockAddr[] | undefined> {
    const literal = parseInet(url.host);
    if (literal !== undefined) return [{ addr: literal, port: 0 }];
    await this.#log(`Resolving ${url.host} (${url.host})... `);
    const found = await resolve(this.#proc, url.host, this.#o.family);
    if ('error' in found) {
      await this.#log(`failed: ${gaiStrerror(found.error)}.\n`);
      await this.#always(`wget: unable to resolve host address '${url.host}'\n`);
      return undefined;
    }
    await this.#log(`${found.addrs.map((a) => formatInet(a.addr)).join(', ')}\n`);
    return found.addrs;
  }

  async #connectAny(
    url: Url,
    addrs: readonly SockAddr[],
  ): Promise<StreamSocket | 'retry' | undefined> {
    const port = url.port ?? 80;
    let timedOut = false;
    for (const addr of addrs) {
      const text = formatInet(addr.addr);
      const shown = text.includes(':') ? `[${text}]` : text;
      const where =
        parseInet(url.host) !== undefined
          ? `${shown}:${port}`
          : `${url.host} (${url.host})|${text}|:${port}`;
      await this.#log(`Connecting to ${where}... `);
      const sock = openTcp(this.#proc, familyOf(addr.addr));
      try {
        await connect(this.#proc, sock, { ...addr, port }, this.#o.timeout);
        await this.#log('connected.\n');
        return sock;
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        closeSocket(this.#proc, sock);
        timedOut = e.errno === 'EINPROGRESS' || e.errno === 'ETIMEDOUT';
        await this.#log(`failed: ${strerror(timedOut ? 'ETIMEDOUT' : e.errno)}.\n`);
      }
    }
    return timedOut ? 'retry' : undefined;
  }

  async #exchange(url: Url, sock: StreamSocket): Promise<Outcome> {
    const reader = new StreamReader(this.#proc, sock);
    reader.deadline = this.#proc.now + (this.#o.timeout ?? DEFAULT_TIMEOUT);
    await sendAll(this.#proc, sock, utf8Encode(this.#request(url)));
    await this.#log('HTTP request sent, awaiting response... ');
    const lines: string[] = [];
    for (
      let line = await reader.line();
      line !== undefined && line !== '';
      line = await reader.line()
    )
      lines.push(line);
    const status = parseStatusLine(lines[0] ?? '');
    const headers = parseFields(lines.slice(1));
    if (status === undefined || headers === undefined) {
      await this.#log('No data received.\n');
      return 'retry';
    }
    if (this.#o.serverResponse) await this.#always(`\n${lines.map((l) => `  ${l}\n`).join('')}`);
    else await this.#log(`${status.status} ${status.reason}\n`);
    return this.#answer(url, reader, { ...status, headers });
  }

  #request(url: Url): string {
    const { headers, postData, spider, userAgent } = this.#o;
    const method = postData !== undefined ? 'POST' : spider ? 'HEAD' : 'GET';
    const port = url.port === undefined || url.port === 80 ? '' : `:${url.port}`;
    const lines = [
      `${method} ${url.path}${url.query} HTTP/1.1`,
      `Host: ${urlHost(url)}${port}`,
      `User-Agent: ${userAgent}`,
      'Accept: */*',
      'Accept-Encoding: identity',
      'Connection: Keep-Alive',
      ...headers,
    ];
    if (postData !== undefined)
      lines.push(
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${utf8Encode(postData).length}`,
      );
    return `${lines.join('\r\n')}\r\n\r\n${postData ?? ''}`;
  }

  async #answer(url: Url, reader: StreamReader, head: ResponseHead): Promise<Outcome> {
    const location = head.headers.get('Location');
    if (head.status >= 300 && head.status < 400 && location !== undefined) {
      await this.#log(`Location: ${location} [following]\n`);
      const next = resolveReference(url, location);
      return next === undefined ? { status: GENERIC } : { location: next };
    }
    if (head.status >= 400) {
      if (this.#o.spider) await this.#log('Remote file does not exist -- broken link!!!\n\n');
      else {
        if (!this.#o.verbose) await this.#always(`${formatUrl(url)}:\n`);
        await this.#always(
          `${this.#date} ERROR ${head.status}: ${head.reason}.\n${this.#o.verbose ? '\n' : ''}`,
        );
      }
      return { status: SERVER };
    }
    await this.#length(head);
    if (!this.#o.spider) return this.#save(url, reader, head);
    await this.#log(
      'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n',
    );
    return { status: 0 };
  }

  async #length(head: ResponseHead): Promise<void> {
    const length = head.headers.get('Content-Length');
    const type = head.headers.get('Content-Type')?.replace(/\s*;.*/, '');
    const human =
      Number(length) > 1024
        ? ` (${humanSize(Number(length)).replace(/\.?0+([KMGT])$/, '$1')})`
        : '';
    const what = length === undefined ? 'unspecified' : `${length}${human}`;
    await this.#log(`Length: ${what}${type === undefined ? '' : ` [${type}]`}\n`);
  }

  /** The file that a URL is saved in: a name that is taken gets a number. */
  #fileFor(url: Url): string {
    const base = url.path.slice(url.path.lastIndexOf('/') + 1) || 'index.html';
    const name = `${this.#o.prefix === undefined ? '' : `${this.#o.prefix}/`}${base}${url.query}`;
    const { fs } = this.#proc;
    if (!fs.exists(this.#proc.path(name))) return name;
    for (let i = 1; ; i++) if (!fs.exists(this.#proc.path(`${name}.${i}`))) return `${name}.${i}`;
  }

  async #save(url: Url, reader: StreamReader, head: ResponseHead): Promise<Outcome> {
    const file = this.#o.output ?? this.#fileFor(url);
    const toStdout = file === '-';
    await this.#log(`Saving to: '${toStdout ? 'STDOUT' : file}'\n\n`);
    const framing = responseFraming('GET', head);
    const whole = framing.kind === 'length' ? framing.length : undefined;
    const began = this.#proc.now;
    let fd = 1;
    try {
      if (!toStdout) fd = this.#proc.open(file, { write: true, create: true, truncate: true });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#always(`${file}: ${strerror(e.errno)}\n`);
      return { status: IO };
    }
    const shown = file.slice(file.lastIndexOf('/') + 1);
    const progress = (!this.#o.quiet && this.#o.verbose) || this.#o.showProgress;
    const tty = this.#proc.fds.get(2) as
      | { readonly size?: { readonly columns: number } }
      | undefined;
    const columns = this.#proc.isTty(2) ? (tty?.size?.columns ?? 80) : undefined;
    if (progress && columns !== undefined)
      await this.#proc.err(bar(shown, columns, 0, whole, undefined));
    let got = 0;
    const end = await readBody(reader, framing, async (piece) => {
      got += piece.length;
      reader.deadline = this.#proc.now + (this.#o.timeout ?? DEFAULT_TIMEOUT);
      await this.#proc.write(fd, piece);
    });
    if (!toStdout) this.#proc.close(fd);
    const elapsed = this.#proc.now - began;
    if (progress)
      await this.#proc.err(
        columns === undefined
          ? dots(got, whole, elapsed)
          : `${bar(shown, columns, got, whole, elapsed)}\n`,
      );
    if (end.kind !== 'whole') {
      await this.#log(
        `\n${this.#date} (${retrRate(got, elapsed)}) - Connection closed at byte ${got}. Retrying.\n\n`,
      );
      return 'retry';
    }
    await this.#saved(url, file, got, whole, elapsed);
    return { status: 0 };
  }

  async #saved(
    url: Url,
    file: string,
    got: number,
    whole: number | undefined,
    elapsed: number,
  ): Promise<void> {
    const size = whole === undefined ? `[${got}]` : `[${got}/${whole}]`;
    const to = file === '-' ? 'written to stdout' : `'${file}' saved`;
    await this.#log(`\n${this.#date} (${retrRate(got, elapsed)}) - ${to} ${size}\n\n`);
    if (!this.#o.verbose)
      await this.#always(`${this.#date} URL:${formatUrl(url)} ${size} -> "${file}" [1]\n`);
  }
}
