import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { formatInet, parseInet, type Strand } from '../../libc-net/index.ts';
import { findLocation, lacksSlash, type Scope } from '../conf/index.ts';
import { proxy } from './proxy.ts';
import type { Request } from './request.ts';
import { plainResponse, type Response } from './response.ts';
import { type ContentResult, filePath, staticContent, typeOf } from './static-content.ts';
import { expand } from './variables.ts';
import { contextOf, logError, type WorkerContext } from './worker-context.ts';

/** Internal redirects that one request may take. NGX_HTTP_MAX_URI_CHANGES */
const MAX_REDIRECTS = 10;
/** Statuses for which add_header works without `always`. */
const ADD_HEADER_STATUSES: readonly number[] = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

/** Answers a request: rewrite, access, try_files, content, error pages. nginx src/http/ngx_http_core_module.c */
export function* handle(w: WorkerContext, r: Request): Strand<Response> {
  let response = yield* answer(w, r);
  if (response.status >= 300 && response.body.length === 0 && response.proxied !== true) {
    const custom = yield* customErrorPage(w, r, response.status);
    response = custom ?? withPage(r, response);
  }
  return addHeaders(w, r, response);
}

function withPage(r: Request, response: Response): Response {
  const page = plainResponse(response.status, r.scope.flag('server_tokens', true));
  return { ...page, ...response, body: page.body, contentType: page.contentType };
}

function* answer(w: WorkerContext, r: Request): Strand<Response> {
  const early = returned(w, r, r.server.scope, true);
  if (early !== undefined) return early;
  for (;;) {
    const result = yield* oneRound(w, r);
    if (result.kind === 'response') return result.response;
    if (result.kind === 'status') {
      if (result.log !== undefined) logError(w, r, result.log);
      return { status: result.status, extra: [], body: new Uint8Array(0) };
    }
    if (++r.redirects > MAX_REDIRECTS) {
      logError(
        w,
        r,
        `rewrite or internal redirection cycle while internally redirecting to "${result.uri}"`,
      );
      return { status: 500, extra: [], body: new Uint8Array(0) };
    }
    r.internal = true;
    redirectInside(r, result.uri, result.args);
  }
}

function redirectInside(r: Request, uri: string, args: string | undefined): void {
  r.proxy = undefined;
  if (uri.startsWith('@')) {
    const named = r.server.locations.find((l) => l.kind === 'named' && l.pattern === uri);
    r.location = named;
    r.scope = named?.scope ?? r.server.scope;
    return;
  }
  r.uri = uri;
  if (args !== undefined) r.args = args;
  r.location = undefined;
}

function* oneRound(w: WorkerContext, r: Request): Strand<ContentResult> {
  if (r.location?.kind !== 'named') {
    r.location = findLocation(r.server.locations, r.uri);
    r.scope = r.location?.scope ?? r.server.scope;
    if (r.location?.kind !== 'exact' && lacksSlash(r.server.locations, r.uri)) {
      const query = r.args === '' ? '' : `?${r.args}`;
      return { kind: 'response', response: redirect(301, `${r.uri}/${query}`) };
    }
  }
  const { scope } = r;
  if (r.location !== undefined && !r.internal && scope.own('internal').length > 0)
    return { kind: 'status', status: 404 };
  const max = bodyLimit(scope);
  if (max > 0 && Number(r.headers.get('Content-Length') ?? 0) > max) {
    r.keepAlive = false;
    const length = r.headers.get('Content-Length');
    return {
      kind: 'status',
      status: 413,
      log: `client intended to send too large body: ${length} bytes`,
    };
  }
  if (r.location !== undefined) {
    const now = returned(w, r, scope, false);
    if (now !== undefined) return { kind: 'response', response: now };
  }
  if (!allowed(r)) return { kind: 'status', status: 403, log: 'access forbidden by rule' };
  const tried = tryFiles(w, r);
  if (tried !== undefined) return tried;
  const pass = scope.own('proxy_pass')[0];
  const target = pass && w.conf.proxies.get(pass);
  if (target !== undefined) return yield* proxy(w, r, target);
  return staticContent(w.proc.fs, r);
}

function bodyLimit(scope: Scope): number {
  const m = /^(\d+)([kmg]?)$/i.exec(scope.value('client_max_body_size') ?? '1m');
  const units: Readonly<Record<string, number>> = { k: 1024, m: 1 << 20, g: 1 << 30 };
  return Number(m?.[1] ?? 0) * (units[(m?.[2] ?? '').toLowerCase()] ?? 1);
}

/** `return CODE [TEXT]` or `return URL`. ngx_http_rewrite_module */
function returned(
  w: WorkerContext,
  r: Request,
  scope: Scope,
  server: boolean,
): Response | undefined {
  const d = scope.own('return')[0];
  if (d === undefined || (server && r.internal)) return undefined;
  const [first = '', second] = d.args;
  const isUrl = !/^\d+$/.test(first);
  const status = isUrl ? 302 : Number(first);
  const text = expand(isUrl ? first : (second ?? ''), r, contextOf(w, r));
  if (status === 444) return { status, extra: [], body: new Uint8Array(0), silent: true };
  if ([301, 302, 303, 307, 308].includes(status) && text !== '') return redirect(status, text);
  if (second === undefined && !isUrl && status >= 300)
    return { status, extra: [], body: new Uint8Array(0) };
  const contentType = typeOf(scope, r.uri);
  return { status, contentType, extra: [], body: utf8Encode(text) };
}

function redirect(status: number, to: string): Response {
  const body = new Uint8Array(0);
  if (to.startsWith('/')) return { status, localLocation: to, extra: [], body };
  return { status, extra: [['Location', to]], body };
}

function maskMatches(rule: string, r: Request): boolean {
  if (rule === 'all') return true;
  const [text = '', plen] = rule.split('/');
  const addr = parseInet(text);
  const client = r.client.addr;
  if (typeof addr !== 'number' || typeof client !== 'number')
    return addr !== undefined && formatInet(addr) === formatInet(client);
  const bits = plen === undefined ? 32 : Number(plen);
  return bits === 0 || (addr ^ client) >>> (32 - bits) === 0;
}

/** `allow` and `deny`: the first rule that fits decides. ngx_http_access_module */
function allowed(r: Request): boolean {
  let at: Scope | undefined = r.scope;
  while (at !== undefined && at.own('allow').length + at.own('deny').length === 0) at = at.parent;
  const rules = at?.directives.filter((d) => d.name === 'allow' || d.name === 'deny') ?? [];
  const rule = rules.find((d) => maskMatches(d.args[0] as string, r));
  return rule?.name !== 'deny';
}

/** ngx_http_try_files_module */
function tryFiles(w: WorkerContext, r: Request): ContentResult | undefined {
  const args = r.scope.own('try_files')[0]?.args;
  if (args === undefined) return undefined;
  const context = contextOf(w, r);
  for (const candidate of args.slice(0, -1)) {
    const uri = expand(candidate, r, context);
    if (!exists(w, filePath(r, uri), uri.endsWith('/'))) continue;
    r.uri = uri;
    return undefined;
  }
  const last = args.at(-1) as string;
  if (last.startsWith('=')) return { kind: 'status', status: Number(last.slice(1)) };
  const [uri = '', query] = expand(last, r, context).split('?');
  return { kind: 'internal', uri, ...(query === undefined ? {} : { args: query }) };
}

function exists(w: WorkerContext, path: string, wantDir: boolean): boolean {
  try {
    const bare = path.length > 1 ? path.replace(/\/+$/, '') : path;
    return (w.proc.fs.stat(bare).type === 'dir') === wantDir;
  } catch (e) {
    if (e instanceof KernelError) return false;
    throw e;
  }
}

/** `error_page CODE… [=[CODE]] URI`. ngx_http_send_error_page() */
function* customErrorPage(
  w: WorkerContext,
  r: Request,
  status: number,
): Strand<Response | undefined> {
  const d = r.scope
    .all('error_page')
    .find((each) => each.args.slice(0, -1).includes(String(status)));
  if (d === undefined || r.redirects > MAX_REDIRECTS) return undefined;
  const override = d.args.find((a) => a.startsWith('='));
  const to = expand(d.args.at(-1) as string, r, contextOf(w, r));
  if (/^https?:/.test(to)) return withPage(r, redirect(302, to));
  r.internal = true;
  r.redirects++;
  redirectInside(r, to.split('?')[0] as string, to.split('?')[1]);
  const page = yield* answer(w, { ...r, method: r.method === 'HEAD' ? 'HEAD' : 'GET' });
  const isError = page.status >= 300 && page.body.length === 0;
  if (to.startsWith('@')) return isError ? withPage(r, page) : page;
  if (isError) return undefined;
  if (override === '=') return page;
  const code = override === undefined ? status : Number(override.slice(1));
  return code === 200 ? { ...page, status: code } : stripped(page, code);
}

/** An answer that is no success tells no dates and takes no ranges. */
function stripped(page: Response, status: number): Response {
  const extra = page.extra.filter(([name]) => name !== 'Accept-Ranges');
  return { ...page, status, lastModified: undefined, extra };
}

function addHeaders(w: WorkerContext, r: Request, response: Response): Response {
  const added: [string, string][] = [];
  for (const d of r.scope.all('add_header')) {
    const [name = '', value = '', always] = d.args;
    if (always !== 'always' && !ADD_HEADER_STATUSES.includes(response.status)) continue;
    const text = expand(value, r, contextOf(w, r));
    if (text !== '') added.push([name, text]);
  }
  return added.length === 0 ? response : { ...response, extra: [...response.extra, ...added] };
}
