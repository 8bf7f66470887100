/** Data types: how values are named, read and written. src/datatype.c */
import { SYMBOLS, type Symbols } from './symbols.ts';

/** A data type. */
export interface DataType {
  readonly name: string;
  readonly desc: string;
  /** 0: as wide as what it is of. */
  readonly bits: number;
  readonly base: 'integer' | 'bitmask' | 'string';
  /** How the kernel keeps its values: orders listings. */
  readonly order: 'big' | 'host';
  readonly symbols: Symbols | undefined;
  /** How a value without a name is written. */
  readonly format: 'dec' | 'hex';
  /** Digits of a hexadecimal value. */
  readonly width: number;
  /** A network of it is written as prefix. */
  readonly prefix: boolean;
}

type Row = readonly [
  name: string,
  desc: string,
  bits: number,
  order: 'big' | 'host',
  more?: Partial<DataType>,
];

const HEX = { format: 'hex' } as const;
const FLAGS = { base: 'bitmask', format: 'hex' } as const;

const ROWS: readonly Row[] = [
  ['integer', 'integer', 0, 'host'],
  ['xinteger', 'integer', 0, 'host', HEX],
  ['bitmask', 'bitmask', 0, 'host', FLAGS],
  ['string', 'string', 0, 'host', { base: 'string' }],
  ['nf_proto', 'netfilter protocol', 8, 'host'],
  ['ll_addr', 'link layer address', 0, 'big'],
  ['ether_addr', 'Ethernet address', 48, 'big'],
  ['ipv4_addr', 'IPv4 address', 32, 'big', { prefix: true }],
  ['ipv6_addr', 'IPv6 address', 128, 'big', { prefix: true }],
  ['ether_type', 'Ethernet protocol', 16, 'big', { format: 'hex', width: 4 }],
  ['arp_op', 'ARP operation', 16, 'big'],
  ['inet_proto', 'Internet protocol', 8, 'big'],
  ['inet_service', 'internet network service', 16, 'big'],
  ['icmp_type', 'ICMP type', 8, 'big'],
  ['icmp_code', 'icmp code', 8, 'big'],
  ['icmpv6_type', 'ICMPv6 type', 8, 'big'],
  ['icmpv6_code', 'icmpv6 code', 8, 'big'],
  ['icmpx_code', 'icmpx code', 8, 'big'],
  ['igmp_type', 'IGMP type', 8, 'big'],
  ['tcp_flag', 'TCP flag', 8, 'big', FLAGS],
  ['dccp_pkttype', 'DCCP packet type', 4, 'big'],
  ['mh_type', 'Mobility Header Type', 8, 'big'],
  ['dscp', 'Differentiated Services Code Point', 6, 'big', { format: 'hex', width: 2 }],
  ['ecn', 'Explicit Congestion Notification', 2, 'big', { format: 'hex', width: 1 }],
  ['time', 'relative time', 32, 'host'],
  ['mark', 'packet mark', 32, 'host', { format: 'hex', width: 8, prefix: false }],
  ['iface_index', 'network interface index', 32, 'host'],
  ['iface_type', 'network interface type', 16, 'host'],
  ['ifname', 'network interface name', 128, 'host', { base: 'string' }],
  ['realm', 'routing realm', 32, 'host'],
  ['classid', 'TC classid', 32, 'host'],
  ['uid', 'user ID', 32, 'host'],
  ['gid', 'group ID', 32, 'host'],
  ['ct_state', 'conntrack state', 32, 'host', FLAGS],
  ['ct_dir', 'conntrack direction', 8, 'host'],
  ['ct_status', 'conntrack status', 32, 'host', FLAGS],
  ['ct_event', 'conntrack event bits', 32, 'host', FLAGS],
  ['ct_label', 'conntrack label', 128, 'host', FLAGS],
  ['pkt_type', 'packet type', 8, 'host'],
  ['devgroup', 'devgroup name', 32, 'host'],
  ['fib_addrtype', 'fib address type', 32, 'host'],
  ['boolean', 'boolean type', 1, 'host'],
  ['date', 'Relative time of packet reception', 64, 'host'],
  ['day', 'Day of week of packet reception', 8, 'host'],
  ['hour', 'Hour of day of packet reception', 32, 'host'],
  ['cgroupsv2', 'cgroupsv2 path', 64, 'host'],
  ['verdict', 'netfilter verdict', 0, 'host'],
];

const TYPES: ReadonlyMap<string, DataType> = new Map(
  ROWS.map(([name, desc, bits, order, more]) => [
    name,
    {
      name,
      desc,
      bits,
      order,
      base: 'integer' as const,
      symbols: SYMBOLS[name],
      format: 'dec' as const,
      width: 0,
      prefix: false,
      ...more,
    },
  ]),
);

/** A type by the name that rules use. @throws Error if there is none: a bug of ours */
export function dataType(name: string): DataType {
  const t = TYPES.get(name);
  if (t === undefined) throw new Error(`no nftables data type ${name}`);
  return t;
}

/** A type by the name that a set's declaration gives. `datatype_lookup_byname()` */
export function declaredType(name: string): DataType | undefined {
  return name === 'xinteger' || name === 'date' ? undefined : TYPES.get(name);
}
