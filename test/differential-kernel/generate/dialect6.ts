import { formatIpv6, type Ipv6Addr, parseIpv6 } from '@labwire/core/addr';
import type { Dialect } from './dialect.ts';
import type { Dice } from './dice.ts';
import { ANY, list, type Maker, not, OF_IPV4 } from './matches.ts';

const TYPES = [
  'echo-request',
  'echo-reply',
  'destination-unreachable',
  'no-route',
  '1/3',
  'port-unreachable',
  'packet-too-big',
  'time-exceeded',
  'ttl-zero-during-transit',
  'parameter-problem',
  '4/1',
  'unknown-option',
  'neighbour-solicitation',
  '136',
  '128/0',
  '255',
];

const hopLimit: Maker = (d) =>
  `-m hl ${d.pick([`${not(d)}--hl-eq 63`, '--hl-lt 10', '--hl-gt 60', '--hl-eq 1', '--hl-eq 64'])}`;
const addrtype: Maker = (d) =>
  `-m addrtype ${not(d)}${d.pick(['--src-type', '--dst-type'])} ${list(d, ['UNICAST', 'LOCAL', 'MULTICAST', 'ANYCAST', 'UNSPEC'])}`;
const ranges: Maker = (d) =>
  `-m iprange ${not(d)}${d.pick(['--src-range', '--dst-range'])} ${d.pick(['2001:db8:a::-2001:db8:a::2', '2001:db8:b::1-2001:db8:c::9', 'fd00::-fe80::ffff'])}`;
const limitedConnections: Maker = (d) =>
  `-m connlimit ${d.pick(['--connlimit-upto', '--connlimit-above'])} ${d.int(0, 3)} --connlimit-mask ${d.pick([0, 64, 128])} ${d.pick(['--connlimit-saddr', '--connlimit-daddr'])}`;
const u32: Maker = (d) =>
  `-m u32 ${not(d)}--u32 "${d.pick(['6>>24=58', '4&0xFF=0:63', '4>>16=8:60', '40>>16=53', '24=0x20010db8', '48=0x61616161', '0>>20&0xff=0'])}"`;

const HEADERS = ['hop', 'dst', 'route', 'frag', 'auth', 'esp', 'none', 'prot'];
const OPTIONS = ['1:2', '5', '5:2', '30', '94:4', '158', '5,1', '1:4,30:2'];

const fragment = (d: Dice): string =>
  `-m frag ${d.pick(['--fragfirst', '--fragmore', '--fraglast', `${not(d)}--fragid 256:4335`, '--fragres', '--fragid 1', '--fragfirst --fragmore'])}`;
const hopByHop = (d: Dice): string =>
  `-m hbh ${d.pick([`${not(d)}--hbh-len 8`, `--hbh-opts ${d.pick(OPTIONS)}`, ''])}`.trim();
const destination = (d: Dice): string =>
  `-m dst ${d.pick([`${not(d)}--dst-len 8`, `--dst-opts ${d.pick(OPTIONS)}`, ''])}`.trim();
const routing = (d: Dice): string =>
  `-m rt ${d.pick([`${not(d)}--rt-type ${d.pick([0, 2, 4])}`, `${not(d)}--rt-segsleft ${d.pick(['0', '1', '0:2'])}`, `${not(d)}--rt-len 24`, '--rt-type 0 --rt-0-res', '--rt-type 0 --rt-0-addrs 2001:db8:a::2', '--rt-type 0 --rt-0-addrs 2001:db8:a::2,2001:db8:b::2 --rt-0-not-strict'])}`;
const chain = (d: Dice): string => {
  const some = HEADERS.filter(() => d.chance(0.3));
  const list = some.length === 0 ? d.pick(HEADERS) : some.join(',');
  return `-m ipv6header ${not(d)}--header ${list}${d.chance(0.5) ? ' --soft' : ''}`;
};

/** ip6tables. */
export const IPV6: Dialect = {
  protocols: [
    [4, 'udp'],
    [5, 'tcp'],
    [3, 'icmpv6'],
    [0.3, 'sctp'],
    [0.3, 'gre'],
    [0.3, '50'],
    [0.3, '59'],
    [0.5, 'all'],
  ],
  icmp: { protocol: 'icmpv6', module: 'icmp6', option: 'icmpv6-type', types: TYPES },
  any: [
    ...ANY.filter(([, make]) => !OF_IPV4.has(make)),
    [2, hopLimit],
    [2, addrtype],
    [1, ranges],
    [1, limitedConnections],
    [1, u32],
  ],
  rare: (dice) =>
    dice.chance(0.1) ? dice.pick([fragment, hopByHop, destination, routing, chain])(dice) : '',
  early: ['-m eui64'],
  rejects: [
    'icmp6-no-route',
    'icmp6-adm-prohibited',
    'icmp6-addr-unreachable',
    'icmp6-port-unreachable',
    'icmp6-policy-fail',
    'icmp6-reject-route',
  ],
  hops: ['set 1', 'set 200', 'dec 1', 'dec 63', 'inc 1', 'inc 255'].map((h) => `-j HL --hl-${h}`),
  tcpTargets: [],
  netmaps: ['2001:db8:b::/126', '2001:db8:a::/64', '2001:db8:77::7/128', 'fd00:77::/120'],
  withPorts: (addresses, ports) => `[${addresses}]:${ports}`,
  range: (dice, addr) => {
    const { w0, w1, w2 } = parseIpv6(addr) as Ipv6Addr;
    const at = (w3: number): string => formatIpv6({ w0, w1, w2, w3 } as Ipv6Addr);
    return `${at(dice.int(2, 4))}-${at(dice.int(4, 8))}`;
  },
};
