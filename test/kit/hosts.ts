import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { SEC, Simulator } from '@labwire/core/sim';
import { devClose, devOpen, type NetDevice, Veth } from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, routeAdd } from '@labwire/devices/rtnetlink';

/** An IPv4 address written as a literal. */
export function ip4(text: string): Ipv4Addr {
  const addr = parseIpv4(text);
  if (addr === undefined) throw new Error(`no IPv4 address: ${text}`);
  return addr;
}

/** Splits `10.0.0.1/24`. */
function prefix(text: string): { addr: Ipv4Addr; plen: number } {
  const [addr = '', plen = '32'] = text.split('/');
  return { addr: ip4(addr), plen: Number(plen) };
}

/** Namespaces of one kernel with cables between them, for tests of the stack below the programs. */
export class Hosts {
  readonly sim: Simulator;
  readonly kernel: Kernel;

  constructor() {
    this.sim = new Simulator();
    this.kernel = new Kernel(this.sim, 'host');
  }

  /** A namespace whose `lo` is up. */
  host(): Netns {
    const netns = this.kernel.newNetns();
    devOpen(netns.loopback);
    return netns;
  }

  /** A veth pair, both ends up. */
  cable(a: Netns, aName: string, b: Netns, bName: string): readonly [NetDevice, NetDevice] {
    const ends = Veth.createPair({ netns: a, name: aName }, { netns: b, name: bName });
    for (const dev of ends) devOpen(dev);
    return ends;
  }

  /** `ip link set … up` */
  setUp(dev: NetDevice): void {
    devOpen(dev);
  }

  /** `ip link set … down` */
  setDown(dev: NetDevice): void {
    devClose(dev);
  }

  /** Lets some simulated seconds pass. */
  run(seconds = 1): void {
    this.sim.runEvents(this.sim.now + seconds * SEC);
  }
}

/** `ip addr add LOCAL/PLEN dev NAME` */
export function addAddr(netns: Netns, name: string, text: string): void {
  const ifindex = netns.devices.byName(name)?.ifindex ?? -1;
  const { addr, plen } = prefix(text);
  const request = { family: 'inet', ifindex, local: addr, address: addr, prefixLen: plen } as const;
  addrAdd(netns, request, { create: true, excl: true });
}

/** `ip route add DST via GATEWAY` */
export function addRoute(netns: Netns, dst: string, via: string): void {
  const { addr, plen } = dst === 'default' ? { addr: ip4('0.0.0.0'), plen: 0 } : prefix(dst);
  const request = {
    family: 'inet',
    dst: addr,
    dstLen: plen,
    nexthops: [{ via: ip4(via) }],
  } as const;
  routeAdd(netns, request, { create: true, excl: true });
}

/** An ICMP echo request. */
export function echoRequest(seq: number, bytes = 64): Uint8Array {
  const message = new Uint8Array(bytes);
  message[0] = 8;
  message[7] = seq;
  return message;
}
