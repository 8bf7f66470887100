import { HeaderList } from './header-list.ts';

/** The first line of a request and its header fields. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** 9 for a request without a version, else 10 times the major number plus the minor: 10, 11. */
  readonly version: number;
  readonly headers: HeaderList;
}

/** The first line of a response and its header fields. */
export interface ResponseHead {
  readonly version: number;
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

/** Reads header lines, unfolding what is continued. @returns undefined if a line is none. RFC 9112 section 5 */
export function parseFields(lines: readonly string[]): HeaderList | undefined {
  const headers = new HeaderList();
  for (const line of lines) {
    const last = headers.entries.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last[1] = `${last[1]} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) return undefined;
    headers.add(line.slice(0, colon).trimEnd(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Reads a status line: `HTTP/1.1 200 OK`. RFC 9112 section 4 */
export function parseStatusLine(line: string): Omit<ResponseHead, 'headers'> | undefined {
  const m = /^HTTP\/(\d)\.(\d)[ \t]+(\d{3})(?:[ \t]+(.*))?$/.exec(line);
  if (m === null) return undefined;
  const version = Number(m[1]) * 10 + Number(m[2]);
  return { version, status: Number(m[3]), reason: m[4] ?? '' };
}

/** How a message's body is delimited. RFC 9112 section 6.3 */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** How the body of a response to `method` is delimited. */
export function responseFraming(method: string, head: ResponseHead): BodyFraming {
  const bodiless = head.status < 200 || head.status === 204 || head.status === 304;
  if (method === 'HEAD' || bodiless) return { kind: 'none' };
  if (head.headers.hasToken('Transfer-Encoding', 'chunked')) return { kind: 'chunked' };
  const length = head.headers.get('Content-Length');
  if (length !== undefined && /^\d+$/.test(length))
    return { kind: 'length', length: Number(length) };
  return { kind: 'close' };
}

/** Whether the connection can carry another message after this one. RFC 9112 section 9.3 */
export function keepsAlive(version: number, headers: HeaderList): boolean {
  if (headers.hasToken('Connection', 'close')) return false;
  return version >= 11 || headers.hasToken('Connection', 'keep-alive');
}
