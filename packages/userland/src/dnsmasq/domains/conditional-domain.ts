import { type Ipv4Addr, ipv6 } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet, parseInet } from '../../libc-net/index.ts';
import type { ConditionalDomain } from '../config/index.ts';
import type { Daemon } from '../daemon.ts';
import { addressValue, inRange, sameNet } from './address-range.ts';

/** Whether a domain of a range, or of a device's nets, is that of an address. */
function holds({ network }: Daemon, domain: ConditionalDomain, addr: InetAddr): boolean {
  const { range, device } = domain;
  if (range !== undefined) return inRange(addr, range.first, range.last);
  const nets = network.byLabel.get(device ?? '') ?? [];
  return nets.some((net) => sameNet(addr, net.local, net.prefixLen));
}

/** The domain that an address belongs to: --domain. dnsmasq src/domain.c, get_domain() */
export function domainOf(daemon: Daemon, addr: InetAddr): string | undefined {
  const { conditionalDomains, domain } = daemon.config;
  return conditionalDomains.find((d) => holds(daemon, d, addr))?.domain ?? domain;
}

/** An address of a range by its number. */
function addressAt(first: InetAddr, index: bigint): InetAddr {
  const value = addressValue(first) + index;
  const word = (shift: bigint) => Number((value >> shift) & 0xffff_ffffn) | 0;
  if (typeof first === 'number') return word(0n) as Ipv4Addr;
  return ipv6(word(96n), word(64n), word(32n), word(0n));
}

/** What an address in a name stands for: dashes in place of dots or colons. */
function dashed(text: string, is4: boolean): InetAddr | undefined {
  if (is4) return /^[0-9-]+$/.test(text) ? parseInet(text.replaceAll('-', '.')) : undefined;
  if (!/^[0-9a-f-]+$/i.test(text)) return undefined;
  const mapped = /^--ffff-(.*-.*)$/i.exec(text)?.[1];
  if (mapped !== undefined) return parseInet(`::ffff:${mapped.replaceAll('-', '.')}`);
  return parseInet(text.replaceAll('-', ':'));
}

/** The address of a made-up name: --synth-domain. @param is4 whether an IPv4 address is wanted. is_name_synthetic() */
export function synthesizedAddress(
  daemon: Daemon,
  name: string,
  is4: boolean,
): InetAddr | undefined {
  for (const domain of daemon.config.synthDomains) {
    const prefix = domain.prefix ?? '';
    const lower = name.toLowerCase();
    const dot = lower.indexOf('.', prefix.length);
    if (!lower.startsWith(prefix.toLowerCase()) || dot < 0) continue;
    if (lower.slice(dot + 1) !== domain.domain.toLowerCase()) continue;
    const addr = synthesized(domain, lower.slice(prefix.length, dot), is4);
    if (addr !== undefined && (typeof addr === 'number') === is4 && holds(daemon, domain, addr))
      return addr;
  }
  return undefined;
}

function synthesized(domain: ConditionalDomain, text: string, is4: boolean): InetAddr | undefined {
  const first = domain.range?.first;
  if (!domain.indexed) return dashed(text, is4);
  if (first === undefined || !/^\d{0,19}$/.test(text)) return undefined;
  return addressAt(first, BigInt(text === '' ? 0 : text));
}

/** The made-up name of an address. is_rev_synth() */
export function synthesizedName(daemon: Daemon, addr: InetAddr): string | undefined {
  const domain = daemon.config.synthDomains.find((d) => holds(daemon, d, addr));
  if (domain === undefined) return undefined;
  const { prefix, indexed, range } = domain;
  if (indexed && range !== undefined)
    return `${prefix}${addressValue(addr) - addressValue(range.first)}.${domain.domain}`;
  const text = formatInet(addr).replace(/[.:]/g, '-');
  const start = prefix ?? (text.startsWith('-') ? '0' : '');
  return `${start}${text}.${domain.domain}`;
}
