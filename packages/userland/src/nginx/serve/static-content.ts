import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { parseHttpDate } from '../../http/index.ts';
import type { FileSystem, Stat } from '../../machine/index.ts';
import type { Scope } from '../conf/index.ts';
import { autoIndex } from './auto-index.ts';
import type { Request } from './request.ts';
import type { Response } from './response.ts';

/** What looking for a file comes to: an answer, a status to answer with, or another path to look for. */
export type ContentResult =
  | { readonly kind: 'response'; readonly response: Response }
  /** `log`: the line for the error log. */
  | { readonly kind: 'status'; readonly status: number; readonly log?: string }
  | { readonly kind: 'internal'; readonly uri: string; readonly args?: string };

/** Where nginx serves from if no `root` is given: `html` under its prefix. */
export const DEFAULT_ROOT = '/usr/share/nginx/html';

/** The directory that `root` or `alias` stands for. */
export function documentRoot(r: Request): string {
  return r.scope.own('alias')[0]?.args[0] ?? r.scope.value('root') ?? DEFAULT_ROOT;
}

/** The file of a path: under the root, or under an alias in place of the location's pattern. */
export function filePath(r: Request, uri: string): string {
  const alias = r.scope.own('alias')[0]?.args[0];
  if (alias === undefined) {
    const root = r.scope.value('root') ?? DEFAULT_ROOT;
    return `${root.replace(/\/$/, '')}${uri}`;
  }
  return `${alias}${uri.slice(r.location?.pattern.length ?? 0)}`;
}

function failure(e: KernelError): string {
  return `(${errnoNumber(e.errno)}: ${strerror(e.errno)})`;
}

function tryStat(fs: FileSystem, path: string): Stat | KernelError {
  try {
    return fs.stat(path.length > 1 ? path.replace(/\/+$/, '') : path);
  } catch (e) {
    if (e instanceof KernelError) return e;
    throw e;
  }
}

function statusOf(e: KernelError): number {
  if (e.errno === 'ENOENT' || e.errno === 'ENOTDIR' || e.errno === 'ENAMETOOLONG') return 404;
  return e.errno === 'EACCES' || e.errno === 'ELOOP' ? 403 : 500;
}

/** Serves a file or a directory. ngx_http_index_module, ngx_http_autoindex_module, ngx_http_static_module */
export function staticContent(fs: FileSystem, r: Request): ContentResult {
  if (r.uri.endsWith('/')) return directory(fs, r);
  if (r.method !== 'GET' && r.method !== 'HEAD') return { kind: 'status', status: 405 };
  const path = filePath(r, r.uri);
  const stat = tryStat(fs, path);
  if (stat instanceof KernelError)
    return {
      kind: 'status',
      status: statusOf(stat),
      log: `open() "${path}" failed ${failure(stat)}`,
    };
  if (stat.type === 'dir') {
    const query = r.args === '' ? '' : `?${r.args}`;
    return redirectTo(`${encodeUri(r.uri)}/${query}`);
  }
  if (stat.type !== 'file')
    return { kind: 'status', status: 404, log: `"${path}" is not a regular file` };
  return serveFile(fs, r, path, stat);
}

function redirectTo(path: string): ContentResult {
  const response = { status: 301, localLocation: path, extra: [], body: new Uint8Array(0) };
  return { kind: 'response', response };
}

/** A path as it stands in a URL. ngx_escape_uri() */
export function encodeUri(path: string): string {
  return path.replace(
    /[^\x21-\x7e]|[#%?"]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function directory(fs: FileSystem, r: Request): ContentResult {
  const isGet = r.method === 'GET' || r.method === 'HEAD' || r.method === 'POST';
  if (!isGet) return { kind: 'status', status: 405 };
  const path = filePath(r, r.uri);
  const dir = tryStat(fs, path);
  for (const name of r.scope.args('index') ?? ['index.html']) {
    if (name.startsWith('/')) return { kind: 'internal', uri: name };
    const stat = tryStat(fs, `${path}${name}`);
    if (!(stat instanceof KernelError)) return { kind: 'internal', uri: `${r.uri}${name}` };
    if (stat.errno === 'EACCES')
      return { kind: 'status', status: 403, log: `"${path}${name}" is forbidden ${failure(stat)}` };
    if (dir instanceof KernelError || dir.type !== 'dir')
      return { kind: 'status', status: 404, log: `"${path}${name}" is not found ${missing(dir)}` };
  }
  if (dir instanceof KernelError) return { kind: 'status', status: statusOf(dir) };
  if (r.method === 'POST') return { kind: 'status', status: 405 };
  if (!r.scope.flag('autoindex', false))
    return { kind: 'status', status: 403, log: `directory index of "${path}" is forbidden` };
  return { kind: 'response', response: autoIndex(fs, r, path) };
}

function missing(dir: Stat | KernelError): string {
  return failure(dir instanceof KernelError ? dir : new KernelError('ENOTDIR'));
}

function serveFile(fs: FileSystem, r: Request, path: string, stat: Stat): ContentResult {
  let data: Uint8Array;
  try {
    data = fs.readFile(path);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return { kind: 'status', status: statusOf(e), log: `open() "${path}" failed ${failure(e)}` };
  }
  const etag = `"${stat.mtime.toString(16)}-${data.length.toString(16)}"`;
  if (isFresh(r, stat.mtime, etag)) {
    const extra: Response['extra'] = [['ETag', etag]];
    const body = new Uint8Array(0);
    return { kind: 'response', response: { status: 304, lastModified: stat.mtime, extra, body } };
  }
  const contentType = typeOf(r.scope, path);
  const whole: Response = {
    status: 200,
    contentType,
    lastModified: stat.mtime,
    extra: [
      ['ETag', etag],
      ['Accept-Ranges', 'bytes'],
    ],
    body: data,
  };
  return rangeOf(r, whole, etag);
}

/** Conditional requests: RFC 9110 section 13; nginx compares dates exactly. */
function isFresh(r: Request, mtime: number, etag: string): boolean {
  const none = r.headers.get('If-None-Match');
  if (none !== undefined)
    return none === '*' || none.split(',').some((t) => t.trim().replace(/^W\//, '') === etag);
  const since = r.headers.get('If-Modified-Since');
  return since !== undefined && parseHttpDate(since) === mtime;
}

/** Cuts out one range of bytes. RFC 9110 section 14.2 */
function rangeOf(r: Request, whole: Response, etag: string): ContentResult {
  const text = r.headers.get('Range');
  const m = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  const ifRange = r.headers.get('If-Range');
  const applies =
    ifRange === undefined || ifRange === etag || parseHttpDate(ifRange) === whole.lastModified;
  if (m === null || !applies || (m[1] === '' && m[2] === ''))
    return { kind: 'response', response: whole };
  const size = whole.body.length;
  const [from, to] =
    m[1] === ''
      ? [Math.max(0, size - Number(m[2])), size]
      : [Number(m[1]), m[2] === '' ? size : Math.min(size, Number(m[2]) + 1)];
  if (from >= size || from >= to) return notSatisfiable(size);
  const range: Response['extra'] = [
    ['ETag', etag],
    ['Content-Range', `bytes ${from}-${to - 1}/${size}`],
  ];
  return {
    kind: 'response',
    response: { ...whole, status: 206, extra: range, body: whole.body.subarray(from, to) },
  };
}

function notSatisfiable(size: number): ContentResult {
  const extra: Response['extra'] = [['Content-Range', `bytes */${size}`]];
  return { kind: 'response', response: { status: 416, extra, body: new Uint8Array(0) } };
}

/** The media type by the name's extension. ngx_http_set_content_type() */
export function typeOf(scope: Scope, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const extension = dot <= 0 ? undefined : name.slice(dot + 1).toLowerCase();
  const fallback = scope.value('default_type') ?? 'text/plain';
  if (extension === undefined) return fallback;
  const types = scope.all('types')[0]?.block ?? BUILT_IN_TYPES;
  return types.find((t) => t.args.includes(extension))?.name ?? fallback;
}

/** The types of a configuration without a `types` block. */
const BUILT_IN_TYPES: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'text/html', args: ['html'] },
  { name: 'image/gif', args: ['gif'] },
  { name: 'image/jpeg', args: ['jpg'] },
];
