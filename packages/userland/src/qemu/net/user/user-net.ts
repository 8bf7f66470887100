import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { get16, get48 } from '@labwire/core/bytes';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  ARPOP_REQUEST,
  checkArp,
  checkIpv4,
  ETH_HLEN,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  EthernetOff,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  Ipv4Header,
  ipv4ChecksumOk,
  readArp,
} from '@labwire/core/wire';
import { TcpSocket } from '@labwire/devices/tcp';
import { NetBackend } from '../../../hypervisor/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { HostForward, UserConfig } from './config.ts';
import { isForDhcp, UserDhcp } from './dhcp.ts';
import { UserFragments } from './fragments.ts';
import { arpReply, specialMac } from './frames.ts';
import type { GuestForward } from './guest-forward.ts';
import { UserIcmp } from './icmp.ts';
import { UserIpv6 } from './ipv6.ts';
import { GuestLink } from './link.ts';
import { Pump } from './pump.ts';
import { UserStack } from './stack.ts';
import { UserTcp } from './tcp.ts';
import { isForTftp, UserTftp } from './tftp.ts';
import { UserUdp } from './udp.ts';

/** A forwarded port, and how it is taken away. */
interface Forwarded {
  readonly rule: HostForward;
  readonly stop: () => void;
}

/**
 * QEMU's user-mode network: a gateway, a DHCP server and a name server for one guest, whose traffic leaves as sockets of
 * QEMU's own process. libslirp 4.7, src/slirp.c
 *
 * What the guest sends is looked at packet by packet. ARP, DHCP and pings to QEMU's own addresses are answered here;
 * datagrams go through a socket of the host's for each port of the guest's; a connection is made by the host first, then
 * accepted by a stack that takes every address for its own, and the two are relayed.
 */
export class UserNet extends NetBackend {
  readonly config: UserConfig;
  readonly #link: GuestLink;
  readonly #pump: Pump;
  readonly #fragments: UserFragments;
  readonly #stack: UserStack;
  readonly #icmp: UserIcmp;
  readonly #udp: UserUdp;
  readonly #tcp: UserTcp;
  readonly #dhcp: UserDhcp;
  readonly #tftp: UserTftp;
  readonly #ipv6: UserIpv6;
  readonly #forwards: Forwarded[] = [];

  /** @param name of its stack, which names its random streams */
  constructor(proc: Process, config: UserConfig, name: string) {
    super();
    const { sim } = proc.machine.kernel;
    this.config = config;
    this.#link = new GuestLink(config);
    this.#link.sink = { deliver: (skb) => this.#toGuest(skb) };
    this.#pump = new Pump(sim);
    this.#fragments = new UserFragments(sim);
    this.#stack = new UserStack(sim, name, this.#link);
    this.#icmp = new UserIcmp(this.#link, proc, this.#pump);
    this.#udp = new UserUdp(this.#link, proc, this.#icmp, this.#pump);
    this.#tcp = new UserTcp(this.#link, proc, this.#icmp, this.#pump, this.#stack);
    this.#dhcp = new UserDhcp(this.#link);
    this.#tftp = new UserTftp(this.#link, proc);
    this.#ipv6 = new UserIpv6(this.#link);
  }

  #toGuest(skb: SkBuff): void {
    if (this.guest === null) freeSkb(skb);
    else this.guest.deliver(skb);
  }

  /** slirp_input() */
  override receive(skb: SkBuff): void {
    const type = skb.len < ETH_HLEN ? 0 : get16(skb.buf, skb.data + EthernetOff.type);
    if (type === ETH_P_ARP && this.config.ipv4) this.#arp(skb);
    else if (type === ETH_P_IP && this.config.ipv4) this.#ip(skb);
    else if (type === ETH_P_IPV6 && this.config.ipv6) this.#ipv6.input(skb);
    else freeSkb(skb);
  }

  #learn(addr: Ipv4Addr, mac: MacAddr): void {
    if (addr === 0) return;
    this.#link.learn(addr, mac);
    this.#stack.learn(addr, mac);
  }

  /** Answers for its own addresses. arp_input() */
  #arp(skb: SkBuff): void {
    const at = skb.data + ETH_HLEN;
    if (checkArp(skb.buf, at, skb.tail) === undefined) {
      const { op, sha, spa, tpa } = readArp(skb.buf, at);
      this.#learn(spa, sha);
      if (op === ARPOP_REQUEST && this.#isOwn(tpa))
        this.#link.deliver(arpReply(specialMac(tpa), tpa, sha, spa));
    }
    freeSkb(skb);
  }

  #isOwn(addr: Ipv4Addr): boolean {
    const { host, dns } = this.config;
    return addr === host || addr === dns || this.#tcp.isForwarded(addr);
  }

  /** ip_input() */
  #ip(skb: SkBuff): void {
    const at = skb.data + ETH_HLEN;
    const bad = checkIpv4(skb.buf, at, skb.tail) !== undefined || !ipv4ChecksumOk(skb.buf, at);
    if (bad) {
      freeSkb(skb);
      return;
    }
    const ip = new Ipv4Header(skb.buf, at);
    const { protocol, saddr } = ip;
    if ((saddr & this.config.mask) === this.config.net)
      this.#learn(saddr, get48(skb.buf, skb.data + EthernetOff.src) as MacAddr);
    const whole = ip.isFragment ? this.#fragments.add(skb, at) : skb;
    if (whole !== undefined) this.#demux(whole, whole.data + ETH_HLEN, protocol);
  }

  #demux(skb: SkBuff, at: number, protocol: number): void {
    if (protocol === IPPROTO_TCP) this.#tcp.input(skb, at);
    else if (protocol === IPPROTO_ICMP) this.#icmp.input(skb, at);
    else if (protocol !== IPPROTO_UDP) freeSkb(skb);
    else if (isForDhcp(skb, at, this.config.host)) this.#dhcp.input(skb, at);
    else if (isForTftp(skb, at, this.config.host)) this.#tftp.input(skb, at);
    else this.#udp.input(skb, at);
  }

  /** Opens a port of the host's that leads to the guest. slirp_add_hostfwd() @throws KernelError */
  addHostForward(given: HostForward): void {
    const guestAddr = given.guestAddr === 0 ? this.config.dhcpStart : given.guestAddr;
    const rule = { ...given, guestAddr };
    if (rule.protocol === 'tcp') {
      const socket: TcpSocket = this.#tcp.forward(rule);
      this.#forwards.unshift({ rule, stop: () => this.#tcp.unforward(socket) });
    } else {
      const socket = this.#udp.forward(rule);
      this.#forwards.unshift({ rule, stop: () => this.#udp.unforward(socket) });
    }
  }

  /** Takes it away. @returns whether there was one. slirp_remove_hostfwd() */
  removeHostForward(which: Pick<HostForward, 'protocol' | 'hostAddr' | 'hostPort'>): boolean {
    const at = this.#forwards.findIndex(
      ({ rule }) =>
        rule.protocol === which.protocol &&
        rule.hostAddr === which.hostAddr &&
        rule.hostPort === which.hostPort,
    );
    this.#forwards[at]?.stop();
    if (at >= 0) this.#forwards.splice(at, 1);
    return at >= 0;
  }

  /** Has an address of the guest's network lead elsewhere. */
  addGuestForward(rule: GuestForward): void {
    this.#tcp.guestForward(rule);
  }

  /** Forwarded ports, the last first. */
  get forwards(): readonly HostForward[] {
    return this.#forwards.map((f) => f.rule);
  }

  /** Connections of the guest's and to it: the host's socket and the guest's end of each. */
  get connections(): readonly { readonly host: TcpSocket; readonly guest: TcpSocket }[] {
    return [...this.#tcp.relays].flatMap(({ host, guest }) =>
      host instanceof TcpSocket ? [{ host, guest }] : [],
    );
  }

  override close(): void {
    this.#tcp.close();
    this.#udp.close();
    this.#icmp.close();
    this.#pump.close();
    this.#stack.close();
  }
}
