import { utf8Decode } from '@labwire/core/bytes';
import type { SockAddr } from '@labwire/devices/sock';
import { HeaderList, parseFields } from '../../http/index.ts';
import type { Listening, Location, ProxyTarget, Scope, VirtualServer } from '../conf/index.ts';

/** One request on its way through a server. */
export interface Request {
  readonly line: string;
  readonly method: string;
  /** As it was asked for, with its query. */
  readonly target: string;
  /** 9, 10 or 11. */
  readonly version: number;
  readonly headers: HeaderList;
  readonly listening: Listening;
  readonly client: SockAddr;
  readonly local: SockAddr;
  readonly connection: number;
  /** How many requests this connection has had, this one included. */
  readonly onConnection: number;
  readonly length: number;
  body: Uint8Array;
  keepAlive: boolean;
  server: VirtualServer;
  location: Location | undefined;
  /** The innermost block that applies. */
  scope: Scope;
  /** The path, decoded and without dots. */
  uri: string;
  /** Without the question mark. */
  args: string;
  host: string;
  internal: boolean;
  redirects: number;
  /** Where it is handed on to. */
  proxy: ProxyTarget | undefined;
  /** The servers that were asked for an answer: their address, and the status that it came to. */
  upstreams: { readonly addr: string; readonly status: number }[];
}

/** A head that nginx does not take: the status that it answers with; 0 for not at all. */
export interface BadRequest {
  readonly status: number;
  readonly line: string;
}

/** The parts of a request's head. */
export interface RequestHead {
  readonly line: string;
  readonly method: string;
  readonly target: string;
  readonly version: number;
  readonly headers: HeaderList;
}

/** Where the head ends: behind its empty line, or behind the line of an HTTP/0.9 request; -1 if more must come. */
export function headEnd(buf: Uint8Array): number {
  for (let i = 0; i < buf.length; i++) {
    if (buf[i] !== 10) continue;
    if (/^[A-Z_-]+ [^ ]+\r?\n$/.test(utf8Decode(buf, 0, Math.min(i + 1, 4096)))) return i + 1;
    const next = buf[i + 1] === 13 ? i + 2 : i + 1;
    if (buf[next] === 10) return next + 1;
  }
  return -1;
}

/** Reads a head. nginx src/http/ngx_http_parse.c */
export function parseHead(bytes: Uint8Array): RequestHead | BadRequest {
  const lines = utf8Decode(bytes).split(/\r?\n/);
  while (lines[0] === '' && lines.length > 1) lines.shift();
  const line = lines.shift() as string;
  const m = /^([A-Z_-]+) +([^ ]+)(?: +HTTP\/(\d+)\.(\d+))? *$/.exec(line);
  if (m === null) return { status: 400, line };
  const [, method, target, major, minor] = m as unknown as [
    string,
    string,
    string,
    string?,
    string?,
  ];
  if (!/^(?:\/|https?:\/\/)/i.test(target)) return { status: 400, line };
  if (major === undefined) return { line, method, target, version: 9, headers: new HeaderList() };
  if (major !== '1') return { status: Number(major) > 1 ? 505 : 400, line };
  const headers = parseFields(lines.filter((l) => l !== ''));
  if (headers === undefined) return { status: 400, line };
  const version = Number(minor) > 0 ? 11 : 10;
  if (version === 11 && headers.get('Host') === undefined) return { status: 400, line };
  return { line, method, target, version, headers };
}

/** A path without `%XX`, `.`, `..` and doubled slashes. @returns undefined if it leads above the root */
export function normalise(target: string): { uri: string; args: string } | undefined {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '') || '/';
  const at = path.indexOf('?');
  const args = at < 0 ? '' : path.slice(at + 1);
  const raw = at < 0 ? path : path.slice(0, at);
  if (/%(?![0-9a-fA-F]{2})|%00/.test(raw)) return undefined;
  const bytes = raw.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const out: string[] = [];
  const parts = bytes.split('/').slice(1);
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === '..') {
      if (out.pop() === undefined) return undefined;
      if (last) out.push('');
    } else if (part === '.' || (part === '' && !last)) {
      if (last) out.push('');
    } else out.push(part);
  }
  return { uri: `/${out.join('/')}`, args };
}

/** The host that a request is for, without its port. */
export function hostOf(head: RequestHead): string {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(head.target)?.[1];
  return (absolute ?? head.headers.get('Host') ?? '').replace(/:\d*$/, '').toLowerCase();
}
