import { eui64 } from '../model/ipv6.ts';
import { IPV6 } from './dialect6.ts';
import type { Dice } from './dice.ts';
import { type End, macOfHost, macOfRouter, type World } from './world.ts';

const NETS = ['2001:db8:a::', '2001:db8:b::', '2001:db8:c::'];
const REMOTE = ['2001:db8:77::', '2001:db8:88:1::', 'fd00:77::'];
/** A second prefix of the first device. */
const SECOND = 'fd00:a::';

interface Building {
  readonly dice: Dice;
  readonly own: End[];
  readonly hosts: End[];
  readonly ip: string[];
}

/** Devices, addresses, routes, neighbours and settings of a router. */
export function ipv6World(dice: Dice): World {
  const devices = dice.int(2, 3);
  const at: Building = { dice, own: [], hosts: [], ip: ['link set lo up'] };
  const macs = Array.from({ length: devices }, (_, i) => macOfRouter(i));
  for (let dev = 0; dev < devices; dev++) device(at, dev, macs[dev] as string);
  routes(at, devices);
  const proxied = dice.chance(0.1) ? `${NETS[0]}55` : undefined;
  if (proxied !== undefined) at.ip.push(`neigh add proxy ${proxied} dev eth0`);
  return {
    dialect: IPV6,
    devices,
    macs,
    own: at.own,
    hosts: at.hosts,
    odd: ODD,
    prefixes: PREFIXES,
    ip: at.ip,
    sysctls: settings(dice, devices, proxied !== undefined),
  };
}

const PREFIXES = [
  ...[...NETS, ...REMOTE].map((n) => `${n}/64`),
  '2001:db8:a::2/127',
  '::/0',
  'fe80::/10',
  '2001:db8::/32',
];
const ODD = [
  'ff02::1',
  'ff02::2',
  'ff02::1:ff00:1',
  'ff02::1:ff00:77',
  'ff05::2',
  'ff01::1',
  'ff0e::99',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  '::2',
  '2001:db8:a::',
  '2001:db8:a::77',
  '2001:db8:a::55',
  '2001:4860::8',
  'fe80::77',
  'fe80::',
  '2002:7f00:1::1',
];

function device({ dice, own, hosts, ip }: Building, dev: number, mac: string): void {
  const net = NETS[dev] as string;
  const plen = dice.pick([64, 64, 64, 64, 112, 120]);
  ip.push(`link set eth${dev} address ${mac}`);
  if (dice.chance(0.15)) ip.push(`link set eth${dev} mtu ${dice.pick([1280, 1281, 1300, 1400])}`);
  ip.push(`link set eth${dev} up`);
  own.push({ addr: eui64('fe80::', mac), dev, mac });
  const add = (addr: string, bits: number, more: string): void => {
    ip.push(`addr add ${addr}/${bits} dev eth${dev} nodad${more}`);
    own.push({ addr, dev, mac });
  };
  add(`${net}1`, dice.chance(0.03) ? 128 : plen, '');
  if (dice.chance(0.2)) add(`${net}9`, plen, dice.chance(0.2) ? ' preferred_lft 0' : '');
  if (dev === 0 && dice.chance(0.2)) add(`${SECOND}1`, dice.pick([64, 126, 127, 128]), '');
  for (const h of [2, 3]) {
    const theirs = macOfHost(dev, h);
    const addresses = [`${net}${h}`, eui64('fe80::', theirs)];
    if (h === 3) addresses.push(eui64(net, theirs));
    if (dev === 0 && h === 2) addresses.push(`${SECOND}2`);
    for (const addr of addresses) {
      hosts.push({ addr, dev, mac: theirs, near: true });
      if (!dice.chance(0.04))
        ip.push(`neigh replace ${addr} lladdr ${theirs} dev eth${dev} nud permanent`);
    }
  }
}

function routes({ dice, hosts, ip }: Building, devices: number): void {
  for (const net of REMOTE) {
    const gateway = dice.pick(hosts.filter((h) => h.near && h.mac.endsWith(':02')));
    const far = `${net}${dice.pick([7, 8])}`;
    const kind = dice.below(12);
    if (kind === 0)
      ip.push(`route add ${dice.pick(['blackhole', 'unreachable', 'prohibit'])} ${net}/64`);
    else if (kind < 9) {
      const extra = dice.chance(0.1) ? ` mtu ${dice.pick(['1280', '1300'])}` : '';
      ip.push(`route add ${net}/64 via ${gateway.addr} dev eth${gateway.dev}${extra} onlink`);
    }
    hosts.push({ addr: far, dev: gateway.dev, mac: gateway.mac });
  }
  if (dice.chance(0.7)) {
    const dev = dice.below(devices);
    const gateway = dice.chance(0.5)
      ? eui64('fe80::', macOfHost(dev, 3))
      : `${NETS[dev] as string}3`;
    ip.push(`route add default via ${gateway} dev eth${dev} onlink`);
  }
}

const FLAG = ['0', '1'];

function settings(dice: Dice, devices: number, proxies: boolean): [string, string][] {
  const set = new Map<string, string>();
  set.set('net/ipv6/conf/all/forwarding', dice.chance(0.92) ? '1' : '0');
  if (dice.chance(0.05)) set.set('net/ipv6/conf/eth0/forwarding', dice.pick(FLAG));
  for (let i = 0; i < devices; i++) {
    // answers for others come at once
    set.set(`net/ipv6/neigh/eth${i}/proxy_delay`, '0');
    if (dice.chance(0.05))
      set.set(`net/ipv6/conf/eth${i}/hop_limit`, dice.pick(['1', '33', '255']));
  }
  if (proxies)
    set.set(`net/ipv6/conf/${dice.pick(['all', 'eth0'])}/proxy_ndp`, dice.chance(0.9) ? '1' : '0');
  const maybe = (p: number, name: string, values: readonly string[]): void => {
    if (dice.chance(p)) set.set(name, dice.pick(values));
  };
  maybe(0.05, 'net/ipv6/icmp/echo_ignore_all', FLAG);
  maybe(0.1, 'net/ipv6/icmp/echo_ignore_multicast', FLAG);
  maybe(0.1, 'net/ipv6/fwmark_reflect', FLAG);
  maybe(0.5, 'net/netfilter/nf_conntrack_acct', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_tcp_loose', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_tcp_be_liberal', FLAG);
  maybe(0.05, 'net/netfilter/nf_conntrack_tcp_max_retrans', ['1', '2']);
  maybe(0.05, 'net/netfilter/nf_conntrack_checksum', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_udp_timeout', ['20', '90']);
  return [...set];
}
