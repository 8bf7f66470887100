import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { MS, Simulator } from '@labwire/core/sim';
import type { NfConn } from '@labwire/devices/conntrack';
import { devOpen, Veth } from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, addrDel, routeAdd } from '@labwire/devices/rtnetlink';

/** An address that is written as it should be. */
export const ip = (text: string): Ipv4Addr => parseIpv4(text) as Ipv4Addr;

const CREATE = { create: true, excl: true };
const ANY = 0 as Ipv4Addr;

type Udp = ReturnType<Netns['udp']['open']>;

/** Where a datagram goes from and to. */
export interface Flow {
  readonly src: Ipv4Addr;
  readonly sport: number;
  readonly dst: Ipv4Addr;
  readonly dport: number;
}

/** Addresses of the inner hosts, of the router's outside, and of the servers. */
export const INNER: readonly Ipv4Addr[] = ['192.168.0.2', '192.168.0.3', '192.168.0.4'].map(ip);
export const OUTER: Ipv4Addr = ip('203.0.113.10');
export const SERVERS: readonly Ipv4Addr[] = ['203.0.113.8', '203.0.113.9'].map(ip);
export const PORTS: readonly number[] = [53, 123];

/** Hosts behind a router that masquerades, and servers. */
export class NatNetwork {
  readonly sim: Simulator = new Simulator();
  readonly inner: Netns;
  readonly router: Netns;
  readonly outer: Netns;
  /** Connections in the order in which they came, with the time. */
  readonly born: { readonly ct: NfConn; readonly at: number }[] = [];
  readonly #clients = new Map<string, Udp>();
  readonly #servers = new Map<string, Udp>();

  constructor() {
    const kernel = new Kernel(this.sim, 'host');
    [this.inner, this.router, this.outer] = [
      kernel.newNetns(),
      kernel.newNetns(),
      kernel.newNetns(),
    ];
    cable(this.inner, 'eth0', this.router, 'lan');
    cable(this.router, 'wan', this.outer, 'eth0');
    for (const addr of INNER) this.address(this.inner, 'eth0', addr);
    this.address(this.router, 'lan', ip('192.168.0.1'));
    this.address(this.router, 'wan', OUTER);
    for (const addr of SERVERS) this.address(this.outer, 'eth0', addr);
    const nexthops = [{ via: ip('192.168.0.1') }];
    routeAdd(this.inner, { family: 'inet', dst: ANY, dstLen: 0, nexthops }, CREATE);
    this.router.sysctl.write('net/ipv4/ip_forward', '1');
    this.#masquerade();
    for (const addr of SERVERS)
      for (const port of PORTS) this.#servers.set(`${addr} ${port}`, open(this.outer, addr, port));
    this.tracking.events.listen((event, ct) => {
      if (event === 'new') this.born.push({ ct, at: this.sim.now });
    });
  }

  /** Connection tracking of the router. */
  get tracking() {
    return this.router.netfilter.conntrack;
  }

  #masquerade(): void {
    const { netfilter } = this.router;
    const flags = { random: false, randomFully: false, persistent: false };
    netfilter
      .table('inet', 'nat')
      .table.chains.get('POSTROUTING')
      ?.rules.push({
        matches: [],
        oif: { name: 'wan', wildcard: false, invert: false },
        target: { kind: 'MASQUERADE', ...flags },
        counters: { packets: 0, bytes: 0 },
      });
    netfilter.changed('inet');
  }

  /** Gives a device an address. */
  address(netns: Netns, device: string, local: Ipv4Addr): void {
    const ifindex = netns.devices.byName(device)?.ifindex ?? 0;
    addrAdd(netns, { family: 'inet', ifindex, local, prefixLen: 24 }, CREATE);
  }

  /** Takes one away. */
  removeAddress(netns: Netns, device: string, local: Ipv4Addr): void {
    const ifindex = netns.devices.byName(device)?.ifindex ?? 0;
    addrDel(netns, { family: 'inet', ifindex, local, prefixLen: 24 });
  }

  /** The socket of one end of a flow inside. */
  client({ src, sport }: Flow): Udp {
    const key = `${src} ${sport}`;
    const known = this.#clients.get(key) ?? open(this.inner, src, sport);
    this.#clients.set(key, known);
    return known;
  }

  /** The socket of the other end. */
  server({ dst, dport }: Flow): Udp {
    return this.#servers.get(`${dst} ${dport}`) as Udp;
  }

  /** Sends a datagram out and lets it arrive. */
  send(flow: Flow, data: Uint8Array): void {
    this.client(flow).send(data, { addr: flow.dst, port: flow.dport });
    this.settle();
  }

  /** Lets everything on its way arrive. */
  settle(): void {
    this.sim.runEvents(this.sim.now + 5 * MS);
  }
}

function open(netns: Netns, addr: Ipv4Addr, port: number): Udp {
  const socket = netns.udp.open('inet');
  socket.bind({ addr, port });
  return socket;
}

function cable(a: Netns, aName: string, b: Netns, bName: string): void {
  const { kernel } = a;
  const ends = Veth.createPair(
    { netns: a, name: aName, addr: kernel.randomMac() },
    { netns: b, name: bName, addr: kernel.randomMac() },
  );
  for (const end of ends) devOpen(end);
}
