import { IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { type InetAddr, linkDump } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { familyOf, parseInet } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import { gaiStrerror, resolve } from '../../../resolver/index.ts';
import { OptionError } from '../../fatal.ts';
import { parseInteger16, splitAt } from '../option-text.ts';
import { need } from './handler.ts';

/** The port of name servers. NAMESERVER_PORT */
const DNS_PORT = 53;

/** Where a server is and how to reach it; `resolv` for those of resolv.conf. */
export type ServerAddress =
  | 'resolv'
  | { readonly to: SockAddr; readonly from: SockAddr | undefined; readonly device: string };

interface Parts {
  readonly host: string;
  readonly port: number;
  readonly scope: string | undefined;
  readonly source: string | undefined;
  readonly sourcePort: number;
  readonly device: string;
  /** The device stands before a source: `@eth0@1.2.3.4`. */
  readonly twoParts: boolean;
}

function port(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : need(parseInteger16(text), 'bad port');
}

/** Cuts `ADDR[%SCOPE][#PORT][@SOURCE[#PORT]]`. dnsmasq src/option.c, parse_server() */
function cut(arg: string): Parts {
  const [target, behind] = splitAt(arg, '@');
  const [whole, sourcePort] = behind === undefined ? [undefined, undefined] : splitAt(behind, '#');
  const [addr, targetPort] = splitAt(target, '#');
  const [host, scope] = splitAt(addr, '%');
  const [first, second] = whole === undefined ? [undefined, undefined] : splitAt(whole, '@');
  return {
    host,
    scope,
    port: port(targetPort, DNS_PORT),
    sourcePort: port(sourcePort, 0),
    source: second ?? first,
    device: second === undefined ? '' : (first ?? ''),
    twoParts: second !== undefined,
  };
}

/** What the source of one address comes to; undefined if the two cannot go together and the address came from a name. */
function withSource(
  proc: Process,
  parts: Parts,
  addr: InetAddr,
  byName: boolean,
): ServerAddress | undefined {
  const scopeId = scopeOf(proc, parts, addr);
  const to: SockAddr = { addr, port: parts.port, ...(scopeId === 0 ? {} : { scopeId }) };
  if (parts.source === undefined) return { to, from: undefined, device: parts.device };
  const source = parseInet(parts.source);
  const any = typeof addr === 'number' ? IPV4_ANY : IPV6_ANY;
  if (source === undefined) {
    if (parts.twoParts) throw new OptionError('interface can only be specified once');
    return { to, from: { addr: any, port: parts.sourcePort }, device: parts.source };
  }
  if (familyOf(source) !== familyOf(addr)) {
    if (byName) return undefined;
    const [server, from] = typeof addr === 'number' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
    throw new OptionError(`cannot use ${server} server address with ${from} source address`);
  }
  return { to, from: { addr: source, port: parts.sourcePort }, device: parts.device };
}

function scopeOf(proc: Process, { scope }: Parts, addr: InetAddr): number {
  if (scope === undefined || typeof addr === 'number') return 0;
  return need(linkDump(proc.netns).find((l) => l.name === scope)?.ifindex, 'bad interface name');
}

/** The addresses that a server's argument stands for: one, or those of a host name. @throws OptionError */
export async function serverAddresses(proc: Process, arg: string): Promise<ServerAddress[]> {
  if (arg === '#') return ['resolv'];
  const parts = cut(arg);
  const number = parseInet(parts.host);
  if (number !== undefined) {
    const found = withSource(proc, parts, number, false);
    return found === undefined ? [] : [found];
  }
  const found = await resolve(proc, parts.host);
  if ('error' in found) {
    const again = found.error === 'EAI_AGAIN';
    throw new OptionError(again ? 'Cannot resolve server name' : gaiStrerror(found.error));
  }
  const all = found.addrs.map(({ addr }) => withSource(proc, parts, addr, true));
  return all.filter((a) => a !== undefined);
}
