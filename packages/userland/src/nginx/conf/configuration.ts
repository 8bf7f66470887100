import type { Process } from '../../machine/index.ts';
import { checkVariables } from '../serve/variables.ts';
import type { Upstream } from './balance.ts';
import { ConfError } from './conf-error.ts';
import { inPlace } from './lexer.ts';
import { defaultListen, type ListenAddr, parseListen } from './listen.ts';
import { type Location, readLocations } from './location.ts';
import { ConfReader, type Directive } from './parse.ts';
import { Scope } from './scope.ts';
import { type ProxyTarget, readProxyPass, readUpstream } from './upstream.ts';

/** A server block. */
export interface VirtualServer {
  readonly names: readonly string[];
  readonly scope: Scope;
  readonly locations: readonly Location[];
  readonly listens: readonly ListenAddr[];
}

/** An address with the servers that listen there; the default one answers for names that none of them has. */
export interface Listening {
  readonly at: ListenAddr;
  readonly servers: readonly VirtualServer[];
  readonly defaultServer: VirtualServer;
}

/** A whole configuration, checked. */
export interface Configuration {
  readonly reader: ConfReader;
  readonly main: Scope;
  readonly http: Scope | undefined;
  readonly listening: readonly Listening[];
  readonly proxies: ReadonlyMap<Directive, ProxyTarget>;
  /** `[warn]` lines. */
  readonly warnings: readonly string[];
  readonly user: { readonly uid: number; readonly gid: number };
}

/** What `-p`, `-c` and `-g` say. */
export interface ConfOptions {
  readonly prefix: string;
  readonly file: string;
  readonly globals: string | undefined;
}

/** Reads and checks the configuration. @throws ConfError */
export async function readConfiguration(
  proc: Process,
  options: ConfOptions,
): Promise<Configuration> {
  const dir = options.file.slice(0, options.file.lastIndexOf('/') + 1);
  const reader = new ConfReader(proc, dir);
  const globals = options.globals === undefined ? [] : reader.readCommandLine(options.globals);
  const directives = reader.readMain(options.file);
  for (const d of directives)
    if (globals.some((g) => g.name === d.name))
      throw new ConfError(`"${d.name}" directive is duplicate${inPlace(d.place)}`);
  const main = new Scope([...globals, ...directives]);
  if (!main.flag('master_process', true))
    throw new ConfError('"master_process off" is not supported here');
  const user = findUser(proc, main);
  const http = main.own('http')[0];
  const httpScope = http && new Scope(http.block ?? [], main);
  const servers = httpScope === undefined ? [] : readServers(proc, httpScope);
  const upstreams = new Map<string, Upstream>();
  for (const d of httpScope?.own('upstream') ?? []) {
    const upstream = await readUpstream(proc, d);
    upstreams.set(upstream.name, upstream);
  }
  const proxies = new Map<Directive, ProxyTarget>();
  for (const d of allDirectives(httpScope?.directives ?? [])) {
    checkDirective(d);
    if (d.name === 'proxy_pass') proxies.set(d, await readProxyPass(proc, d, upstreams));
  }
  const { listening, warnings } = groupByAddress(servers);
  if (main.own('events').length === 0)
    throw new ConfError('no "events" section in configuration', true);
  return { reader, main, http: httpScope, listening, proxies, warnings, user };
}

function* allDirectives(list: readonly Directive[]): Generator<Directive> {
  for (const d of list) {
    yield d;
    if (d.block !== undefined && d.name !== 'types') yield* allDirectives(d.block);
  }
}

/** ngx_http_proxy_redirect() */
function checkRedirect(
  { args: [from = '', to] }: Directive,
  fail: (message: string) => never,
): void {
  if (to === undefined && from !== 'off' && from !== 'default') fail(`invalid parameter "${from}"`);
  if (from.startsWith('~')) fail('regular expressions in proxy_redirect are not supported here');
}

const WITH_VARIABLES: readonly string[] = [
  'return',
  'add_header',
  'try_files',
  'proxy_set_header',
  'proxy_redirect',
  'log_format',
  'root',
  'alias',
  'index',
];

function checkDirective(d: Directive): void {
  const fail = (message: string): never => {
    throw new ConfError(`${message}${inPlace(d.place)}`);
  };
  if (WITH_VARIABLES.includes(d.name)) checkVariables(d.args);
  if (d.name === 'return') {
    const code = d.args[0] as string;
    const isUrl = d.args.length === 1 && /^(?:https?:\/\/|\$scheme)/.test(code);
    if (!isUrl && !/^\d{1,3}$/.test(code)) fail(`invalid return code "${code}"`);
  }
  if (d.name === 'proxy_redirect') checkRedirect(d, fail);
  if (d.name === 'error_page')
    for (const code of d.args.slice(0, -1))
      if (!/^=/.test(code) && !/^[3-5]\d\d$/.test(code)) fail(`invalid value "${code}"`);
}

/** Who the workers run as. ngx_set_user() */
function findUser(proc: Process, main: Scope): { uid: number; gid: number } {
  const d = main.own('user')[0];
  const name = d?.args[0] ?? 'nobody';
  const passwd = proc.fs.exists('/etc/passwd') ? proc.fs.readText('/etc/passwd') : '';
  const entry = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
  if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  if (d === undefined) return { uid: 65_534, gid: 65_534 };
  throw new ConfError(`getpwnam("${name}") failed${inPlace(d.place)}`);
}

function readServers(proc: Process, http: Scope): VirtualServer[] {
  return http.own('server').map((d) => {
    const scope = new Scope(d.block ?? [], http);
    const listens = scope.own('listen').map(parseListen);
    for (const [i, l] of listens.entries())
      if (listens.slice(0, i).some((other) => other.text === l.text))
        throw new ConfError(`a duplicate listen ${l.text}${inPlace(l.directive.place)}`);
    return {
      names: scope.own('server_name').flatMap((n) => n.args.map((a) => a.toLowerCase())),
      scope,
      locations: readLocations(scope),
      listens: listens.length > 0 ? listens : [defaultListen(d, proc.uid)],
    };
  });
}

/** Puts servers together that listen at the same address. ngx_http_add_listen() */
function groupByAddress(servers: readonly VirtualServer[]): {
  listening: Listening[];
  warnings: string[];
} {
  const groups = new Map<
    string,
    { at: ListenAddr; servers: VirtualServer[]; def?: VirtualServer }
  >();
  const warnings: string[] = [];
  for (const server of servers) {
    for (const at of server.listens) {
      const group = groups.get(at.text);
      if (group === undefined)
        groups.set(at.text, { at, servers: [server], ...(at.isDefault ? { def: server } : {}) });
      else {
        if (at.isDefault && group.def !== undefined)
          throw new ConfError(
            `a duplicate default server for ${at.text}${inPlace(at.directive.place)}`,
          );
        if (at.isDefault) group.def = server;
        warnings.push(...conflicts(group.servers, server, at.text));
        group.servers.push(server);
      }
    }
  }
  const listening = [...groups.values()].map((g) => ({
    at: g.at,
    servers: g.servers,
    defaultServer: g.def ?? (g.servers[0] as VirtualServer),
  }));
  return { listening, warnings };
}

function conflicts(
  before: readonly VirtualServer[],
  server: VirtualServer,
  address: string,
): string[] {
  const names = server.names.length > 0 ? server.names : [''];
  return names
    .filter((n) => before.some((s) => (s.names.length > 0 ? s.names : ['']).includes(n)))
    .map((n) => `conflicting server name "${n}" on ${address}, ignored`);
}

/** Chooses the server of a Host header: its name, `*.name`, `name.*`, a regular expression, the default. ngx_http_find_virtual_server() */
export function findServer(listening: Listening, host: string): VirtualServer {
  const wanted = host.toLowerCase();
  const by = (match: (name: string) => boolean) =>
    listening.servers.find((s) => s.names.some(match));
  return (
    by((n) => n === wanted || (n.startsWith('.') && n.slice(1) === wanted)) ??
    by((n) => /^\*?\./.test(n) && wanted.endsWith(n.replace('*', ''))) ??
    by((n) => n.endsWith('.*') && wanted.startsWith(n.slice(0, -1))) ??
    by((n) => n.startsWith('~') && new RegExp(n.slice(1), 'iu').test(wanted)) ??
    listening.defaultServer
  );
}
