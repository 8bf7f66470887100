import { type Ipv4Addr, type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { type Code, ETH } from './code.ts';
import { FilterError } from './filter-error.ts';
import { and, any, not, or, type Place, type Test } from './test.ts';

/** What names in a filter stand for. */
export interface NameTable {
  readonly host: (name: string) => readonly InetAddr[];
  readonly service: (name: string, proto: 'tcp' | 'udp') => number | undefined;
  readonly protocol: (name: string) => number | undefined;
  /** A network of /etc/networks. */
  readonly network: (name: string) => number | undefined;
}

export type Direction = 'src' | 'dst' | 'both' | 'either' | string;

/** What stands before an id: `tcp src port`. */
export interface Qualifier {
  readonly proto: string | undefined;
  readonly dir: Direction | undefined;
  readonly type:
    | 'host'
    | 'net'
    | 'port'
    | 'portrange'
    | 'proto'
    | 'protochain'
    | 'gateway'
    | undefined;
}

const IP_NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
const WIRELESS: Readonly<Record<string, string>> = {
  addr1: "'addr1' and 'address1' are not valid qualifiers",
  addr2: "'addr2' and 'address2' are not valid qualifiers",
  addr3: "'addr3' and 'address3' are not valid qualifiers",
  addr4: "'addr4' and 'address4' are not valid qualifiers",
  ra: "'ra' is not a valid qualifier",
  ta: "'ta' is not a valid qualifier",
};

/** A test of the source, of the destination, or of both. */
export function directed(
  dir: Direction | undefined,
  what: string,
  test: (src: boolean) => Test,
): Test {
  if (dir === 'src' || dir === 'dst') return test(dir === 'src');
  if (dir === 'both') return and(test(true), test(false));
  if (dir !== undefined && WIRELESS[dir] !== undefined)
    throw new FilterError(`${WIRELESS[dir]} for ${what}`);
  return or(test(true), test(false));
}

const ADDRESSES = 'addresses other than 802.11 MAC addresses';

/** Protocols whose addresses nobody looks for, and what is said of them. */
const NO_HOSTS: Readonly<Record<string, string>> = {
  atalk: 'AppleTalk',
  lat: 'LAT',
  sca: 'SCA',
  moprc: 'MOPRC',
  mopdl: 'MOPDL',
  aarp: 'AARP',
  iso: 'ISO',
  ipx: 'IPX',
};

/** Packets with an IPv4 address, of IP or that ARP speaks of. gen_host() */
export function host4(c: Code, q: Qualifier, addr: number, mask: number): Test {
  const kind = q.type === 'net' ? 'net' : 'host';
  const of = (type: number, src: number, dst: number) =>
    directed(q.dir, ADDRESSES, (isSrc) =>
      and(c.carries(type), c.compare(c.payload(isSrc ? src : dst), 4, addr & mask, mask)),
    );
  switch (q.proto) {
    case undefined: {
      const ip = of(ETH.ip, 12, 16);
      return c.labels > 0 ? ip : or(or(ip, of(ETH.arp, 14, 24)), of(ETH.rarp, 14, 24));
    }
    case 'ip':
      return of(ETH.ip, 12, 16);
    case 'arp':
      return of(ETH.arp, 14, 24);
    case 'rarp':
      return of(ETH.rarp, 14, 24);
    case 'ether':
      throw new FilterError(`link-layer modifier applied to ${kind}`);
    case 'ip6':
      throw new FilterError("'ip6' modifier applied to ip host");
    case 'decnet':
      throw new FilterError('decnet addresses are not supported here');
    default:
      if (NO_HOSTS[q.proto] !== undefined)
        throw new FilterError(`${NO_HOSTS[q.proto]} host filtering not implemented`);
      throw new FilterError(`'${q.proto}' modifier applied to ${kind}`);
  }
}

/** Packets with an IPv6 address. gen_host6() */
export function host6(c: Code, q: Qualifier, addr: Ipv6Addr, plen: number): Test {
  const kind = q.type === 'net' ? 'net' : 'host';
  if (q.proto === 'ether') throw new FilterError(`link-layer modifier applied to ip6 ${kind}`);
  if (q.proto !== undefined && q.proto !== 'ip6')
    throw new FilterError(
      `${q.proto === 'atalk' ? 'AppleTalk' : `'${q.proto}'`} modifier applied to ip6 ${kind}`,
    );
  const words = [addr.w0, addr.w1, addr.w2, addr.w3];
  const masks = words.map((_, i) => ipv4Mask(Math.max(0, Math.min(32, plen - 32 * i))) as number);
  const same = (off: number) =>
    words
      .map((w, i) => c.compare(c.payload(off + 4 * i), 4, w & (masks[i] as number), masks[i]))
      .reduce(and);
  return directed(q.dir, ADDRESSES, (isSrc) => and(c.carries(ETH.ip6), same(isSrc ? 8 : 24)));
}

/** Hosts of a name. gen_scode() */
export function hostNamed(c: Code, q: Qualifier, name: string, names: NameTable): Test {
  const found = names.host(name);
  if (found.length === 0) throw new FilterError(`unknown host '${name}'`);
  const fits = found.filter((a) => (typeof a === 'number' ? q.proto !== 'ip6' : q.proto !== 'ip'));
  if (fits.length === 0)
    throw new FilterError(
      `unknown host '${name}'${q.proto === undefined ? '' : ' for specified address family'}`,
    );
  return any(
    fits.map((a) =>
      typeof a === 'number' ? host4(c, q, a as Ipv4Addr, 0xffff_ffff) : host6(c, q, a, 128),
    ),
  );
}

/** An IPv6 network, of which no bits may be set behind the prefix. gen_mcode6() */
export function net6(c: Code, q: Qualifier, addr: Ipv6Addr, plen: number, text: string): Test {
  if (plen > 128) throw new FilterError('mask length must be <= 128');
  const words = [addr.w0, addr.w1, addr.w2, addr.w3];
  const stray = words.some(
    (w, i) => (w & ~(ipv4Mask(Math.max(0, Math.min(32, plen - 32 * i))) as number)) !== 0,
  );
  if (stray) throw new FilterError(`non-network bits set in "${text}/${plen}"`);
  if (q.type === undefined || q.type === 'host') {
    if (plen !== 128) throw new FilterError('Mask syntax for networks only');
  } else if (q.type !== 'net') throw new FilterError('invalid qualifier against IPv6 address');
  return host6(c, q, addr, plen);
}

/** An Ethernet address. gen_ehostop() */
export function etherHost(c: Code, dir: Direction | undefined, mac: number): Test {
  const [high, low] = [Math.floor(mac / 2 ** 32), mac % 2 ** 32];
  return directed(dir, 'Ethernet addresses', (isSrc) => {
    const at = isSrc ? 6 : 0;
    return and(c.compare(c.header(at + 2), 4, low), c.compare(c.header(at), 2, high));
  });
}

/** Packets with a port in a range. gen_port(), gen_portrange() */
export function ports(c: Code, q: Qualifier, from: number, to: number): Test {
  const numbers = q.proto === undefined ? [6, 17, 132] : [IP_NUMBERS[q.proto] as number];
  const within = (place: Place) =>
    from === to
      ? c.compare(place, 2, from)
      : and(
          c.compare(place, 2, Math.min(from, to), 0xffff_ffff, '>='),
          not(c.compare(place, 2, Math.max(from, to), 0xffff_ffff, '>')),
        );
  const both = (start: (off: number) => Place) =>
    directed(q.dir, 'ports', (isSrc) => within(start(isSrc ? 0 : 2)));
  const six = numbers.map((n) =>
    and(
      c.compare(c.payload(6), 1, n),
      both((off) => c.payload(40 + off)),
    ),
  );
  const four = numbers.map((n) =>
    and(
      and(c.compare(c.payload(9), 1, n), notLaterFragment(c)),
      both((off) => c.transport(off)),
    ),
  );
  return or(and(c.carries(ETH.ip6), any(six)), and(c.carries(ETH.ip), any(four)));
}

/** gen_ipfrag() */
export function notLaterFragment(c: Code): Test {
  return not(c.compare(c.payload(6), 2, 0x1fff, 0xffff_ffff, '&'));
}
