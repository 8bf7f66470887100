import type { Dialect } from './dialect.ts';
import { ANY, not } from './matches.ts';

const ICMP_TYPES = [
  'echo-request',
  'echo-reply',
  '3',
  '3/1',
  '3/4',
  'time-exceeded',
  '11/0',
  'redirect',
  '12',
  '13',
  'any',
  'port-unreachable',
  '255',
];

/** iptables. */
export const IPV4: Dialect = {
  protocols: [
    [4, 'udp'],
    [5, 'tcp'],
    [3, 'icmp'],
    [0.4, 'sctp'],
    [0.3, 'gre'],
    [0.3, '50'],
    [0.5, 'all'],
  ],
  icmp: { protocol: 'icmp', module: 'icmp', option: 'icmp-type', types: ICMP_TYPES },
  any: ANY,
  rare: (dice) => (dice.chance(0.04) ? `${not(dice)}-f` : ''),
  early: [],
  rejects: [
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-port-unreachable',
    'icmp-proto-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'icmp-admin-prohibited',
  ],
  hops: ['set 1', 'set 200', 'dec 1', 'dec 63', 'inc 1', 'inc 255'].map((h) => `-j TTL --ttl-${h}`),
  tcpTargets: ['-j ECN --ecn-tcp-remove'],
  netmaps: ['192.0.2.0/30', '10.0.0.0/24', '198.51.100.7/32', '203.0.113.0/28'],
  withPorts: (addresses, ports) => `${addresses}:${ports}`,
  range: (dice, addr) => {
    const net = addr.replace(/\d+$/, '');
    return `${net}${dice.int(2, 4)}-${net}${dice.int(4, 8)}`;
  },
};
