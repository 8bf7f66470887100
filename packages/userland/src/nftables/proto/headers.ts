/** The fields of headers: name, offset and width in bits, data type. src/proto.c */
import type { NftPayloadBase } from '@labwire/devices/netfilter';

/** A field of a header. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly bits: number;
  readonly type: string;
  /** The messages of ICMP that have it: their types, the first to be asked for. */
  readonly icmp?: readonly number[];
}

/** A header. */
export interface Header {
  readonly name: string;
  readonly base: NftPayloadBase;
  readonly fields: readonly Field[];
  /** Its length in bits, where other headers of the same layer follow. */
  readonly length?: number;
}

function header(name: string, base: NftPayloadBase, text: string, length?: number): Header {
  const fields = text
    .trim()
    .split('\n')
    .map((line): Field => {
      const [field = '', offset, bits, type = 'integer', icmp] = line.trim().split(/\s+/);
      const f = { name: field.replace('_', ' '), offset: Number(offset), bits: Number(bits), type };
      return icmp === undefined ? f : { ...f, icmp: icmp.split(',').map(Number) };
    });
  return length === undefined ? { name, base, fields } : { name, base, fields, length };
}

/** All headers by name. */
export const HEADERS: Readonly<Record<string, Header>> = Object.fromEntries(
  [
    header(
      'ether',
      'link',
      `daddr 0 48 ether_addr
       saddr 48 48 ether_addr
       type 96 16 ether_type`,
      112,
    ),
    header(
      'vlan',
      'link',
      `pcp 0 3
       dei 3 1
       cfi 3 1
       id 4 12
       type 16 16 ether_type`,
      32,
    ),
    header(
      'arp',
      'network',
      `htype 0 16
       ptype 16 16 ether_type
       hlen 32 8
       plen 40 8
       operation 48 16 arp_op
       saddr_ether 64 48 ether_addr
       saddr_ip 112 32 ipv4_addr
       daddr_ether 144 48 ether_addr
       daddr_ip 192 32 ipv4_addr`,
    ),
    header(
      'ip',
      'network',
      `version 0 4
       hdrlength 4 4
       dscp 8 6 dscp
       ecn 14 2 ecn
       length 16 16
       id 32 16
       frag-off 48 16
       ttl 64 8
       protocol 72 8 inet_proto
       checksum 80 16
       saddr 96 32 ipv4_addr
       daddr 128 32 ipv4_addr`,
    ),
    header(
      'ip6',
      'network',
      `version 0 4
       dscp 4 6 dscp
       ecn 10 2 ecn
       flowlabel 12 20
       length 32 16
       nexthdr 48 8 inet_proto
       hoplimit 56 8
       saddr 64 128 ipv6_addr
       daddr 192 128 ipv6_addr`,
    ),
    header(
      'icmp',
      'transport',
      `type 0 8 icmp_type
       code 8 8 icmp_code
       checksum 16 16
       id 32 16 integer 8,0
       sequence 48 16 integer 8,0
       gateway 32 32 integer 5
       mtu 48 16 integer 3`,
    ),
    header(
      'icmpv6',
      'transport',
      `type 0 8 icmpv6_type
       code 8 8 icmpv6_code
       checksum 16 16
       parameter-problem 32 32 integer 4
       mtu 32 32 integer 2
       id 32 16 integer 128,129
       sequence 48 16 integer 128,129
       max-delay 32 16 integer 130`,
    ),
    header(
      'igmp',
      'transport',
      `type 0 8 igmp_type
       mrt 8 8
       checksum 16 16
       group 32 32`,
    ),
    header(
      'tcp',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service
       sequence 32 32
       ackseq 64 32
       doff 96 4
       reserved 100 4
       flags 104 8 tcp_flag
       window 112 16
       checksum 128 16
       urgptr 144 16`,
    ),
    header(
      'udp',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service
       length 32 16
       checksum 48 16`,
    ),
    header(
      'udplite',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service
       csumcov 32 16
       checksum 48 16`,
    ),
    header(
      'sctp',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service
       vtag 32 32
       checksum 64 32`,
    ),
    header(
      'dccp',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service
       type 67 4 dccp_pkttype`,
    ),
    header(
      'ah',
      'transport',
      `nexthdr 0 8 inet_proto
       hdrlength 8 8
       reserved 16 16
       spi 32 32
       sequence 64 32`,
    ),
    header(
      'esp',
      'transport',
      `spi 0 32
       sequence 32 32`,
    ),
    header(
      'comp',
      'transport',
      `nexthdr 0 8 inet_proto
       flags 8 8 bitmask
       cpi 16 16`,
    ),
    header(
      'th',
      'transport',
      `sport 0 16 inet_service
       dport 16 16 inet_service`,
    ),
  ].map((h) => [h.name, h]),
);

/** The protocol numbers of transport headers. */
export const TRANSPORT: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
};

/** The Ethernet protocols of headers. */
export const ETHER_TYPES: Readonly<Record<string, number>> = {
  ip: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ip6: 0x86dd,
};

/** A header's field by name. */
export function fieldOf(header: string, field: string): Field | undefined {
  return HEADERS[header]?.fields.find((f) => f.name === field);
}
