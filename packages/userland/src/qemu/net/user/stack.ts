import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { get16, put16, put48 } from '@labwire/core/bytes';
import type { Simulator } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ETH_HLEN,
  ETH_P_IP,
  EthernetOff,
  IPPROTO_TCP,
  Ipv4Header,
  Ipv4Off,
  TcpOff,
  updateCheck16,
} from '@labwire/core/wire';
import { IFF_NO_PI, IFF_TAP, IFF_UP, TunFile } from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, linkGet, linkSet, neighAdd, routeAdd } from '@labwire/devices/rtnetlink';
import type { UserConfig } from './config.ts';
import type { GuestLink } from './link.ts';

const ROOT = { uid: 0, gid: 0 };
const CREATE = { create: true, excl: true } as const;
const RT_TABLE_LOCAL = 255;
const RT_SCOPE_LINK = 253;
/** What slirp's buffers have room for, as far as a window without scaling can say. */
export const FULL_WINDOW = 0xffff;
/** Windows from here on are as good as open: the stack rounds them down to whole segments. */
const OPEN_WINDOW = 0xf000;

/** It speaks for any address, and TCP as slirp does: no options but the segment size. */
const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ['net/ipv4/ip_nonlocal_bind', '1'],
  ['net/ipv4/tcp_sack', '0'],
  ['net/ipv4/tcp_timestamps', '0'],
  ['net/ipv4/tcp_window_scaling', '0'],
  ['net/ipv6/conf/all/disable_ipv6', '1'],
];

/**
 * The TCP side of a user-mode network that the guest talks to: a stack of its own, for which every address is its own but
 * for the guest's network. What it accepts or connects is carried on by the host's sockets.
 */
export class UserStack {
  readonly netns: Netns;
  readonly #tun: TunFile;
  readonly #link: GuestLink;
  readonly #ifindex: number;

  constructor(sim: Simulator, name: string, link: GuestLink) {
    this.#link = link;
    this.netns = new Kernel(sim, name).initNetns;
    this.#tun = new TunFile(this.netns);
    this.#tun.setIff('slirp', IFF_TAP | IFF_NO_PI, ROOT);
    this.#tun.backend = { transmit: (skb) => this.#transmit(skb), gone: () => {} };
    this.#ifindex = linkGet(this.netns, { name: 'slirp' }).ifindex;
    this.#setUp(link.config);
  }

  #setUp({ host, dns, net, mask }: UserConfig): void {
    const { netns } = this;
    const ifindex = this.#ifindex;
    const lo = netns.loopback.ifindex;
    linkSet(netns, ifindex, { addr: this.#link.mac });
    for (const [key, value] of SETTINGS) netns.sysctl.write(key, value);
    linkSet(netns, lo, { setFlags: IFF_UP });
    linkSet(netns, ifindex, { setFlags: IFF_UP });
    const prefixLen = 32 - Math.log2((~mask >>> 0) + 1);
    addrAdd(netns, { family: 'inet', ifindex, local: host, prefixLen }, CREATE);
    addrAdd(netns, { family: 'inet', ifindex, local: dns, prefixLen: 32 }, CREATE);
    // both in table local: what is not the guest's network is this stack's own
    const table = RT_TABLE_LOCAL;
    const guests = { dst: net, dstLen: prefixLen, table, nexthops: [{ ifindex }] };
    const others = { dst: 0 as Ipv4Addr, dstLen: 0, table, nexthops: [{ ifindex: lo }] };
    routeAdd(netns, { family: 'inet', scope: RT_SCOPE_LINK, ...guests }, CREATE);
    routeAdd(netns, { family: 'inet', type: 'local', ...others }, CREATE);
  }

  /** What the stack sends, as slirp would have written it: numbered with all else, free to be cut, its buffers always empty. */
  #transmit(skb: SkBuff): void {
    const at = skb.data + ETH_HLEN;
    if (get16(skb.buf, skb.data + EthernetOff.type) === ETH_P_IP) this.#restamp(skb.buf, at);
    this.#link.deliver(skb);
  }

  #restamp(buf: Uint8Array, at: number): void {
    const ip = new Ipv4Header(buf, at);
    put16(buf, at + Ipv4Off.id, this.#link.nextId());
    put16(buf, at + Ipv4Off.fragOff, 0);
    put16(buf, at + Ipv4Off.check, 0);
    put16(buf, at + Ipv4Off.check, checksum(buf, at, ip.hlen));
    if (ip.protocol !== IPPROTO_TCP) return;
    const tcp = at + ip.hlen;
    const window = get16(buf, tcp + TcpOff.window);
    if (window < OPEN_WINDOW || window === FULL_WINDOW) return;
    const check = get16(buf, tcp + TcpOff.check);
    put16(buf, tcp + TcpOff.window, FULL_WINDOW);
    put16(buf, tcp + TcpOff.check, updateCheck16(check, window, FULL_WINDOW));
  }

  /** Takes one more address of the guest's network for its own. */
  addAddress(local: Ipv4Addr): void {
    addrAdd(this.netns, { family: 'inet', ifindex: this.#ifindex, local, prefixLen: 32 }, CREATE);
  }

  /** Takes note of whose address it is. */
  learn(dst: Ipv4Addr, lladdr: MacAddr): void {
    const neigh = {
      family: 'inet',
      ifindex: this.#ifindex,
      dst,
      lladdr,
      state: 'PERMANENT',
    } as const;
    neighAdd(this.netns, neigh, { create: true, replace: true });
  }

  /** A frame from the guest. Takes ownership. */
  input(skb: SkBuff): void {
    put48(skb.buf, skb.data, this.#link.mac);
    this.#tun.send(skb);
  }

  close(): void {
    this.#tun.close();
  }
}
