import type { Ipv4Addr } from '@labwire/core/addr';
import { get8, put16 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import { type EventHandler, type Nanos, POLLERR, POLLHUP, POLLOUT, SEC } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  checkTcp,
  IPPROTO_TCP,
  Ipv4Header,
  pseudoSum4,
  TCP_MIN_HLEN,
  TCPHDR_ACK,
  TCPHDR_RST,
  TCPHDR_SYN,
  TcpHeader,
  TcpOff,
  writeTcp,
} from '@labwire/core/wire';
import type { StreamEnd } from '@labwire/devices/sock';
import type { TcpSocket } from '@labwire/devices/tcp';
import { closeSocket, openTcp } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { HostForward } from './config.ts';
import { CharForward, type GuestForward, runCommand } from './guest-forward.ts';
import { quoteOf, type UserIcmp, unreachCode } from './icmp.ts';
import { type GuestLink, IPDEFTTL } from './link.ts';
import type { Pump } from './pump.ts';
import { Relay } from './relay.ts';
import { FULL_WINDOW, type UserStack } from './stack.ts';
import { translateIn, translateOut } from './translate.ts';

/** Connections that may wait at a forwarded port. */
const BACKLOG = 1;
/** How long the host may take to connect. TCPTV_KEEP_INIT */
const KEEP_INIT: Nanos = 75 * SEC;

/** A SYN of the guest's that waits until the host has connected. */
interface Pending {
  readonly syn: SkBuff;
  readonly at: number;
  readonly host: TcpSocket;
  /** The event that ends the waiting. */
  readonly timer: number;
}

/** TCP of a user-mode network: each connection of the guest's is one of the host's. slirp src/tcp_input.c, tcp_subr.c */
export class UserTcp implements EventHandler {
  readonly #link: GuestLink;
  readonly #proc: Process;
  readonly #icmp: UserIcmp;
  readonly #pump: Pump;
  readonly #stack: UserStack;
  readonly #pending = new Map<string, Pending>();
  /** The host's ends of connections that the guest's stack will have accepted in a moment. */
  readonly #connected = new Map<string, TcpSocket>();
  readonly #listeners = new Map<string, TcpSocket>();
  readonly #forwards = new Map<TcpSocket, HostForward>();
  readonly #guestForwards: GuestForward[] = [];
  readonly #charForwards = new Map<GuestForward, CharForward>();
  readonly #relays = new Set<Relay>();

  constructor(link: GuestLink, proc: Process, icmp: UserIcmp, pump: Pump, stack: UserStack) {
    this.#link = link;
    this.#proc = proc;
    this.#icmp = icmp;
    this.#pump = pump;
    this.#stack = stack;
  }

  /** A packet from the guest, its IPv4 header at `at`. Takes ownership. tcp_input() */
  input(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const off = at + ip.hlen;
    if (checkTcp(skb.buf, off, at + ip.totLen) !== undefined) freeSkb(skb);
    else if (
      (get8(skb.buf, off + TcpOff.flags) & (TCPHDR_SYN | TCPHDR_ACK | TCPHDR_RST)) ===
      TCPHDR_SYN
    )
      this.#open(skb, at);
    else this.#stack.input(skb);
  }

  /** The guest wants a connection: the host has to have it first. */
  #open(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const tcp = new TcpHeader(skb.buf, at + ip.hlen);
    const key = `${ip.saddr}:${tcp.sport} ${ip.daddr}:${tcp.dport}`;
    if (this.#pending.has(key)) {
      freeSkb(skb);
      return;
    }
    if (this.#connected.has(key)) {
      this.#stack.input(skb);
      return;
    }
    if (this.#forwardOf(ip.daddr, tcp.dport) !== undefined) {
      this.#listen(ip.daddr, tcp.dport);
      this.#stack.input(skb);
      return;
    }
    const target = this.#targetOf(ip.daddr, tcp.dport);
    if (target === undefined) this.#refuse(skb, at, 'ECONNREFUSED');
    else this.#connect(skb, at, key, target);
  }

  #forwardOf(addr: Ipv4Addr, port: number): GuestForward | undefined {
    return this.#guestForwards.find((f) => f.addr === addr && f.port === port);
  }

  #targetOf(addr: Ipv4Addr, port: number): { addr: Ipv4Addr; port: number } | undefined {
    if (this.#link.config.restricted) return undefined;
    const to = translateOut(this.#link.config, this.#proc, addr);
    return to === undefined ? undefined : { addr: to, port };
  }

  #connect(skb: SkBuff, at: number, key: string, to: { addr: Ipv4Addr; port: number }): void {
    const host = openTcp(this.#proc, 'inet');
    try {
      host.connect(to);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (e.errno !== 'EINPROGRESS') {
        closeSocket(this.#proc, host);
        this.#refuse(skb, at, e.errno);
        return;
      }
    }
    const { sim } = this.#proc.machine.kernel;
    const timer = sim.scheduleCancellable(KEEP_INIT, this, 0, key);
    this.#pending.set(key, { syn: skb, at, host, timer });
    this.#pump.watch(host, () => this.#progress(key));
  }

  /** The host's connection may have come about, or not. */
  #progress(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    const { host, syn, at } = pending;
    const ready = host.poll();
    if ((ready & (POLLOUT | POLLERR | POLLHUP)) === 0) return;
    this.#forget(key, pending);
    const errno = host.takeError();
    if (errno === undefined) {
      this.#connected.set(key, host);
      const ip = new Ipv4Header(syn.buf, at);
      this.#listen(ip.daddr, new TcpHeader(syn.buf, at + ip.hlen).dport);
      this.#stack.input(syn);
      return;
    }
    closeSocket(this.#proc, host);
    this.#reset(syn, at);
  }

  #forget(key: string, { host, timer }: Pending): void {
    this.#pending.delete(key);
    this.#pump.unwatch(host);
    this.#proc.machine.kernel.sim.cancel(timer);
  }

  /** The host has tried long enough. tcp_timers(), TCPT_KEEP */
  onEvent(_kind: number, key: unknown): void {
    const pending = this.#pending.get(key as string);
    if (pending === undefined) return;
    this.#forget(key as string, pending);
    closeSocket(this.#proc, pending.host);
    this.#reset(pending.syn, pending.at);
  }

  /** The host's kernel refuses at once. */
  #refuse(skb: SkBuff, at: number, errno: Errno): void {
    if (errno === 'ECONNREFUSED') {
      this.#reset(skb, at);
      return;
    }
    this.#icmp.sendError(quoteOf(skb, at), unreachCode(errno));
    freeSkb(skb);
  }

  /** Answers a SYN with a reset. Takes ownership. tcp_respond() */
  #reset(syn: SkBuff, at: number): void {
    const ip = new Ipv4Header(syn.buf, at);
    const tcp = new TcpHeader(syn.buf, at + ip.hlen);
    const { saddr, daddr } = ip;
    const header = {
      saddr: daddr,
      daddr: saddr,
      protocol: IPPROTO_TCP,
      ttl: IPDEFTTL,
      tos: 0,
      fragOff: 0,
    };
    const { skb, at: off } = this.#link.packet(header, TCP_MIN_HLEN);
    writeTcp(skb.buf, off, {
      sport: tcp.dport,
      dport: tcp.sport,
      seq: 0,
      hlen: TCP_MIN_HLEN,
      ack: (tcp.seq + 1) >>> 0,
      flags: TCPHDR_RST | TCPHDR_ACK,
      window: FULL_WINDOW,
      check: 0,
      urgPtr: 0,
    });
    const sum = checksum(
      skb.buf,
      off,
      TCP_MIN_HLEN,
      pseudoSum4(daddr, saddr, IPPROTO_TCP, TCP_MIN_HLEN),
    );
    put16(skb.buf, off + TcpOff.check, sum);
    this.#link.deliver(skb);
    freeSkb(syn);
  }

  /** Lets the guest's stack take connections to an address and port. */
  #listen(addr: Ipv4Addr, port: number): void {
    const key = `${addr}:${port}`;
    if (this.#listeners.has(key)) return;
    const listener = this.#stack.netns.tcp.open('inet');
    listener.reuseAddr = true;
    listener.bind({ addr, port });
    listener.listen(4096);
    this.#listeners.set(key, listener);
    this.#pump.watch(listener, () => this.#accept(listener));
  }

  #accept(listener: TcpSocket): void {
    for (let guest = listener.accept(); guest !== undefined; guest = listener.accept()) {
      const remote = guest.remoteAddr();
      const local = guest.localAddr();
      const key = `${remote?.addr}:${remote?.port} ${local.addr}:${local.port}`;
      const forward = this.#forwardOf(local.addr as Ipv4Addr, local.port);
      if (forward !== undefined) {
        this.#lead(guest, forward);
        continue;
      }
      const host = this.#connected.get(key);
      this.#connected.delete(key);
      if (host === undefined) guest.close();
      else this.#relay(guest, host);
    }
  }

  #relay(guest: TcpSocket, host: TcpSocket): void {
    const relay = new Relay(this.#pump, guest, host, () => {
      this.#relays.delete(relay);
      closeSocket(this.#proc, host);
    });
    this.#relays.add(relay);
  }

  /** Opens a port of the host's that leads to the guest. tcp_listen() @throws KernelError */
  forward(rule: HostForward): TcpSocket {
    const socket = openTcp(this.#proc, 'inet');
    socket.reuseAddr = true;
    try {
      socket.bind({ addr: rule.hostAddr, port: rule.hostPort });
      socket.listen(BACKLOG);
    } catch (e) {
      closeSocket(this.#proc, socket);
      throw e;
    }
    this.#forwards.set(socket, rule);
    this.#pump.watch(socket, () => this.#acceptForward(socket, rule));
    return socket;
  }

  /** Takes such a port away. */
  unforward(socket: TcpSocket): void {
    if (!this.#forwards.delete(socket)) return;
    this.#pump.unwatch(socket);
    closeSocket(this.#proc, socket);
  }

  /** Somebody has connected to a forwarded port: so does he to the guest, who sees his address. tcp_connect() */
  #acceptForward(socket: TcpSocket, rule: HostForward): void {
    for (let host = socket.accept(); host !== undefined; host = socket.accept()) {
      const remote = host.remoteAddr();
      const addr = translateIn(this.#link.config, (remote?.addr ?? 0) as Ipv4Addr);
      const guest = this.#stack.netns.tcp.open('inet');
      try {
        guest.bind({ addr, port: remote?.port ?? 0 });
        guest.connect({ addr: rule.guestAddr, port: rule.guestPort });
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        if (e.errno !== 'EINPROGRESS') {
          guest.close();
          host.close();
          continue;
        }
      }
      this.#whenConnected(guest, host);
    }
  }

  #whenConnected(guest: TcpSocket, host: TcpSocket): void {
    this.#pump.watch(guest, () => {
      const ready = guest.poll();
      if ((ready & (POLLOUT | POLLERR | POLLHUP)) === 0) return;
      this.#pump.unwatch(guest);
      if (guest.takeError() === undefined) {
        this.#adopt(guest, host);
        return;
      }
      guest.close();
      host.close();
    });
  }

  /** A connection that the host's socket accepted is the process's, too. */
  #adopt(guest: TcpSocket, host: StreamEnd): void {
    const relay = new Relay(this.#pump, guest, host, () => {
      this.#relays.delete(relay);
      host.close();
    });
    this.#relays.add(relay);
  }

  /** A connection to an address that leads elsewhere. tcp_ctl() */
  #lead(guest: TcpSocket, forward: GuestForward): void {
    const { target } = forward;
    if (target.kind === 'command') {
      this.#adopt(guest, runCommand(this.#proc, target.argv));
      return;
    }
    const shared = this.#charForwards.get(forward) ?? new CharForward(target.dev, this.#pump);
    this.#charForwards.set(forward, shared);
    shared.add(guest);
  }

  /** Has an address and port of the guest's network lead elsewhere. slirp_add_guestfwd() */
  guestForward(rule: GuestForward): void {
    this.#guestForwards.push(rule);
    if (rule.addr !== this.#link.config.host && rule.addr !== this.#link.config.dns)
      this.#stack.addAddress(rule.addr);
  }

  /** Whether an address of the guest's network leads anywhere by `guestfwd`. */
  isForwarded(addr: Ipv4Addr): boolean {
    return this.#guestForwards.some((f) => f.addr === addr);
  }

  /** Connections, for the monitor. */
  get relays(): ReadonlySet<Relay> {
    return this.#relays;
  }

  close(): void {
    for (const [key, pending] of [...this.#pending]) {
      this.#forget(key, pending);
      freeSkb(pending.syn);
      closeSocket(this.#proc, pending.host);
    }
    for (const relay of [...this.#relays]) relay.end();
    for (const socket of [...this.#forwards.keys()]) this.unforward(socket);
    for (const { target } of this.#guestForwards) if (target.kind === 'chardev') target.dev.close();
  }
}
