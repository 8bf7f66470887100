import type { SockAddr } from '@labwire/devices/sock';
import { inetAton, parseInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import { ConfError } from './conf-error.ts';
import { inPlace } from './lexer.ts';
import type { Directive } from './parse.ts';

/** A group of servers that requests are handed on to in turn. */
export interface Upstream {
  readonly name: string;
  readonly peers: readonly SockAddr[];
  /** Whose turn it is. */
  next: number;
}

/** Where proxy_pass goes. */
export interface ProxyTarget {
  readonly upstream: Upstream;
  /** As it goes into the Host header. */
  readonly host: string;
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
  const peers: SockAddr[] = [];
  for (const server of d.block ?? []) {
    if (server.name !== 'server')
      throw new ConfError(
        `"${server.name}" directive is not supported here${inPlace(server.place)}`,
      );
    const [address = '', ...params] = server.args;
    for (const param of params)
      if (!/^(?:max_fails|fail_timeout)=|^weight=1$/.test(param))
        throw new ConfError(`parameter "${param}" is not supported here${inPlace(server.place)}`);
    const [host, port] = splitPort(address);
    peers.push(...(await lookUp(proc, host, port, server, address)));
  }
  if (peers.length === 0) throw new ConfError(`no servers are inside upstream${inPlace(d.place)}`);
  return { name: d.args[0] as string, peers, next: 0 };
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
  if (group !== undefined) return { upstream: group, host, uri: m[2] };
  const [name, port] = splitPort(host);
  const peers = await lookUp(proc, name, port, d, name);
  return { upstream: { name: host, peers, next: 0 }, host, uri: m[2] };
}
