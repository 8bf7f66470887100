import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { type Errno, KernelError, strerror } from '@labwire/core/error';
import {
  addrAdd,
  findLink,
  type InetAddr,
  linkAdd,
  linkDel,
  linkDump,
  linkSet,
  routeAdd,
} from '@labwire/devices/rtnetlink';
import { familyOf } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import {
  isIpv4,
  type NetworkDef,
  type NetworkIp,
  type NetworkRoute,
  prefixOfIp,
  prefixOfRoute,
} from '../conf/index.ts';

const IFF_UP = 1;
/** Names have at most this many characters. IFNAMSIZ less the NUL */
const MAX_NAME = 15;
/** Routes that are nobody's in particular. RTPROT_BOOT */
const RTPROT_BOOT = 3;

/** The bridge of one network: its device, addresses and routes. */
export class NetworkBridge {
  readonly #proc: Process;
  readonly #name: string;

  constructor(proc: Process, name: string) {
    this.#proc = proc;
    this.#name = name;
  }

  /** Does what the kernel may refuse. @throws LibvirtError */
  #attempt(what: string, change: () => void): void {
    try {
      change();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new LibvirtError('system-error', `${what}: ${strerror(e.errno)}`);
    }
  }

  /** Makes the device with its MAC, MTU, delay and STP. virNetDevBridgeCreate() and what follows it @throws LibvirtError */
  create(def: NetworkDef): void {
    const { netns } = this.#proc;
    const name = this.#name;
    const failed = (errno: Errno) =>
      new LibvirtError(
        'system-error',
        `error creating bridge interface ${name}: ${strerror(errno)}`,
      );
    if (name.length > MAX_NAME) throw failed('ERANGE');
    if (def.mac === 0) throw failed('EADDRNOTAVAIL');
    const addr = def.mac === undefined ? {} : { addr: def.mac };
    this.#attempt(`error creating bridge interface ${name}`, () =>
      linkAdd(netns, { kind: 'bridge', name, ...addr }),
    );
    if (def.mtu > 0)
      this.#attempt(`Cannot set interface MTU on '${name}'`, () => this.#set({ mtu: def.mtu }));
    this.#setDelay(def.delay);
    this.#attempt(`Unable to set bridge ${name} stp_state`, () =>
      this.#set({ infoData: { stp_state: def.stp ? 1 : 0 } }),
    );
  }

  /** @param seconds of the forward delay; the kernel corrects it when STP is turned on */
  #setDelay(seconds: number): void {
    this.#attempt(`Unable to set bridge ${this.#name} forward_delay`, () =>
      this.#set({ infoData: { forward_delay: seconds * 100 } }),
    );
  }

  #set(request: Parameters<typeof linkSet>[2]): void {
    linkSet(this.#proc.netns, findLink(this.#proc.netns, { name: this.#name }).ifindex, request);
  }

  /** No IPv6 where no address is IPv6; never what routers advertise. networkSetIPv6Sysctls() @throws LibvirtError */
  setIpv6(def: NetworkDef): void {
    const has = def.ips.some((ip) => !isIpv4(ip.address));
    const base = `/proc/sys/net/ipv6/conf/${this.#name}`;
    for (const [key, value] of [
      ['disable_ipv6', has ? '0' : '1'],
      ['accept_ra', '0'],
      ['autoconf', '0'],
    ]) {
      const path = `${base}/${key}`;
      if (key === 'disable_ipv6' && !this.#proc.fs.exists(path)) return;
      this.#attempt(`cannot write to '${path}' on bridge '${this.#name}'`, () =>
        this.#proc.fs.writeFile(path, `${value}`),
      );
    }
  }

  /** Gives the bridge an address. networkAddAddrToBridge() @throws LibvirtError */
  addAddress(ip: NetworkIp): void {
    const prefixLen = prefixOfIp(ip);
    if (prefixLen < 0)
      throw new LibvirtError(
        'internal',
        `bridge '${this.#name}' has an invalid netmask or IP address`,
      );
    const { ifindex } = findLink(this.#proc.netns, { name: this.#name });
    const family = familyOf(ip.address);
    const broadcast = broadcastOf(ip.address, prefixLen);
    this.#attempt(`Failed to add IP address to ${this.#name}`, () =>
      addrAdd(
        this.#proc.netns,
        { family, ifindex, local: ip.address, prefixLen, ...broadcast },
        { create: true, excl: true },
      ),
    );
  }

  /** Has the kernel, not the bridge, tell which MAC is where, or libvirt. networkStartHandleMACTableManagerMode() @throws LibvirtError */
  setMacTableManager(manager: string | undefined): void {
    if (manager !== 'libvirt') return;
    this.#attempt(`Unable to set bridge ${this.#name} vlan_filtering`, () =>
      this.#set({ infoData: { vlan_filtering: 1 } }),
    );
  }

  /** Turns it on or off. virNetDevSetOnline() @throws LibvirtError */
  setOnline(on: boolean): void {
    this.#attempt(`Cannot set interface flags on '${this.#name}'`, () =>
      this.#set(on ? { setFlags: IFF_UP } : { clearFlags: IFF_UP }),
    );
  }

  /** Adds a route through the bridge; one that is refused is done without. networkAddRouteToBridge() */
  addRoute(route: NetworkRoute): void {
    const { ifindex } = findLink(this.#proc.netns, { name: this.#name });
    const dstLen = prefixOfRoute(route);
    if (dstLen < 0) return;
    try {
      routeAdd(
        this.#proc.netns,
        {
          family: familyOf(route.address),
          dst: route.address,
          dstLen,
          protocol: RTPROT_BOOT,
          nexthops: [{ ifindex, via: route.gateway }],
          ...(route.metric === undefined ? {} : { priority: route.metric }),
        },
        { create: true, excl: true },
      );
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  /** Whether there is such a device. virNetDevExists() */
  get exists(): boolean {
    return linkDump(this.#proc.netns).some((l) => l.name === this.#name);
  }

  /** Takes the device away, if it is there. */
  remove(): void {
    if (!this.exists) return;
    try {
      this.#set({ clearFlags: IFF_UP });
      linkDel(this.#proc.netns, findLink(this.#proc.netns, { name: this.#name }).ifindex);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }
}

/** An IPv4 network's broadcast address. virSocketAddrBroadcastByPrefix() */
function broadcastOf(address: InetAddr, prefix: number): { broadcast?: Ipv4Addr } {
  if (!isIpv4(address)) return {};
  return { broadcast: (address | ~ipv4Mask(prefix)) as Ipv4Addr };
}
