import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet, parseInet } from '../../libc-net/index.ts';
import { ConfError } from './conf-error.ts';
import { inPlace } from './lexer.ts';
import type { Directive } from './parse.ts';

/** An address that servers listen at. */
export interface ListenAddr {
  readonly addr: InetAddr;
  readonly port: number;
  readonly isDefault: boolean;
  readonly backlog: number;
  readonly ipv6only: boolean;
  readonly reusePort: boolean;
  /** As nginx prints it: `0.0.0.0:80`, `[::]:80`. */
  readonly text: string;
  readonly directive: Directive;
}

/** Connections that wait, if `backlog` says nothing. NGX_LISTEN_BACKLOG */
const BACKLOG = 511;
const DEFAULT_PORT = 80;

function fail(d: Directive, what: string): never {
  throw new ConfError(`${what} in "${d.args[0]}" of the "listen" directive${inPlace(d.place)}`);
}

function parsePort(d: Directive, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) fail(d, 'invalid port');
  return port;
}

/** Reads `80`, `ADDR`, `ADDR:80`, `*:80`, `[::]:80`, `localhost:80`. ngx_parse_url() */
function parseAddress(d: Directive): { addr: InetAddr; port: number } {
  const text = d.args[0] as string;
  const any = parseInet('0.0.0.0') as InetAddr;
  if (text.startsWith('unix:')) fail(d, 'unix sockets are not supported here,');
  const v6 = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (v6 !== null) {
    const addr = parseInet(v6[1] as string);
    if (addr === undefined) fail(d, 'invalid IPv6 address');
    return { addr, port: v6[2] === undefined ? DEFAULT_PORT : parsePort(d, v6[2]) };
  }
  if (/^\d+$/.test(text)) return { addr: any, port: parsePort(d, text) };
  const [host = '', port] = text.split(':');
  const named = host === '*' ? any : parseInet(host === 'localhost' ? '127.0.0.1' : host);
  const number = port === undefined ? DEFAULT_PORT : parsePort(d, port);
  if (named === undefined)
    throw new ConfError(`host not found in "${text}" of the "listen" directive${inPlace(d.place)}`);
  return { addr: named, port: number };
}

/** Reads a listen directive. @throws ConfError */
export function parseListen(d: Directive): ListenAddr {
  const { addr, port } = parseAddress(d);
  const host = typeof addr === 'number' ? formatInet(addr) : `[${formatInet(addr)}]`;
  const draft = { isDefault: false, backlog: BACKLOG, ipv6only: true, reusePort: false };
  for (const arg of d.args.slice(1)) {
    const [name, value] = arg.split('=');
    if (name === 'default_server' || name === 'default') draft.isDefault = true;
    else if (name === 'backlog' && /^\d+$/.test(value ?? '')) draft.backlog = Number(value);
    else if (name === 'ipv6only' && /^(?:on|off)$/.test(value ?? ''))
      draft.ipv6only = value === 'on';
    else if (name === 'reuseport') draft.reusePort = true;
    else if (name === 'ssl' || name === 'http2' || name === 'proxy_protocol')
      throw new ConfError(
        `"${name}" of the "listen" directive is not supported here${inPlace(d.place)}`,
      );
    else throw new ConfError(`invalid parameter "${arg}"${inPlace(d.place)}`);
  }
  return { addr, port, ...draft, text: `${host}:${port}`, directive: d };
}

/** Where a server listens that has no listen directive: port 80 for root, 8000 for others. */
export function defaultListen(server: Directive, uid: number): ListenAddr {
  const directive = { ...server, args: [uid === 0 ? '80' : '8000'] };
  return parseListen({ ...directive, name: 'listen' });
}
