/** A URL as programs here use it. RFC 3986 */
export interface Url {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** Whether the host was written in brackets. */
  readonly literal6: boolean;
  /** As it was written; undefined if it was not. */
  readonly port: number | undefined;
  /** From the slash on, without the query. */
  readonly path: string;
  /** With its question mark; empty if there is none. */
  readonly query: string;
  /** Without its number sign. */
  readonly fragment: string | undefined;
}

/** The ports of the schemes that are spoken here. */
export const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

function splitUserInfo(authority: string): { info: string | undefined; rest: string } {
  const at = authority.lastIndexOf('@');
  return at < 0
    ? { info: undefined, rest: authority }
    : { info: authority.slice(0, at), rest: authority.slice(at + 1) };
}

function decodePercent(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Takes out `.` and `..`. RFC 3986 section 5.2.4 */
export function removeDotSegments(path: string): string {
  const out: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === '..') out.pop();
    else if (part !== '.') out.push(part);
    if ((part === '.' || part === '..') && last) out.push('');
  }
  return `/${out.join('/')}`;
}

/** Parses `scheme://user@host:port/path?query#fragment`; without a scheme it is `http`. @returns undefined if it is malformed */
export function parseUrl(text: string): Url | undefined {
  if (/[^!-~\u0080-\uffff]/.test(text)) return undefined;
  const m = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?([^/?#]*)([^?#]*)(\?[^#]*)?(?:#(.*))?$/.exec(text);
  if (m === null) return undefined;
  const { info, rest } = splitUserInfo(m[2] as string);
  const at = /^(?:\[([0-9a-fA-F:.]+(?:%[^\]]+)?)\]|([^:[\]]+))(?::(\d*))?$/.exec(rest);
  if (at === null) return undefined;
  const port = at[3] === undefined || at[3] === '' ? undefined : Number(at[3]);
  if (port !== undefined && port > 65_535) return undefined;
  const [user, ...password] = info === undefined ? [] : info.split(':');
  return {
    scheme: (m[1] ?? 'http').toLowerCase(),
    user: user === undefined ? undefined : decodePercent(user),
    password: password.length > 0 ? decodePercent(password.join(':')) : undefined,
    host: (at[1] ?? at[2]) as string,
    literal6: at[1] !== undefined,
    port,
    path: m[3] === '' ? '/' : (m[3] as string),
    query: m[4] ?? '',
    fragment: m[5],
  };
}

/** The host as it stands in a URL. */
export function urlHost(url: Url): string {
  return url.literal6 ? `[${url.host}]` : url.host;
}

/** Writes a URL without user and password. */
export function formatUrl(url: Url): string {
  const port = url.port === undefined ? '' : `:${url.port}`;
  return `${url.scheme}://${urlHost(url)}${port}${url.path}${url.query}`;
}

/** Follows a reference from a URL. RFC 3986 section 5.2 @returns undefined if it is malformed */
export function resolveReference(base: Url, reference: string): Url | undefined {
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(reference)) return parseUrl(reference);
  if (reference.startsWith('//')) return parseUrl(`${base.scheme}:${reference}`);
  const bare = formatUrl({ ...base, path: '', query: '' });
  if (reference.startsWith('/')) {
    const next = parseUrl(`${bare}${reference}`);
    return next && { ...next, path: removeDotSegments(next.path) };
  }
  if (reference.startsWith('?')) return parseUrl(`${bare}${base.path}${reference}`);
  const dir = base.path.slice(0, base.path.lastIndexOf('/') + 1);
  const next = parseUrl(`${bare}${dir}${reference}`);
  return next && { ...next, path: removeDotSegments(next.path) };
}
