import { type Ipv4Addr, ipv4Mask, isLinkLocal6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type NetDevice, TunFile } from '@labwire/devices/link';
import {
  addrAdd,
  addrDel,
  addrDump,
  type InetAddr,
  routeAdd,
  routeDel,
  routeDump,
} from '@labwire/devices/rtnetlink';
import { familyOf, parseInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** An address with the length of its prefix. */
export interface CidrAddress {
  readonly address: InetAddr;
  readonly prefixLen: number;
}

/** A route by its destination; `via` is undefined on the link. */
export interface StaticRoute {
  readonly dst: InetAddr;
  readonly dstLen: number;
  readonly via: InetAddr | undefined;
  readonly metric: number;
  /** RTPROT_* */
  readonly protocol: number;
  readonly prefsrc?: InetAddr | undefined;
  readonly scope?: number | undefined;
  readonly onlink?: boolean | undefined;
  readonly table?: number | undefined;
}

/** RT_TABLE_MAIN */
const MAIN_TABLE = 254;
/** RTNH_F_ONLINK */
const ONLINK = 4;

/** Reads `ADDRESS[/LENGTH]`; without a length it is the address alone. @returns undefined if it is none */
export function parseCidr(text: string): CidrAddress | undefined {
  const [head = '', tail, more] = text.trim().split('/');
  const address = parseInet(head);
  if (address === undefined || more !== undefined) return undefined;
  const max = typeof address === 'number' ? 32 : 128;
  if (tail === undefined) return { address, prefixLen: max };
  const prefixLen = /^\d{1,3}$/.test(tail) ? Number(tail) : Number.NaN;
  return prefixLen <= max ? { address, prefixLen } : undefined;
}

/** The device of a name. */
export function linkByName(proc: Process, name: string): NetDevice | undefined {
  return proc.netns.devices.byName(name);
}

/** Gives a device an address; one that it has already stays. @param flags IFA_F_* @param metric of the route to its prefix @throws KernelError */
export function addAddress(
  proc: Process,
  dev: NetDevice,
  { address, prefixLen }: CidrAddress,
  flags: number,
  lifetime?: number,
  metric?: number,
): void {
  const brd =
    typeof address === 'number' && prefixLen < 31
      ? { broadcast: (address | ~ipv4Mask(prefixLen)) as Ipv4Addr }
      : {};
  const life = lifetime === undefined ? {} : { validLft: lifetime, preferredLft: lifetime };
  const scope = typeof address !== 'number' && isLinkLocal6(address) ? { scope: 253 } : {};
  addrAdd(
    proc.netns,
    {
      family: familyOf(address),
      ifindex: dev.ifindex,
      local: address,
      prefixLen,
      flags,
      ...brd,
      ...life,
      ...scope,
      ...(metric === undefined ? {} : { metric }),
    },
    { create: true, replace: true },
  );
}

/** Adds a route by a device; one that is there already stays. @throws KernelError */
export function addRoute(proc: Process, dev: NetDevice, route: StaticRoute): void {
  const { dst, dstLen, via, metric, protocol, prefsrc, scope, onlink, table } = route;
  const flags = onlink === true ? { flags: ONLINK } : {};
  try {
    routeAdd(
      proc.netns,
      {
        family: familyOf(dst),
        dst,
        dstLen,
        protocol,
        priority: metric,
        nexthops: [{ ifindex: dev.ifindex, via, ...flags }],
        ...(prefsrc === undefined ? {} : { prefsrc }),
        ...(scope === undefined ? {} : { scope }),
        ...(table === undefined ? {} : { table }),
      },
      { create: true, excl: true },
    );
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EEXIST') throw e;
  }
}

/** Takes a device's addresses and routes away, as far as they are of `families`. */
export function flushDevice(
  proc: Process,
  dev: NetDevice,
  families: readonly ('inet' | 'inet6')[] = ['inet', 'inet6'],
): void {
  for (const family of families) {
    for (const { dst, dstLen, table, priority, type, nexthops } of routeDump(proc.netns, family)) {
      if (table !== MAIN_TABLE || type !== 'unicast') continue;
      if (!nexthops.some((n) => n.ifindex === dev.ifindex)) continue;
      attempt(() => routeDel(proc.netns, { family, dst, dstLen, table, priority, nexthops }));
    }
    for (const { ifindex, local, address, prefixLen } of addrDump(proc.netns, family))
      if (ifindex === dev.ifindex)
        attempt(() => addrDel(proc.netns, { family, ifindex, local, address, prefixLen }));
  }
}

/** What may have gone with something else already. */
function attempt(change: () => void): void {
  try {
    change();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  }
}

/** Makes a tun or tap device that stays. @param flags IFF_TUN or IFF_TAP and what goes with it @throws KernelError */
export function makeTun(
  proc: Process,
  name: string,
  flags: number,
  owner: { readonly user: number | undefined; readonly group: number | undefined },
): void {
  const tun = new TunFile(proc.netns);
  try {
    tun.setIff(name, flags, proc);
    if (owner.user !== undefined) tun.setOwner(owner.user);
    if (owner.group !== undefined) tun.setGroup(owner.group);
    tun.setPersist(true);
  } finally {
    tun.close();
  }
}

/** Sets a value below /proc/sys, where the kernel has it. */
export function writeSysctl(proc: Process, key: string, value: string): void {
  const path = `/proc/sys/${key}`;
  if (proc.fs.exists(path)) proc.fs.writeFile(path, value);
}
