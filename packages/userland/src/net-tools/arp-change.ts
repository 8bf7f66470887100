import { IPV4_BROADCAST, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import { type Errno, KernelError, strerror } from '@labwire/core/error';
import { type LinkInfo, linkDump, neighAdd, neighDel, routeGet } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import { Exit } from './exit.ts';
import { parseHardware } from './hardware.ts';
import { resolveInet } from './inet.ts';
import { linkByName } from './interface.ts';
import { ARP_USAGE, usageError } from './usage.ts';

/** The status of everything that fails: -1. */
export const ARP_FAILED = 255;

/** What the words behind the addresses say of an entry. */
interface Modifiers {
  readonly device: string;
  readonly temporary: boolean;
  readonly published: boolean;
  readonly isPrivate: boolean;
  readonly netmask: Ipv4Addr;
}

async function readModifiers(
  proc: Process,
  device: string,
  words: readonly string[],
): Promise<Modifiers> {
  const rest = [...words];
  let netmask = IPV4_BROADCAST;
  let chosen = device;
  const flags = new Set<string>();
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === 'dev' || word === 'netmask') {
      const value = rest.shift();
      if (value === undefined) throw usageError(ARP_USAGE);
      if (word === 'dev') chosen = value.slice(0, 15);
      else netmask = (await resolveInet(proc, value, ARP_FAILED)).addr;
    } else if (['pub', 'priv', 'temp', 'trail', 'dontpub', 'auto'].includes(word)) flags.add(word);
    else throw usageError(ARP_USAGE);
  }
  return {
    device: chosen,
    temporary: flags.has('temp'),
    published: flags.has('pub'),
    isPrivate: flags.has('priv'),
    netmask,
  };
}

/** The device of an entry: the one that is named, or the one that the address is on. Linux net/ipv4/arp.c, arp_req_set() */
function deviceFor(proc: Process, dst: Ipv4Addr, name: string): number {
  if (proc.uid !== 0) throw new KernelError('EPERM');
  if (name !== '') {
    const link = linkByName(proc.netns, name);
    if (link === undefined) throw new KernelError('ENODEV');
    return link.ifindex;
  }
  const found = routeGet(proc.netns, { family: 'inet', dst });
  const hop = found.nexthops[0];
  if (found.type === 'local' || hop === undefined) throw new KernelError('EINVAL');
  if (hop.via !== undefined) throw new KernelError('ENETUNREACH');
  return hop.ifindex;
}

async function hostOf(proc: Process, word: string | undefined): Promise<Ipv4Addr> {
  if (word === undefined) throw new Exit(ARP_FAILED, 'arp: need host name\n');
  return (await resolveInet(proc, word, ARP_FAILED)).addr;
}

function errnoOf(change: () => void): Errno | undefined {
  try {
    change();
    return undefined;
  } catch (e) {
    if (e instanceof KernelError) return e.errno;
    throw e;
  }
}

/** `arp -d HOST [pub|priv] [dev DEV]`: its own entry, or else the published one. `arp_del()` */
export async function deleteArp(
  proc: Process,
  device: string,
  [host, ...words]: readonly string[],
): Promise<number> {
  const dst = await hostOf(proc, host);
  const modifiers = await readModifiers(proc, device, words);
  const kinds: readonly (readonly [proxy: boolean, name: string])[] = [
    [false, 'dontpub'],
    [true, 'pub'],
  ];
  const both = modifiers.published === modifiers.isPrivate;
  const tried = kinds.filter(([proxy]) => both || proxy === modifiers.published);
  for (const [proxy, name] of tried) {
    const errno = errnoOf(() => {
      const ifindex = deviceFor(proc, dst, modifiers.device);
      neighDel(proc.netns, { family: 'inet', ifindex, dst, proxy });
    });
    if (errno === undefined) return 0;
    if (errno !== 'ENXIO' && errno !== 'ENOENT')
      throw new Exit(ARP_FAILED, `SIOCDARP(${name}): ${strerror(errno)}\n`);
  }
  await proc.out(`No ARP entry for ${host}\n`);
  return ARP_FAILED;
}

/** The hardware address of a device: what `-D` takes. `arp_getdevhw()` */
function addressOfDevice(proc: Process, name: string): MacAddr {
  const link = linkByName(proc.netns, name);
  if (link === undefined)
    throw new Exit(ARP_FAILED, `arp: cant get HW-Address for \`${name}': No such device.\n`);
  return link.addr;
}

/** `arp -s HOST HWADDR [temp] [pub] [dev DEV]`. `arp_set()` */
export async function setArp(
  proc: Process,
  device: string,
  useDevice: boolean,
  [host, hardware, ...words]: readonly string[],
): Promise<number> {
  const dst = await hostOf(proc, host);
  if (hardware === undefined) throw new Exit(ARP_FAILED, 'arp: need hardware address\n');
  const lladdr = useDevice ? addressOfDevice(proc, hardware) : parseHardware(hardware);
  if (lladdr === undefined) throw new Exit(ARP_FAILED, 'arp: invalid hardware address\n');
  const modifiers = await readModifiers(proc, device, words);
  const errno = errnoOf(() => set(proc, dst, lladdr, modifiers));
  if (errno !== undefined) throw new Exit(ARP_FAILED, `SIOCSARP: ${strerror(errno)}\n`);
  return 0;
}

/** SIOCSARP. Linux net/ipv4/arp.c, arp_req_set() and arp_req_set_public() */
function set(proc: Process, dst: Ipv4Addr, lladdr: MacAddr, modifiers: Modifiers): void {
  const { netns } = proc;
  const { device, netmask, published, temporary } = modifiers;
  if (proc.uid !== 0) throw new KernelError('EPERM');
  if (netmask !== IPV4_BROADCAST) throw new KernelError('EINVAL');
  if (published) {
    const ifindex = publisher(linkDump(netns), lladdr, device);
    neighAdd(netns, { family: 'inet', ifindex, dst, proxy: true }, { create: true });
    return;
  }
  const ifindex = deviceFor(proc, dst, device);
  const state = temporary ? 'STALE' : 'PERMANENT';
  neighAdd(netns, { family: 'inet', ifindex, dst, lladdr, state }, { create: true, replace: true });
}

/** Who answers for a published address: the device of this hardware address unless one is named. */
function publisher(links: readonly LinkInfo[], lladdr: MacAddr, name: string): number {
  const found = links.find((l) => (name === '' ? l.addr === lladdr : l.name === name));
  if (found === undefined) throw new KernelError('ENODEV');
  return found.ifindex;
}
