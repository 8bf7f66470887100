import type { Ipv4Addr } from '@labwire/core/addr';
import { parseIpv4 } from '@labwire/core/addr';
import { devOpen, Veth } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { addrAdd, routeAdd } from '@labwire/devices/rtnetlink';
import type { ConformanceHost } from '../host.ts';

/** Who stands where: a client behind a router, and a server of two addresses beyond it. */
export interface Topology {
  readonly client: { readonly addr: string; readonly gw: string };
  /** `DEVICE ADDRESS/LENGTH` of either side. */
  readonly nat: { readonly in: string; readonly out: string; readonly ip_forward: number };
  readonly internet: { readonly addrs: readonly string[] };
}

/** The namespaces of a {@link Topology}. */
export interface Network {
  readonly client: Netns;
  readonly nat: Netns;
  readonly internet: Netns;
}

/** An address that is written as it should be. */
export function ipv4(text: string): Ipv4Addr {
  const addr = parseIpv4(text);
  if (addr === undefined) throw new Error(`${text} is no IPv4 address`);
  return addr;
}

const CREATE = { create: true, excl: true };

function address(netns: Netns, device: string, cidr: string): void {
  const [local = '', plen = '32'] = cidr.split('/');
  const ifindex = netns.devices.byName(device)?.ifindex ?? 0;
  addrAdd(netns, { family: 'inet', ifindex, local: ipv4(local), prefixLen: Number(plen) }, CREATE);
}

function cable(a: Netns, aName: string, b: Netns, bName: string): void {
  const { kernel } = a;
  const ends = Veth.createPair(
    { netns: a, name: aName, addr: kernel.randomMac() },
    { netns: b, name: bName, addr: kernel.randomMac() },
  );
  for (const end of ends) devOpen(end);
}

/** Sets up namespaces, cables and addresses. */
export function buildNetwork(host: ConformanceHost, t: Topology): Network {
  const [client, nat, internet] = [host.freshNetns(), host.freshNetns(), host.freshNetns()];
  const [inName = '', inAddr = ''] = t.nat.in.split(' ');
  const [outName = '', outAddr = ''] = t.nat.out.split(' ');
  cable(client, 'eth0', nat, inName);
  cable(nat, outName, internet, 'eth0');
  address(client, 'eth0', t.client.addr);
  address(nat, inName, inAddr);
  address(nat, outName, outAddr);
  for (const addr of t.internet.addrs) address(internet, 'eth0', addr);
  const nexthops = [{ via: ipv4(t.client.gw) }];
  routeAdd(client, { family: 'inet', dst: ipv4('0.0.0.0'), dstLen: 0, nexthops }, CREATE);
  nat.sysctl.write('net/ipv4/ip_forward', String(t.nat.ip_forward));
  return { client, nat, internet };
}
