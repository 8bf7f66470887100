import type { Ipv4Addr } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import { type AddrInfo, addrDump, type LinkInfo, linkDump } from '@labwire/devices/rtnetlink';

/** A device, or an alias of one: an address with a label of its own. */
export interface Interface {
  readonly name: string;
  readonly link: LinkInfo;
  /** The first address with this label. */
  readonly addr: AddrInfo | undefined;
  readonly isAlias: boolean;
}

/** Bytes of a name that count. IFNAMSIZ less the NUL */
export const NAME_LENGTH = 15;

/** The device that a name is of, with or without an alias. */
export function linkByName(netns: Netns, name: string): LinkInfo | undefined {
  const device = name.split(':', 1)[0];
  return linkDump(netns).find((l) => l.name === device);
}

/** The address of a label. Linux net/ipv4/devinet.c, devinet_ioctl() */
export function addrByLabel(netns: Netns, label: string): AddrInfo | undefined {
  return addrDump(netns, 'inet').find((a) => a.label === label);
}

/** What a name stands for. @returns undefined without such a device */
export function interfaceByName(netns: Netns, name: string): Interface | undefined {
  const link = linkByName(netns, name);
  if (link === undefined) return undefined;
  return { name, link, addr: addrByLabel(netns, name), isAlias: name.includes(':') };
}

/** All devices and aliases, by name. net-tools lib/interface.c, if_readlist() */
export function allInterfaces(netns: Netns): Interface[] {
  const names = new Set(linkDump(netns).map((l) => l.name));
  for (const { label } of addrDump(netns, 'inet')) if (label !== undefined) names.add(label);
  return [...names]
    .sort(compareNames)
    .map((name) => interfaceByName(netns, name))
    .filter((i) => i !== undefined);
}

/** A name in the parts that order it: letters, number, alias. */
function parts(name: string): readonly [string, number, string] {
  const [device = '', alias = ''] = name.split(':', 2);
  const digits = /\d*$/.exec(device)?.[0] ?? '';
  return [device.slice(0, device.length - digits.length), Number(digits), alias];
}

/** eth2 before eth10, and its alias behind eth2. net-tools lib/nstrcmp.c */
function compareNames(a: string, b: string): number {
  const [nameA, numberA, aliasA] = parts(a);
  const [nameB, numberB, aliasB] = parts(b);
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  if (numberA !== numberB) return numberA - numberB;
  return aliasA === aliasB ? 0 : aliasA < aliasB ? -1 : 1;
}

/** The broadcast address of an interface; 0.0.0.0 without one. */
export function broadcastOf({ addr }: Interface): Ipv4Addr {
  return addr?.broadcast ?? (0 as Ipv4Addr);
}
