import type { SockAddr } from '@labwire/devices/sock';
import { inetAton, parseInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import { makePeer, type Peer, type PeerOptions, type Upstream } from './balance.ts';
import { ConfError } from './conf-error.ts';
import { inPlace } from './lexer.ts';
import { type Directive, parseTime } from './parse.ts';

/** Where proxy_pass goes. */
export interface ProxyTarget {
  readonly upstream: Upstream;
  /** As it goes into the Host header. */
  readonly host: string;
  readonly port: number;
  /** As the configuration has it. */
  readonly url: string;
  /** The URI that replaces the location's pattern; undefined hands on the request's own. */
  readonly uri: string | undefined;
}

async function lookUp(
  proc: Process,
  host: string,
  port: number,
  d: Directive,
  what: string,
): Promise<SockAddr[]> {
  const literal = parseInet(host.replace(/^\[|\]$/g, '')) ?? inetAton(host);
  if (literal !== undefined) return [{ addr: literal, port }];
  const found = await resolve(proc, host);
  if ('error' in found)
    throw new ConfError(`host not found in upstream "${what}"${inPlace(d.place)}`);
  return found.addrs.map((a) => ({ ...a, port }));
}

function splitPort(text: string): [host: string, port: number] {
  const m = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text);
  return m === null ? [text, 80] : [m[1] as string, m[2] === undefined ? 80 : Number(m[2])];
}

/** Reads an upstream block. @throws ConfError */
export async function readUpstream(proc: Process, d: Directive): Promise<Upstream> {
  const peers: Peer[] = [];
  for (const server of d.block ?? []) {
    if (server.name !== 'server')
      throw new ConfError(
        `"${server.name}" directive is not supported here${inPlace(server.place)}`,
      );
    const [address = '', ...params] = server.args;
    const given = params.map((param) => readParameter(param, server));
    const options = Object.assign({}, ...given) as PeerOptions;
    const [host, port] = splitPort(address);
    for (const addr of await lookUp(proc, host, port, server, address))
      peers.push(makePeer(addr, options));
  }
  if (!peers.some((p) => !p.backup))
    throw new ConfError(`no servers are inside upstream${inPlace(d.place)}`);
  return { name: d.args[0] as string, peers };
}

/** A parameter of a server in an upstream. ngx_http_upstream_server() */
function readParameter(param: string, server: Directive): PeerOptions {
  if (param === 'down') return { down: true };
  if (param === 'backup') return { backup: true };
  const [, name, value = ''] = /^(weight|max_fails|fail_timeout)=(\w+)$/.exec(param) ?? [];
  if (name === 'fail_timeout') return { failTimeout: parseTime(value) };
  if (name !== undefined && /^\d+$/.test(value) && (name !== 'weight' || Number(value) > 0))
    return name === 'weight' ? { weight: Number(value) } : { maxFails: Number(value) };
  if (/^(max_conns|slow_start|resolve|service|route|drain)\b/.test(param))
    throw new ConfError(`parameter "${param}" is not supported here${inPlace(server.place)}`);
  throw new ConfError(`invalid parameter "${param}"${inPlace(server.place)}`);
}

/** Reads a proxy_pass directive. @throws ConfError */
export async function readProxyPass(
  proc: Process,
  d: Directive,
  upstreams: ReadonlyMap<string, Upstream>,
): Promise<ProxyTarget> {
  const url = d.args[0] as string;
  const m = /^http:\/\/([^/]+)(\/.*)?$/i.exec(url);
  if (/^https:/i.test(url))
    throw new ConfError(`proxy_pass to https is not supported here${inPlace(d.place)}`);
  if (m === null) throw new ConfError(`invalid URL prefix${inPlace(d.place)}`);
  const host = m[1] as string;
  if (host.includes('$'))
    throw new ConfError(`variables in proxy_pass are not supported here${inPlace(d.place)}`);
  const group = upstreams.get(host);
  const [name, port] = splitPort(host);
  if (group !== undefined) return { upstream: group, host, port, url, uri: m[2] };
  const peers = (await lookUp(proc, name, port, d, name)).map((addr) => makePeer(addr, {}));
  return { upstream: { name: host, peers }, host, port, url, uri: m[2] };
}
