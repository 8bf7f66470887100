import { utf8Encode } from '@labwire/core/bytes';
import { httpDate } from '../../http/index.ts';
import { NGINX_VERSION } from './variables.ts';

/** What is answered. Fields that have their own place in the head come before `extra`. ngx_http_header_filter() */
export interface Response {
  readonly status: number;
  /** Replaces the usual words after the status. */
  readonly reason?: string;
  readonly contentType?: string | undefined;
  /** Seconds since the epoch. */
  readonly lastModified?: number | undefined;
  /** A path on this server, which goes out as a whole URL. */
  readonly localLocation?: string;
  /** Further fields, in order. */
  readonly extra: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Bytes that the body of the same request by GET has; absent: those of `body`. */
  readonly length?: number;
  /** An upstream's: goes out as it is, whatever its status. */
  readonly proxied?: boolean;
  /** Sent in chunks where the client knows them. */
  readonly chunked?: boolean;
  /** Closes without a word: 444. */
  readonly silent?: boolean;
}

const STATUS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Time-out',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
};

/** Titles of built-in pages that differ from the status line. */
const PAGE_TITLES: Readonly<Record<number, string>> = {
  302: 'Found',
  401: 'Authorization Required',
  503: 'Service Temporarily Unavailable',
};

/** Statuses after which nginx closes the connection. ngx_http_special_response_handler() */
export const CLOSING: readonly number[] = [400, 413, 414, 497, 495, 496, 500, 501, 505];

/** The words after a status; empty if it has none. */
export function statusText(status: number): string {
  return STATUS[status] ?? '';
}

/** nginx as it names itself, with its version unless `server_tokens off`. */
export function serverName(tokens: boolean): string {
  return tokens ? `nginx/${NGINX_VERSION}` : 'nginx';
}

/** The built-in page of a status; undefined if there is none. ngx_http_special_response.c */
export function errorPage(status: number, tokens: boolean): Uint8Array | undefined {
  const title = PAGE_TITLES[status] ?? STATUS[status];
  if (status < 301 || status === 304 || title === undefined) return undefined;
  const text = `${status} ${title}`;
  return utf8Encode(
    `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n` +
      `<hr><center>${serverName(tokens)}</center>\r\n</body>\r\n</html>\r\n`,
  );
}

/** The answer that is nothing but a status, with its built-in page. */
export function plainResponse(status: number, tokens: boolean): Response {
  const body = errorPage(status, tokens);
  return body === undefined
    ? { status, extra: [], body: new Uint8Array(0) }
    : { status, contentType: 'text/html', extra: [], body };
}

/** What {@link formatHead} needs besides the answer. */
export interface HeadContext {
  readonly tokens: boolean;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly keepAlive: boolean;
  readonly chunked: boolean;
  /** Scheme, host and port in front of a local redirect. */
  readonly origin: string;
}

/** Writes status line and header fields in nginx's order. */
export function formatHead(r: Response, c: HeadContext): string {
  const words = r.reason ?? STATUS[r.status];
  const lines = [`HTTP/1.1 ${r.status}${words === undefined ? '' : ` ${words}`}`];
  const has = (name: string) => r.extra.some(([n]) => n.toLowerCase() === name);
  if (!has('server')) lines.push(`Server: ${serverName(c.tokens)}`);
  if (!has('date')) lines.push(`Date: ${httpDate(c.now)}`);
  const bodiless = r.status === 204 || r.status === 304;
  if (r.contentType !== undefined && !bodiless) lines.push(`Content-Type: ${r.contentType}`);
  if (!bodiless && !c.chunked) lines.push(`Content-Length: ${r.length ?? r.body.length}`);
  if (r.lastModified !== undefined) lines.push(`Last-Modified: ${httpDate(r.lastModified)}`);
  if (r.localLocation !== undefined) lines.push(`Location: ${c.origin}${r.localLocation}`);
  if (c.chunked) lines.push('Transfer-Encoding: chunked');
  lines.push(`Connection: ${c.keepAlive ? 'keep-alive' : 'close'}`);
  for (const [name, value] of r.extra) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Frames a body as one chunk and the last. */
export function chunk(body: Uint8Array): Uint8Array {
  const head = utf8Encode(body.length === 0 ? '' : `${body.length.toString(16)}\r\n`);
  const tail = utf8Encode(body.length === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n');
  const out = new Uint8Array(head.length + body.length + tail.length);
  out.set(head);
  out.set(body, head.length);
  out.set(tail, head.length + body.length);
  return out;
}
