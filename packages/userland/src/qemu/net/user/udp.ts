import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type EventHandler, type Nanos, SEC } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checkUdp,
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_NET_UNREACH,
  ICMP_TIME_EXCEEDED,
  Ipv4Header,
  UDP_HLEN,
  UdpHeader,
} from '@labwire/core/wire';
import type { Received, Socket } from '@labwire/devices/sock';
import { closeSocket, openUdp } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { HostForward } from './config.ts';
import { quoteOf, type UserIcmp, unreachCode } from './icmp.ts';
import type { GuestLink } from './link.ts';
import type { Pump } from './pump.ts';
import { translateIn, translateOut } from './translate.ts';

/** How long an idle socket is kept; one for DNS shorter. SO_EXPIRE, SO_EXPIREFAST */
const EXPIRE: Nanos = 240 * SEC;
const EXPIRE_DNS: Nanos = 10 * SEC;
const DNS_PORT = 53;

/** One port of the guest's and the host's socket for it. */
class Session {
  readonly guest: { readonly addr: Ipv4Addr; readonly port: number };
  readonly socket: Socket;
  /** Stays until it is taken away: a forwarded port. */
  readonly forward: boolean;
  /** The address in the guest's network that stands for whom it last sent to. */
  seenAs: Ipv4Addr | undefined;
  /** Its last packet, for errors about it. */
  quote: Uint8Array = new Uint8Array(0);
  expires: Nanos = Infinity;

  constructor(guest: Session['guest'], socket: Socket, forward: boolean) {
    this.guest = guest;
    this.socket = socket;
    this.forward = forward;
  }
}

/** UDP of a user-mode network. slirp src/udp.c */
export class UserUdp implements EventHandler {
  readonly #link: GuestLink;
  readonly #proc: Process;
  readonly #icmp: UserIcmp;
  readonly #pump: Pump;
  readonly #sessions = new Map<string, Session>();
  #sweeping = false;

  constructor(link: GuestLink, proc: Process, icmp: UserIcmp, pump: Pump) {
    this.#link = link;
    this.#proc = proc;
    this.#icmp = icmp;
    this.#pump = pump;
  }

  /** A packet from the guest, its IPv4 header at `at`; DHCP has been taken out. Takes ownership. udp_input() */
  input(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const off = at + ip.hlen;
    if (checkUdp(skb.buf, off, at + ip.totLen) === undefined && !this.#link.config.restricted)
      this.#send(skb, at, off);
    freeSkb(skb);
  }

  #send(skb: SkBuff, at: number, off: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const udp = new UdpHeader(skb.buf, off);
    const to = translateOut(this.#link.config, this.#proc, ip.daddr);
    const quote = quoteOf(skb, at);
    if (to === undefined) {
      this.#icmp.sendError(quote, ICMP_NET_UNREACH);
      return;
    }
    if (ip.ttl <= 1) {
      this.#icmp.sendError(quote, ICMP_EXC_TTL, ICMP_TIME_EXCEEDED);
      return;
    }
    try {
      const session = this.#session({ addr: ip.saddr, port: udp.sport });
      session.quote = quote;
      session.socket.ttl = ip.ttl - 1;
      session.seenAs = to === ip.daddr ? undefined : ip.daddr;
      this.#touch(session, udp.dport);
      const payload = skb.buf.slice(off + UDP_HLEN, off + udp.len);
      session.socket.send(payload, { addr: to, port: udp.dport });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#icmp.sendError(quote, unreachCode(e.errno));
    }
  }

  #session(guest: Session['guest']): Session {
    const key = `${guest.addr}:${guest.port}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = new Session(guest, openUdp(this.#proc, 'inet'), false);
    this.#add(key, session);
    return session;
  }

  #add(key: string, session: Session): void {
    session.socket.recvErr = true;
    this.#sessions.set(key, session);
    this.#pump.watch(session.socket, () => this.#receive(session));
  }

  /** ICMP errors that the host was told of go to the guest as they are. icmp_forward_error() */
  #forwardErrors({ quote, socket }: Session): void {
    for (let e = socket.errorQueue.shift(); e !== undefined; e = socket.errorQueue.shift())
      if (quote.length > 0 && passes(e.type, e.code) && typeof e.offender === 'number')
        this.#icmp.sendError(quote, e.code, e.type, e.offender);
  }

  /** What the host's socket has got goes to the guest. sorecvfrom() */
  #receive(session: Session): void {
    this.#forwardErrors(session);
    for (;;) {
      let got: Received | undefined;
      try {
        got = session.socket.recv(65_536);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        continue; // the queue of errors has told it
      }
      if (got === undefined) return;
      if (got.from === undefined || typeof got.from.addr !== 'number') continue;
      const from = session.seenAs ?? translateIn(this.#link.config, got.from.addr);
      if (!session.forward) this.#touch(session, got.from.port);
      this.#link.sendUdp({ addr: from, port: got.from.port }, session.guest, got.data);
    }
  }

  /** Opens a port of the host's that leads to the guest. udp_listen() @throws KernelError */
  forward(rule: HostForward): Socket {
    const socket = openUdp(this.#proc, 'inet');
    try {
      socket.bind({ addr: rule.hostAddr, port: rule.hostPort });
    } catch (e) {
      closeSocket(this.#proc, socket);
      throw e;
    }
    const guest = { addr: rule.guestAddr, port: rule.guestPort };
    this.#add(`${guest.addr}:${guest.port}`, new Session(guest, socket, true));
    return socket;
  }

  /** Takes such a port away. */
  unforward(socket: Socket): void {
    for (const [key, session] of this.#sessions)
      if (session.socket === socket) this.#end(key, session);
  }

  #touch(session: Session, port: number): void {
    if (session.forward) return;
    const { now } = this.#proc;
    session.expires = now + (port === DNS_PORT ? EXPIRE_DNS : EXPIRE);
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#proc.machine.kernel.sim.schedule(EXPIRE_DNS, this, 0, undefined);
  }

  /** Ends sockets that have been idle. slirp_pollfds_fill() */
  onEvent(): void {
    this.#sweeping = false;
    for (const [key, session] of this.#sessions)
      if (session.expires <= this.#proc.now) this.#end(key, session);
    if (this.#proc.exitCode !== undefined || ![...this.#sessions.values()].some((s) => !s.forward))
      return;
    this.#sweeping = true;
    this.#proc.machine.kernel.sim.schedule(EXPIRE_DNS, this, 0, undefined);
  }

  #end(key: string, { socket }: Session): void {
    this.#sessions.delete(key);
    this.#pump.unwatch(socket);
    closeSocket(this.#proc, socket);
  }

  /** Sockets and the guest's ends, for the monitor. */
  list(): readonly {
    readonly socket: Socket;
    readonly guest: Session['guest'];
    readonly forward: boolean;
  }[] {
    return [...this.#sessions.values()];
  }

  close(): void {
    for (const [key, session] of [...this.#sessions]) this.#end(key, session);
  }
}

/** Unreachables of all kinds pass, and that time was exceeded on the way. icmp_forward_error() */
function passes(type: number, code: number): boolean {
  return type === ICMP_DEST_UNREACH || (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_TTL);
}
