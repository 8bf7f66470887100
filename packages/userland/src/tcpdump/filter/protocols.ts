import { type Code, ETH, SAPS } from './code.ts';
import { FilterError } from './filter-error.ts';
import type { PacketView } from './packet-view.ts';
import type { NameTable, Qualifier } from './primitives.ts';
import { and, any, or, type Test } from './test.ts';

/** Protocols of frames. nametoaddr.c, eproto_db and llc_db */
const ETHER_TYPES: Readonly<Record<string, number>> = {
  aarp: 0x80f3,
  arp: ETH.arp,
  atalk: 0x809b,
  decnet: 0x6003,
  ip: ETH.ip,
  ip6: ETH.ip6,
  lat: 0x6004,
  loopback: 0x9000,
  mopdl: 0x6001,
  moprc: 0x6002,
  rarp: ETH.rarp,
  sca: 0x6007,
};
/** Protocols of packets, and over which IP they are looked for by name alone. gen_proto_abbrev() */
const IP_PROTOCOLS: Readonly<Record<string, readonly [number: number, over?: 'ip' | 'ip6']>> = {
  sctp: [132],
  tcp: [6],
  udp: [17],
  icmp: [1, 'ip'],
  igmp: [2, 'ip'],
  igrp: [9, 'ip'],
  pim: [103],
  vrrp: [112, 'ip'],
  carp: [112, 'ip'],
  icmp6: [58, 'ip6'],
  ah: [51],
  esp: [50],
};
const ISO: Readonly<Record<string, number>> = { clnp: 0x81, esis: 0x82, isis: 0x83 };
/** PDUs of IS-IS by name. */
const ISIS: Readonly<Record<string, readonly number[]>> = {
  l1: [15, 17, 18, 24, 26],
  l2: [16, 17, 20, 25, 27],
  iih: [15, 16, 17],
  lsp: [18, 20],
  snp: [24, 25, 26, 27],
  csnp: [24, 25],
  psnp: [26, 27],
};
/** What is said of protocols that carry nothing by number. gen_proto() */
const BOGUS: Readonly<Record<string, string>> = {
  arp: 'arp does not encapsulate another protocol',
  rarp: 'rarp does not encapsulate another protocol',
  atalk: 'AppleTalk encapsulation is not specifiable',
  decnet: 'DECNET encapsulation is not specifiable',
  lat: 'LAT does not encapsulate another protocol',
  sca: 'SCA does not encapsulate another protocol',
  moprc: 'MOPRC does not encapsulate another protocol',
  mopdl: 'MOPDL does not encapsulate another protocol',
  clnp: "'clnp proto' is not supported",
};

/** Packets of a protocol that is named. gen_proto_abbrev() */
export function protocolNamed(c: Code, name: string): Test {
  if (name === 'ether') throw new FilterError('link layer applied in wrong context');
  const ip = IP_PROTOCOLS[name];
  if (ip !== undefined) return protocolNumbered(c, ip[1], ip[0]);
  if (ISO[name] !== undefined) return protocolNumbered(c, 'iso', ISO[name] as number);
  if (ISIS[name] !== undefined)
    return any((ISIS[name] as readonly number[]).map((n) => protocolNumbered(c, 'isis', n)));
  const type = ETHER_TYPES[name] ?? (SAPS as Readonly<Record<string, number>>)[name];
  if (type === undefined) throw new FilterError(`'${name}' is not supported here`);
  return c.carries(type);
}

/** Packets that carry a protocol. gen_proto() */
export function protocolNumbered(c: Code, proto: string | undefined, number: number): Test {
  switch (proto) {
    case undefined:
      return or(protocolNumbered(c, 'ip', number), protocolNumbered(c, 'ip6', number));
    case 'ether':
      return c.carries(number);
    case 'ip':
      return and(c.carries(ETH.ip), c.compare(c.payload(9), 1, number));
    case 'ip6': {
      const next = (n: number) => c.compare(c.payload(6), 1, n);
      const behindFragment = and(next(44), c.compare(c.payload(40), 1, number));
      return and(c.carries(ETH.ip6), or(next(number), behindFragment));
    }
    case 'iso':
      return and(c.carries(SAPS.iso), c.compare(c.payload(3), 1, number));
    case 'isis':
      return and(
        protocolNumbered(c, 'iso', ISO.isis as number),
        c.compare(c.payload(3 + 4), 1, number),
      );
    default:
      throw new FilterError(BOGUS[proto] ?? `'${proto} proto' is bogus`);
  }
}

/** The number of a protocol's name, which depends on what stands before it. lookup_proto() */
export function protocolNumber(q: Qualifier, name: string, names: NameTable): number {
  switch (q.proto) {
    case undefined:
    case 'ip':
    case 'ip6': {
      const number = names.protocol(name);
      if (number === undefined) throw new FilterError(`unknown ip proto '${name}'`);
      return number;
    }
    case 'ether': {
      const type = ETHER_TYPES[name] ?? (SAPS as Readonly<Record<string, number>>)[name];
      if (type === undefined) throw new FilterError(`unknown ether proto '${name}'`);
      return type;
    }
    case 'iso': {
      const number = ISO[name];
      if (number === undefined) throw new FilterError(`unknown osi proto '${name}'`);
      return number;
    }
    default:
      throw new FilterError(`unknown protocol: ${name}`);
  }
}

const EXTENSIONS: readonly number[] = [0, 60, 43, 44];
const AH = 51;

/** Packets that carry a protocol behind any number of other headers. gen_protochain() */
export function protocolChain(c: Code, proto: string | undefined, number: number): Test {
  if (proto === undefined)
    return or(protocolChain(c, 'ip', number), protocolChain(c, 'ip6', number));
  if (proto !== 'ip' && proto !== 'ip6')
    throw new FilterError("bad protocol applied for 'protochain'");
  const start = c.payload(0);
  const chain = (p: PacketView): boolean => {
    const net = start.at(p);
    let next = p.load(net + (proto === 'ip' ? 9 : 6), 1);
    let at = proto === 'ip' ? net + (p.load(net, 1) & 15) * 4 : net + 40;
    while (next !== number && next !== 59 && !p.rejected) {
      if (proto === 'ip6' && EXTENSIONS.includes(next)) {
        const size = (p.load(at + 1, 1) + 1) * 8;
        next = p.load(at, 1);
        at += size;
      } else if (next === AH) {
        const size = (p.load(at + 1, 1) + 2) * 4;
        next = p.load(at, 1);
        at += size;
      } else return false;
    }
    return next === number;
  };
  const key = `chain ${proto} ${number} ${start.key}`;
  return and(c.carries(proto === 'ip' ? ETH.ip : ETH.ip6), { kind: 'call', key, call: chain });
}
