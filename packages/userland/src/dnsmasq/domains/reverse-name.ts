import { type Ipv4Addr, ipv6 } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/**
 * The address that a name below in-addr.arpa or ip6.arpa stands for; parts that are left out at its end are 0.
 * dnsmasq src/rfc1035.c, in_arpa_name_2_addr()
 */
export function addressOfReverseName(name: string): InetAddr | undefined {
  const labels = name.toLowerCase().split('.');
  if (labels.length < 3) return undefined;
  const [kind, top] = labels.slice(-2);
  const parts = labels.slice(0, -2).reverse();
  if (kind === 'in-addr' && top === 'arpa') return address4(parts);
  if (kind === 'ip6' && (top === 'arpa' || top === 'int')) return address6(parts);
  return undefined;
}

function address4(parts: readonly string[]): Ipv4Addr | undefined {
  if (!parts.every((p) => /^\d+$/.test(p))) return undefined;
  const bytes = [0, 1, 2, 3].map((i) => Number(parts[i] ?? 0) & 0xff);
  return bytes.reduce((addr, byte) => (addr << 8) | byte, 0) as Ipv4Addr;
}

function address6(parts: readonly string[]): InetAddr | undefined {
  if (!parts.every((p) => /^[0-9a-f]$/.test(p))) return undefined;
  const hex = parts.join('').slice(0, 32).padEnd(32, '0');
  const word = (i: number) => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16) | 0;
  return ipv6(word(0), word(1), word(2), word(3));
}
