import { formatIpv4, formatIpv6, type Ipv4Addr, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';

/** Formats an address as inet_ntop(3) does. */
export function formatInet(addr: InetAddr): string {
  return typeof addr === 'number' ? formatIpv4(addr) : formatIpv6(addr);
}

/** Formats a socket address without its port, with the zone of a link-local one: getnameinfo(3), NI_NUMERICHOST. */
export function formatSockHost(at: SockAddr, netns: Netns): string {
  const text = formatInet(at.addr);
  const scope = at.scopeId ?? 0;
  if (scope === 0) return text;
  return `${text}%${netns.devices.byIndex(scope)?.name ?? scope}`;
}

/** One part of an inet_aton(3) address: decimal, octal after `0`, hexadecimal after `0x`. */
function atonPart(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** Reads an IPv4 address in any of the forms of inet_aton(3): `127.1`, `0x7f000001`, `10`. */
export function inetAton(text: string): Ipv4Addr | undefined {
  const parts = text.split('.').map(atonPart);
  if (parts.length > 4) return undefined;
  let value = 0;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const limit = last ? 256 ** (5 - parts.length) : 256;
    if (part === undefined || part >= limit) return undefined;
    value += last ? part : part * 256 ** (3 - i);
  }
  return (value | 0) as Ipv4Addr;
}

/** Reads an IPv6 address with an optional `%zone`, a device's name or index. @returns undefined if it is not one */
export function parseScopedIpv6(text: string, netns: Netns): SockAddr | undefined {
  const at = text.indexOf('%');
  const addr = parseIpv6(at < 0 ? text : text.slice(0, at));
  if (addr === undefined) return undefined;
  if (at < 0) return { addr, port: 0 };
  const zone = text.slice(at + 1);
  const index = netns.devices.byName(zone)?.ifindex ?? (/^\d+$/.test(zone) ? Number(zone) : 0);
  return index === 0 ? undefined : { addr, port: 0, scopeId: index };
}

/** Reads an address in the forms of inet_pton(3), of either family. */
export function parseInet(text: string): InetAddr | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}
