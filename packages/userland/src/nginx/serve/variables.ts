import { civilTime, two } from '../../http/index.ts';
import { formatInet } from '../../libc-net/index.ts';
import { ConfError } from '../conf/conf-error.ts';
import type { Request } from './request.ts';

/** What variables of a request can be taken from, besides the request. */
export interface VariableContext {
  readonly hostname: string;
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly time: number;
  /** What has been sent; undefined before. */
  readonly sent:
    | { readonly status: number; readonly body: number; readonly total: number }
    | undefined;
  /** Seconds since the request came. */
  readonly elapsed: number;
  readonly documentRoot: string;
}

/** The version that nginx calls itself. */
export const NGINX_VERSION = '1.22.1';

/** `21/Nov/2026:10:33:15 +0000` */
export function logTime(epoch: number): string {
  const t = civilTime(epoch);
  return `${two(t.day)}/${t.monthName}/${t.year}:${two(t.hour)}:${two(t.minute)}:${two(t.second)} +0000`;
}

function isoTime(epoch: number): string {
  const t = civilTime(epoch);
  return `${t.year}-${two(t.month)}-${two(t.day)}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}+00:00`;
}

function forwardedFor(r: Request): string {
  const before = r.headers.get('X-Forwarded-For');
  const addr = formatInet(r.client.addr);
  return before === undefined ? addr : `${before}, ${addr}`;
}

type Getter = (r: Request, c: VariableContext) => string | number;

const VARIABLES: Readonly<Record<string, Getter>> = {
  args: (r) => r.args,
  body_bytes_sent: (_, c) => c.sent?.body ?? 0,
  bytes_sent: (_, c) => c.sent?.total ?? 0,
  connection: (r) => r.connection,
  connection_requests: (r) => r.onConnection,
  content_length: (r) => r.headers.get('Content-Length') ?? '',
  content_type: (r) => r.headers.get('Content-Type') ?? '',
  document_root: (_, c) => c.documentRoot,
  document_uri: (r) => r.uri,
  host: (r) => r.host || (r.server.names[0] ?? ''),
  hostname: (_, c) => c.hostname,
  is_args: (r) => (r.args === '' ? '' : '?'),
  msec: (_, c) => c.time.toFixed(3),
  nginx_version: () => NGINX_VERSION,
  pid: (_, c) => c.pid,
  pipe: () => '.',
  proxy_add_x_forwarded_for: forwardedFor,
  proxy_host: (r) => r.proxy?.host ?? '',
  proxy_port: (r) => r.proxy?.port ?? '',
  query_string: (r) => r.args,
  remote_addr: (r) => formatInet(r.client.addr),
  remote_port: (r) => r.client.port,
  remote_user: () => '',
  request: (r) => r.line,
  request_filename: (r, c) => `${c.documentRoot}${r.uri}`,
  request_length: (r) => r.length,
  request_method: (r) => r.method,
  request_time: (_, c) => c.elapsed.toFixed(3),
  request_uri: (r) => r.target,
  scheme: () => 'http',
  server_addr: (r) => formatInet(r.local.addr),
  server_name: (r) => r.server.names[0] ?? '',
  server_port: (r) => r.local.port,
  server_protocol: (r) => `HTTP/${r.version === 9 ? '0.9' : r.version === 10 ? '1.0' : '1.1'}`,
  status: (_, c) => String(c.sent?.status ?? 0).padStart(3, '0'),
  time_iso8601: (_, c) => isoTime(c.time),
  time_local: (_, c) => logTime(c.time),
  upstream_addr: (r) => r.upstreams.map((u) => u.addr).join(', '),
  upstream_status: (r) => r.upstreams.map((u) => u.status).join(', '),
  uri: (r) => r.uri,
};

/** Families of variables by the beginning of their names. */
const FAMILIES: readonly (readonly [prefix: string, get: (r: Request, rest: string) => string])[] =
  [
    ['http_', (r, rest) => r.headers.get(rest.replaceAll('_', '-')) ?? ''],
    ['arg_', (r, rest) => queryValue(r.args, rest)],
    ['cookie_', (r, rest) => cookieValue(r.headers.get('Cookie') ?? '', rest)],
  ];

function queryValue(args: string, name: string): string {
  const found = args.split('&').find((each) => each.toLowerCase().startsWith(`${name}=`));
  return found === undefined ? '' : found.slice(name.length + 1);
}

function cookieValue(cookies: string, name: string): string {
  const found = cookies.split(/;\s*/).find((each) => each.startsWith(`${name}=`));
  return found === undefined ? '' : found.slice(name.length + 1);
}

const REFERENCE = /\$(?:\{(\w+)\}|(\w+))/g;

/** Refuses variables that there are not. @throws ConfError */
export function checkVariables(texts: readonly string[]): void {
  for (const text of texts) {
    for (const m of text.matchAll(REFERENCE)) {
      const name = (m[1] ?? m[2]) as string;
      if (Object.hasOwn(VARIABLES, name) || /^\d$/.test(name)) continue;
      if (!FAMILIES.some(([prefix]) => name.startsWith(prefix)))
        throw new ConfError(`unknown "${name}" variable`);
    }
  }
}

/** Fills in the variables of a text. @param quote is applied to each value */
export function expand(
  text: string,
  r: Request,
  c: VariableContext,
  quote: (value: string) => string = (v) => v,
): string {
  return text.replace(REFERENCE, (_, braced: string | undefined, bare: string | undefined) => {
    const name = (braced ?? bare) as string;
    const get = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
    if (get !== undefined) return quote(String(get(r, c)));
    const family = FAMILIES.find(([prefix]) => name.startsWith(prefix));
    return quote(family?.[1](r, name.slice(family[0].length)) ?? '');
  });
}
