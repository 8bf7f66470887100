import { IPV4_ANY, IPV6_ANY, isLinkLocal6 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import {
  type AddrInfo,
  addrDump,
  type InetAddr,
  type LinkInfo,
  linkDump,
} from '@labwire/devices/rtnetlink';
import type { Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  familyOf,
  formatInet,
  openTcp,
  openUdp,
  type StreamSocket,
  sameInet,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Config } from '../config/index.ts';
import { EC_BADNET, Fatal } from '../fatal.ts';
import type { Log } from '../log.ts';
import { isServed, nameFits } from './access.ts';
import type { LocalAddress, ServedAddress } from './interface.ts';
import type { NetworkWatch } from './network-watch.ts';

const IFF_LOOPBACK = 0x8;
const IFA_TENTATIVE = 0x40;
const TFTP_PORT = 69;
const TCP_BACKLOG = 32;

/** Where dnsmasq listens: one address, or all of a family. dnsmasq src/dnsmasq.h, struct listener */
export interface Listener {
  readonly addr: InetAddr;
  readonly udp: Socket | undefined;
  readonly tcp: StreamSocket | undefined;
  readonly tftp: Socket | undefined;
  /** The address of a device that it is for; undefined for all, or for an address that no device has. */
  readonly served: ServedAddress | undefined;
}

/** The devices and addresses that dnsmasq serves, and the sockets it listens on. dnsmasq src/network.c */
export class Network {
  readonly #config: Config;
  readonly #log: Log;
  #proc: Process;
  /** The newest first. */
  served: ServedAddress[] = [];
  /** All addresses of the machine, served or not. */
  local: LocalAddress[] = [];
  /** Addresses by the device or label that has them. */
  readonly byLabel: Map<string, AddrInfo[]> = new Map();
  listeners: Listener[] = [];
  /** Tells of changes, once {@link NetworkWatch} is open. */
  watch: NetworkWatch | undefined;
  #fresh = false;

  constructor(proc: Process, config: Config, log: Log) {
    this.#proc = proc;
    this.#config = config;
    this.#log = log;
  }

  /** Goes on for another process, which has the same descriptors. */
  handOver(proc: Process): void {
    this.#proc = proc;
  }

  /** Whether sockets are bound to single addresses. */
  get bound(): boolean {
    return this.#config.has('bind-interfaces') || this.#config.has('bind-dynamic');
  }

  /** What is known of the machine's addresses may be outdated from now on. */
  outdate(): void {
    this.#fresh = false;
  }

  /** Looks at the machine's addresses, if that was not done since they may have changed. enumerate_interfaces() */
  enumerate(): void {
    if (this.#fresh) return;
    this.#fresh = true;
    const { netns } = this.#proc;
    const links = new Map(linkDump(netns).map((l) => [l.ifindex, l]));
    for (const each of this.served) each.found = false;
    this.local = [];
    this.byLabel.clear();
    for (const family of ['inet6', 'inet'] as const)
      for (const addr of addrDump(netns, family)) {
        const link = links.get(addr.ifindex);
        if (link !== undefined) this.#see(link, addr);
      }
    if (this.#config.has('bind-dynamic')) this.#dropGone();
  }

  #see(link: LinkInfo, info: AddrInfo): void {
    const { local: addr, prefixLen: prefixLength } = info;
    const label = info.label ?? link.name;
    this.local.unshift({ addr, prefixLength });
    const known = this.byLabel.get(label);
    if (known === undefined) this.byLabel.set(label, [info]);
    else known.push(info);
    const tentative = (info.flags & IFA_TENTATIVE) !== 0;
    const old = this.served.find((s) => s.ifindex === link.ifindex && sameInet(s.addr, addr));
    if (old !== undefined) {
      old.tentative = tentative;
      old.found = true;
      return;
    }
    const loopback = (link.flags & IFF_LOOPBACK) !== 0;
    if (loopback) this.#allowLoopback(link.name);
    if (!isServed(this.#config, label, addr)) return;
    this.served.unshift({
      device: link.name,
      ifindex: link.ifindex,
      addr,
      prefixLength,
      mtu: link.mtu,
      isLabel: label !== link.name,
      ...this.#rights(link.name, loopback),
      tentative,
      found: true,
      listening: false,
    });
  }

  #rights(device: string, loopback: boolean): Pick<ServedAddress, 'dhcp4' | 'dhcp6' | 'tftp'> {
    const barred = this.#config.dhcpExcept.filter((e) => nameFits(e.name, device));
    return {
      dhcp4: !loopback && !barred.some((e) => e.family !== 'inet6'),
      dhcp6: !loopback && !barred.some((e) => e.family !== 'inet'),
      tftp: barred.length === 0,
    };
  }

  /** Where only named devices are served, the loopback is served too. */
  #allowLoopback(name: string): void {
    const { interfaces, restricted } = this.#config;
    if (interfaces.length === 0 && !restricted) return;
    if (!interfaces.some((o) => o.name === name)) interfaces.unshift({ name, used: true });
  }

  /** Opens the sockets of the start. @throws Fatal */
  listen(): void {
    if (this.bound) {
      this.listenBound(true);
      return;
    }
    for (const addr of [IPV4_ANY, IPV6_ANY]) {
      const listener = this.#open(addr, 0, undefined, true, true);
      if (listener !== undefined) this.listeners.push(listener);
    }
  }

  /** Addresses or devices have changed. newaddress() */
  changed(): void {
    this.outdate();
    if (!this.#config.has('bind-dynamic')) return;
    this.enumerate();
    this.listenBound(false);
  }

  /** Opens sockets for addresses that have none yet. create_bound_listeners() @throws Fatal at the start */
  listenBound(atStart: boolean): void {
    for (const served of this.served) {
      if (served.listening || served.tentative || !served.found) continue;
      if (this.listeners.some((l) => sameInet(l.addr, served.addr))) {
        served.listening = true;
        continue;
      }
      const { addr, ifindex, tftp } = served;
      const scopeId = typeof addr === 'object' && isLinkLocal6(addr) ? ifindex : 0;
      const listener = this.#open(addr, scopeId, served, tftp, atStart);
      if (listener === undefined) continue;
      this.listeners.unshift(listener);
      served.listening = true;
      if (!atStart) this.#noteListening(served);
    }
    for (const option of this.#config.listenAddresses) {
      if (option.used || this.listeners.some((l) => sameInet(l.addr, option.addr))) continue;
      const listener = this.#open(option.addr, 0, undefined, true, atStart);
      if (listener !== undefined) this.listeners.unshift(listener);
    }
  }

  #noteListening({ device, ifindex, addr }: ServedAddress): void {
    const text = `${device}(#${ifindex}): ${formatInet(addr)} port ${this.#config.port}`;
    this.#log.write(7, `listening on ${text}`, 'debug');
  }

  /** Takes away sockets whose address is gone. */
  #dropGone(): void {
    for (const listener of this.listeners) {
      const { served } = listener;
      if (served === undefined || served.found) continue;
      served.listening = false;
      for (const sock of [listener.udp, listener.tcp, listener.tftp])
        if (sock !== undefined) closeSocket(this.#proc, sock);
    }
    this.listeners = this.listeners.filter((l) => l.served?.found !== false);
    this.served = this.served.filter((s) => s.found || s.listening);
  }

  #open(
    addr: InetAddr,
    scopeId: number,
    served: ServedAddress | undefined,
    tftpHere: boolean,
    atStart: boolean,
  ): Listener | undefined {
    const { port } = this.#config;
    const doTftp = tftpHere && this.#config.dhcp.tftp;
    const at = { addr, scopeId, atStart };
    const udp = port === 0 ? undefined : this.#socket({ ...at, port }, openUdp);
    const tcp = port === 0 ? undefined : this.#socket({ ...at, port }, openTcp);
    const tftp = doTftp ? this.#socket({ ...at, port: TFTP_PORT }, openUdp) : undefined;
    tcp?.listen(TCP_BACKLOG);
    if (udp === undefined && tcp === undefined && tftp === undefined) return undefined;
    return { addr, udp, tcp, tftp, served };
  }

  /** make_sock() */
  #socket<S extends Socket>(
    at: { addr: InetAddr; scopeId: number; port: number; atStart: boolean },
    open: (proc: Process, family: ReturnType<typeof familyOf>) => S,
  ): S | undefined {
    const { addr, scopeId, port, atStart } = at;
    let sock: S | undefined;
    try {
      sock = open(this.#proc, familyOf(addr));
      sock.reuseAddr = true;
      sock.v6only = familyOf(addr) === 'inet6';
      // with --bind-dynamic CAP_NET_BIND_SERVICE is kept
      const { uid } = sock;
      if (this.#config.has('bind-dynamic')) sock.uid = 0;
      sock.bind({ addr, port, ...(scopeId === 0 ? {} : { scopeId }) });
      sock.uid = uid;
      return sock;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (sock === undefined) return undefined;
      closeSocket(this.#proc, sock);
      this.#failed(addr, port, e, atStart);
      return undefined;
    }
  }

  #failed(addr: InetAddr, port: number, e: KernelError, atStart: boolean): void {
    if (this.#config.has('bind-dynamic') && e.errno === 'EADDRNOTAVAIL') return;
    const where = this.bound ? formatInet(addr) : `port ${port}`;
    const text = `failed to create listening socket for ${where}: ${strerror(e.errno)}`;
    if (atStart) throw new Fatal(text, EC_BADNET);
    this.#log.warning(text);
  }
}
