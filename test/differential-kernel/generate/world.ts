import type { Dialect } from './dialect.ts';
import { IPV4 } from './dialect4.ts';
import type { Dice } from './dice.ts';

/** Who may send: an address, and the device and MAC address by which it is reached. */
export interface End {
  readonly addr: string;
  readonly dev: number;
  readonly mac: string;
  /** It is on the link itself. */
  readonly near?: boolean;
}

/** A router's surroundings. */
export interface World {
  readonly dialect: Dialect;
  readonly devices: number;
  /** MAC addresses of the router's devices. */
  readonly macs: readonly string[];
  /** Addresses of the router, and on which device each is. */
  readonly own: readonly End[];
  /** Hosts on the links and behind gateways. */
  readonly hosts: readonly End[];
  /** Addresses that mean more than one, or nobody. */
  readonly odd: readonly string[];
  /** Prefixes, for rules. */
  readonly prefixes: readonly string[];
  readonly ip: readonly string[];
  readonly sysctls: readonly (readonly [string, string])[];
}

const NETS = ['10.0.0', '192.0.2', '172.16.5'];
const REMOTE = ['198.51.100', '203.0.113', '10.77.1'];

export const macOfRouter = (dev: number): string => `02:00:00:00:0${dev}:01`;
export const macOfHost = (dev: number, host: number): string =>
  `02:00:00:00:0${dev}:${host.toString(16).padStart(2, '0')}`;

/** Devices, addresses, routes, neighbours and settings of a router. */
export function ipv4World(dice: Dice): World {
  const devices = dice.int(2, 3);
  const [own, hosts, ip]: [End[], End[], string[]] = [[], [], ['link set lo up']];
  const macs = Array.from({ length: devices }, (_, i) => macOfRouter(i));
  for (let dev = 0; dev < devices; dev++) {
    const net = NETS[dev] as string;
    const plen = dice.pick([24, 24, 24, 28, 25]);
    ip.push(`link set eth${dev} address ${macs[dev]}`);
    if (dice.chance(0.15))
      ip.push(`link set eth${dev} mtu ${dice.pick([576, 1000, 1280, 1400, 68 + 52])}`);
    ip.push(`link set eth${dev} up`);
    const addresses = dice.chance(0.2) ? [1, 9] : [1];
    for (const a of addresses) {
      const at = dice.chance(0.03) ? 32 : plen;
      ip.push(`addr add ${net}.${a}/${at}${at < 31 ? ' brd +' : ''} dev eth${dev}`);
      own.push({ addr: `${net}.${a}`, dev, mac: macs[dev] as string });
    }
    for (const h of [2, 3]) {
      const host = { addr: `${net}.${h}`, dev, mac: macOfHost(dev, h), near: true };
      hosts.push(host);
      if (!dice.chance(0.04))
        ip.push(`neigh replace ${host.addr} lladdr ${host.mac} dev eth${dev} nud permanent`);
    }
  }
  routes(dice, devices, hosts, own, ip);
  if (dice.chance(0.2)) policies(dice, devices, hosts, ip);
  const prefixes = [
    ...NETS.map((n) => `${n}.0/24`),
    ...REMOTE.map((n) => `${n}.0/24`),
    '10.0.0.2/31',
    '0.0.0.0/0',
    '10.0.0.0/8',
  ];
  const odd = [
    '255.255.255.255',
    '10.0.0.255',
    '10.0.0.0',
    '192.0.2.255',
    '224.0.0.1',
    '239.1.2.3',
    '127.0.0.1',
    '0.0.0.0',
    '240.0.0.1',
    '10.0.0.77',
    '8.8.8.8',
    '169.254.1.1',
  ];
  return {
    dialect: IPV4,
    devices,
    macs,
    own,
    hosts,
    odd,
    prefixes,
    ip,
    sysctls: settings(dice, devices),
  };
}

function routes(
  dice: Dice,
  devices: number,
  hosts: End[],
  own: readonly End[],
  ip: string[],
): void {
  for (const net of REMOTE) {
    const gateway = dice.pick(hosts.filter((h) => h.addr.endsWith('.2')));
    const far = `${net}.${dice.pick([7, 8])}`;
    const kind = dice.below(12);
    if (kind === 0)
      ip.push(
        `route add ${dice.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${net}.0/24`,
      );
    else if (kind < 9) {
      const mtu = dice.chance(0.1) ? ` mtu ${dice.pick(['600', 'lock 700', '1300'])}` : '';
      const src = dice.chance(0.1) ? ` src ${dice.pick(own).addr}` : '';
      const key = dice.chance(0.1) ? ` ${dice.pick(['tos 0x10', 'metric 5', 'tos 0x08'])}` : '';
      const hop = `via ${gateway.addr} dev eth${gateway.dev}`;
      ip.push(`route add ${net}.0/24${key} ${hop}${src}${mtu} onlink`);
    }
    hosts.push({ addr: far, dev: gateway.dev, mac: gateway.mac });
  }
  if (dice.chance(0.7)) {
    const dev = dice.below(devices);
    ip.push(`route add default via ${NETS[dev]}.3 dev eth${dev} onlink`);
  }
}

/** Rules by which some packets look into another table than main. */
function policies(dice: Dice, devices: number, hosts: readonly End[], ip: string[]): void {
  const near = hosts.filter((h) => /\.[23]$/.test(h.addr));
  for (const table of [100, 101]) {
    const hop = dice.pick(near);
    const to = dice.pick(['default', 'default', ...REMOTE.map((n) => `${n}.0/24`)]);
    const kind = dice.chance(0.15)
      ? dice.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])
      : '';
    const way = kind === '' ? ` via ${hop.addr} dev eth${hop.dev} onlink` : '';
    ip.push(`route add ${kind} ${to}${way} table ${table}`.replace('add  ', 'add '));
    for (let i = dice.int(1, 2); i > 0; i--) {
      const not = dice.chance(0.1) ? 'not ' : '';
      ip.push(`rule add ${not}${selector(dice, devices, hosts)} ${action(dice, table)}`);
    }
  }
}

const selector = (dice: Dice, devices: number, hosts: readonly End[]): string =>
  dice.weighted<() => string>([
    [5, () => `fwmark ${dice.pick(['0x1', '0x2', '0x10', '0x1/0x1', '0x2/0x3', '0x20/0xf0'])}`],
    [
      3,
      () => `from ${dice.chance(0.5) ? dice.pick(hosts).addr : dice.pick(REMOTE).concat('.0/24')}`,
    ],
    [2, () => `to ${dice.pick(hosts).addr}`],
    [3, () => `iif ${dice.pick(['lo', `eth${dice.below(devices)}`])}`],
    [1, () => `oif eth${dice.below(devices)}`],
    [1, () => `tos ${dice.pick(['0x10', '0x08'])}`],
    [
      1,
      () =>
        `ipproto ${dice.pick(['tcp', 'udp dport 53', 'udp sport 5000', 'icmp', 'tcp dport 80-443'])}`,
    ],
  ])();

const action = (dice: Dice, table: number): string =>
  dice.chance(0.85)
    ? `lookup ${table}${dice.chance(0.1) ? ' suppress_prefixlength 0' : ''}`
    : dice.pick(['blackhole', 'unreachable', 'prohibit', 'lookup main']);

const FLAG = ['0', '1'];

function settings(dice: Dice, devices: number): [string, string][] {
  const set = new Map<string, string>();
  const conf = (name: string): string => `net/ipv4/conf/${name}`;
  // what a new namespace takes over from the first one is set to the kernel's defaults
  for (const dir of ['all', ...Array.from({ length: devices }, (_, i) => `eth${i}`)]) {
    set.set(`${conf(dir)}/rp_filter`, dice.chance(0.15) ? dice.pick(['0', '1', '2']) : '0');
    set.set(`${conf(dir)}/accept_local`, dice.chance(0.05) ? '1' : '0');
    set.set(`${conf(dir)}/route_localnet`, dice.chance(0.05) ? '1' : '0');
    set.set(`${conf(dir)}/send_redirects`, dice.chance(0.97) ? '0' : '1');
    set.set(`${conf(dir)}/accept_source_route`, dice.chance(0.5) ? '1' : '0');
    set.set(`${conf(dir)}/log_martians`, '0');
  }
  set.set('net/ipv4/ip_forward', dice.chance(0.92) ? '1' : '0');
  set.set('net/ipv4/icmp_ratemask', '0');
  if (dice.chance(0.05)) set.set(`${conf('eth0')}/forwarding`, dice.pick(FLAG));
  const maybe = (p: number, name: string, values: readonly string[]): void => {
    if (dice.chance(p)) set.set(name, dice.pick(values));
  };
  maybe(0.05, 'net/ipv4/icmp_echo_ignore_all', FLAG);
  maybe(0.1, 'net/ipv4/icmp_echo_ignore_broadcasts', FLAG);
  maybe(0.1, 'net/ipv4/icmp_errors_use_inbound_ifaddr', FLAG);
  maybe(0.05, 'net/ipv4/ip_default_ttl', ['1', '33', '255']);
  maybe(0.05, 'net/ipv4/ip_forward_use_pmtu', FLAG);
  maybe(0.5, 'net/netfilter/nf_conntrack_acct', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_tcp_loose', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_tcp_be_liberal', FLAG);
  maybe(0.05, 'net/netfilter/nf_conntrack_tcp_max_retrans', ['1', '2']);
  maybe(0.05, 'net/netfilter/nf_conntrack_checksum', FLAG);
  maybe(0.1, 'net/netfilter/nf_conntrack_udp_timeout', ['20', '90']);
  return [...set];
}
