import { type Ipv4Addr, type Ipv6Addr, ipv4Mask, ipv6 } from '@labwire/core/addr';
import type { AddrInfo, InetAddr } from '@labwire/devices/rtnetlink';
import { sameInet } from '../../../libc-net/index.ts';
import type { InterfaceName } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';

/** IFA_F_DEPRECATED, IFA_F_TENTATIVE, IFA_F_PERMANENT */
const UNFIT = 0x20 | 0x40;
const PERMANENT = 0x80;

/** An address of a name that stands for a device. */
export interface NamedAddress {
  readonly addr: InetAddr;
  readonly prefixLength: number;
  /** It is not told to those who ask for the name. */
  readonly reverseOnly: boolean;
}

function isLinkLocal({ local }: AddrInfo): boolean {
  return typeof local === 'object' && local.w0 >>> 22 === 0x3fa;
}

/** The host's part of an address put into a net. */
function joined6(net: Ipv6Addr, host: Ipv6Addr, length: number): Ipv6Addr {
  const word = (n: number, h: number, index: number) => {
    const bits = Math.min(Math.max(length - 32 * index, 0), 32);
    const mask = ipv4Mask(bits);
    return (n & mask) | (h & ~mask);
  };
  return ipv6(
    word(net.w0, host.w0, 0),
    word(net.w1, host.w1, 1),
    word(net.w2, host.w2, 2),
    word(net.w3, host.w3, 3),
  );
}

function addressFor(name: InterfaceName, { local, prefixLen }: AddrInfo): InetAddr | undefined {
  if (typeof local === 'number') {
    if (name.host4 === undefined) return name.wants4 ? local : undefined;
    const mask = ipv4Mask(prefixLen);
    return ((local & mask) | (name.host4 & ~mask)) as Ipv4Addr;
  }
  if (name.host6 === undefined) return name.wants6 ? local : undefined;
  return joined6(local, name.host6, prefixLen);
}

/** The addresses of a name that stands for a device: --interface-name, --dynamic-host. dnsmasq src/network.c, iface_allowed() */
export function addressesOf(daemon: Daemon, name: InterfaceName): NamedAddress[] {
  const found: NamedAddress[] = [];
  for (const info of daemon.network.byLabel.get(name.device) ?? []) {
    if (isLinkLocal(info)) continue;
    const addr = addressFor(name, info);
    if (addr === undefined || found.some((f) => sameInet(f.addr, addr))) continue;
    const is6 = typeof addr === 'object';
    const reverseOnly = is6 && ((info.flags & PERMANENT) === 0 || (info.flags & UNFIT) !== 0);
    found.unshift({ addr, prefixLength: info.prefixLen, reverseOnly });
  }
  return found;
}

/** The name that stands for a device which has an address; the first name of a device holds. */
export function nameOfAddress(daemon: Daemon, addr: InetAddr): string | undefined {
  const passed = new Set<string>();
  for (const name of daemon.config.interfaceNames) {
    const dynamic = name.host4 !== undefined || name.host6 !== undefined;
    if (!dynamic && passed.has(name.device)) continue;
    if (addressesOf(daemon, name).some((f) => sameInet(f.addr, addr))) return name.name;
    if (!dynamic) passed.add(name.device);
  }
  return undefined;
}
