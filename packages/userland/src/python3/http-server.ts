import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { type Errno, KernelError, strerror } from '@labwire/core/error';
import { POLLIN, POLLOUT } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { civilTime, httpDate, two } from '../http/index.ts';
import {
  closeSocket,
  EventLoop,
  familyOf,
  formatInet,
  installSocket,
  openTcp,
  parseInet,
  SignalFlag,
  type Strand,
  type StreamSocket,
} from '../libc-net/index.ts';
import { type Process, SIGINT } from '../machine/index.ts';

const DEFAULT_PORT = 8000;
const BACKLOG = 5;
const SERVER = 'SimpleHTTP/0.6 Python/3.11.2';
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  txt: 'text/plain',
  xml: 'text/xml',
  zip: 'application/zip',
};
const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'Bad request syntax or unsupported method',
  404: 'Nothing matches the given URI',
  501: 'Server does not support this operation',
};
const USAGE = 'usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\n';

interface ServerOptions {
  bind: string;
  directory: string;
  port: number;
}

function parseArgs(proc: Process, args: readonly string[]): ServerOptions | string {
  const o: ServerOptions = { bind: '0.0.0.0', directory: proc.cwd, port: DEFAULT_PORT };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === '-b' || word === '--bind') o.bind = args[++i] ?? '';
    else if (word === '-d' || word === '--directory') o.directory = proc.path(args[++i] ?? '');
    else if (/^\d+$/.test(word)) o.port = Number(word);
    else if (word.startsWith('-')) return `server.py: error: unrecognized arguments: ${word}\n`;
    else return `server.py: error: argument port: invalid int value: '${word}'\n`;
  }
  return o;
}

/** `python3 -m http.server`: serves the files of a directory. CPython 3.11 Lib/http/server.py */
export async function httpServer(proc: Process, args: readonly string[]): Promise<number> {
  const o = parseArgs(proc, args);
  if (typeof o === 'string') {
    await proc.err(`${USAGE}${o}`);
    return 2;
  }
  const addr = parseInet(o.bind);
  if (addr === undefined) {
    await proc.err(`socket.gaierror: [Errno -2] Name or service not known\n`);
    return 1;
  }
  const listener = openTcp(proc, familyOf(addr));
  try {
    listener.reuseAddr = true;
    listener.bind({ addr, port: o.port });
    listener.listen(BACKLOG);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`Traceback (most recent call last):\n${pythonError(e.errno)}\n`);
    return 1;
  }
  const host = o.bind.includes(':') ? `[${o.bind}]` : o.bind;
  await proc.out(`Serving HTTP on ${o.bind} port ${o.port} (http://${host}:${o.port}/) ...\n`);
  return serve(proc, listener, o.directory);
}

/** What Python calls a failed call. */
function pythonError(errno: Errno): string {
  const number = errno === 'EADDRINUSE' ? 98 : errno === 'EADDRNOTAVAIL' ? 99 : 13;
  return `${number === 13 ? 'PermissionError' : 'OSError'}: [Errno ${number}] ${strerror(errno)}`;
}

async function serve(proc: Process, listener: StreamSocket, directory: string): Promise<number> {
  const stop = SignalFlag.catch(proc, SIGINT);
  const loop = new EventLoop(proc);
  const log: string[] = [];
  loop.add(acceptor(proc, loop, listener, directory, log));
  loop.add(watch(stop));
  while (!stop.raised) {
    await loop.turn();
    for (const line of log.splice(0)) await proc.err(line);
  }
  await proc.out('\nKeyboard interrupt received, exiting.\n');
  return 0;
}

function* watch(flag: SignalFlag): Strand {
  yield { on: flag, events: POLLIN };
}

function* acceptor(
  proc: Process,
  loop: EventLoop,
  listener: StreamSocket,
  directory: string,
  log: string[],
): Strand {
  for (;;) {
    const conn = listener.accept();
    if (conn === undefined) {
      yield { on: listener, events: POLLIN };
      continue;
    }
    installSocket(proc, conn);
    loop.add(connection(proc, conn, directory, log));
  }
}

function* connection(proc: Process, sock: StreamSocket, directory: string, log: string[]): Strand {
  try {
    let text = '';
    while (!/\r?\n\r?\n/.test(text)) {
      const got = sock.recv(8192);
      if (got === undefined) yield { on: sock, events: POLLIN };
      else if (got.data.length === 0) return;
      else text += utf8Decode(got.data);
    }
    const client = formatInet((sock.remoteAddr()?.addr ?? 0) as InetAddr);
    const answer = new Handler(proc, directory, client, log).answer(
      text.split(/\r?\n/)[0] as string,
    );
    for (let at = 0; at < answer.length; ) {
      const taken = sock.send(answer.subarray(at));
      if (taken === undefined) yield { on: sock, events: POLLOUT };
      else at += taken;
    }
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  } finally {
    closeSocket(proc, sock);
  }
}

/** Answers one request. SimpleHTTPRequestHandler */
class Handler {
  readonly #proc: Process;
  readonly #directory: string;
  readonly #client: string;
  readonly #log: string[];
  #line = '';

  constructor(proc: Process, directory: string, client: string, log: string[]) {
    this.#proc = proc;
    this.#directory = directory;
    this.#client = client;
    this.#log = log;
  }

  answer(line: string): Uint8Array {
    this.#line = line;
    const [method = '', target = '', version] = line.split(/\s+/);
    if (version === undefined || !version.startsWith('HTTP/'))
      return this.#error(400, `Bad request syntax (${quote(line)})`);
    if (method !== 'GET' && method !== 'HEAD')
      return this.#error(501, `Unsupported method (${quote(method)})`);
    const head = method === 'HEAD';
    const url = (target.split(/[?#]/)[0] as string).replace(/%([0-9a-fA-F]{2})/g, (_, h: string) =>
      String.fromCharCode(Number.parseInt(h, 16)),
    );
    const parts = url.split('/').filter((p) => p !== '' && p !== '.' && p !== '..');
    const path = `${this.#directory.replace(/\/$/, '')}/${parts.join('/')}`;
    const { fs } = this.#proc;
    if (!fs.exists(path)) return this.#error(404, 'File not found', head);
    if (fs.stat(path).type === 'dir')
      return this.#directoryAnswer(path.replace(/(.)\/$/, '$1'), target, url, head);
    return url.endsWith('/') ? this.#error(404, 'File not found', head) : this.#file(path, head);
  }

  #directoryAnswer(path: string, target: string, url: string, head: boolean): Uint8Array {
    if (!url.endsWith('/'))
      return this.#respond(
        301,
        'Moved Permanently',
        [
          ['Location', `${target}/`],
          ['Content-Length', '0'],
        ],
        new Uint8Array(0),
      );
    for (const index of ['index.html', 'index.htm'])
      if (this.#proc.fs.exists(`${path}/${index}`)) return this.#file(`${path}/${index}`, head);
    const body = utf8Encode(this.#listing(path, url));
    const fields: [string, string][] = [
      ['Content-type', 'text/html; charset=utf-8'],
      ['Content-Length', String(body.length)],
    ];
    return this.#respond(200, 'OK', fields, head ? new Uint8Array(0) : body);
  }

  #listing(path: string, url: string): string {
    const { fs } = this.#proc;
    const names = fs.readdir(path).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    const title = `Directory listing for ${escapeHtml(url)}`;
    const items = names.map((name) => {
      const full = `${path === '/' ? '' : path}/${name}`;
      const isLink = fs.lstat(full).type === 'symlink';
      const isDir = fs.exists(full) && fs.stat(full).type === 'dir';
      const shown = isLink ? `${name}@` : isDir ? `${name}/` : name;
      return `<li><a href="${quoteUrl(name)}${isDir ? '/' : ''}">${escapeHtml(shown)}</a></li>\n`;
    });
    return (
      `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n` +
      `<h1>${title}</h1>\n<hr>\n<ul>\n${items.join('')}</ul>\n<hr>\n</body>\n</html>\n`
    );
  }

  #file(path: string, head: boolean): Uint8Array {
    const data = this.#proc.fs.readFile(path);
    const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
    const fields: [string, string][] = [
      ['Content-type', TYPES[extension] ?? 'application/octet-stream'],
      ['Content-Length', String(data.length)],
      ['Last-Modified', httpDate(this.#proc.fs.stat(path).mtime)],
    ];
    return this.#respond(200, 'OK', fields, head ? new Uint8Array(0) : data);
  }

  #error(status: number, message: string, head = false): Uint8Array {
    this.#write(`code ${status}, message ${message}`);
    const shown = escapeHtml(message);
    const body = utf8Encode(
      `<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n` +
        `        <p>Error code: ${status}</p>\n        <p>Message: ${shown}.</p>\n        <p>Error code explanation: ${status} - ${EXPLANATIONS[status]}.</p>\n    </body>\n</html>\n`,
    );
    const fields: [string, string][] = [
      ['Connection', 'close'],
      ['Content-Type', 'text/html;charset=utf-8'],
      ['Content-Length', String(body.length)],
    ];
    return this.#respond(status, message, fields, head ? new Uint8Array(0) : body);
  }

  #respond(
    status: number,
    reason: string,
    fields: readonly (readonly [string, string])[],
    body: Uint8Array,
  ): Uint8Array {
    this.#write(`"${this.#line}" ${status} -`);
    const lines = [
      `HTTP/1.0 ${status} ${reason}`,
      `Server: ${SERVER}`,
      `Date: ${httpDate(this.#proc.machine.wallClock)}`,
      ...fields.map(([name, value]) => `${name}: ${value}`),
    ];
    const head = utf8Encode(`${lines.join('\r\n')}\r\n\r\n`);
    const all = new Uint8Array(head.length + body.length);
    all.set(head);
    all.set(body, head.length);
    return all;
  }

  #write(text: string): void {
    const t = civilTime(this.#proc.machine.wallClock);
    const time = `${two(t.day)}/${t.monthName}/${t.year} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
    this.#log.push(`${this.#client} - - [${time}] ${text}\n`);
  }
}

function quote(text: string): string {
  return `'${text}'`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** urllib.parse.quote() */
function quoteUrl(text: string): string {
  let out = '';
  for (const byte of utf8Encode(text)) {
    const c = String.fromCharCode(byte);
    out += /[A-Za-z0-9_.\-~/]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
