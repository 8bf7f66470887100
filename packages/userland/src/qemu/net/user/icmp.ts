import type { Ipv4Addr } from '@labwire/core/addr';
import { get16, put8, put16 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_HLEN,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PORT_UNREACH,
  IcmpOff,
  IP_DF,
  IPPROTO_ICMP,
  IPV4_MIN_HLEN,
  Ipv4Header,
} from '@labwire/core/wire';
import type { Socket } from '@labwire/devices/sock';
import { closeSocket, installSocket } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { GuestLink } from './link.ts';
import type { Pump } from './pump.ts';

/** TTL of what slirp itself answers. MAXTTL */
const MAXTTL = 255;
/** The most that slirp quotes of a packet that it could not send. ICMP_MAXDATALEN */
const QUOTED = 576 - IPV4_MIN_HLEN - 8;
/** Bits of the type of service that an error keeps, and those that it sets. */
const KEPT_TOS = 0x1e;
const ERROR_TOS = 0xc0;

/** The code of an ICMP error for what the host's kernel said. */
export function unreachCode(errno: Errno): number {
  if (errno === 'ECONNREFUSED') return ICMP_PORT_UNREACH;
  return errno === 'EHOSTUNREACH' ? ICMP_HOST_UNREACH : ICMP_NET_UNREACH;
}

/** The quoted part of a packet. */
export function quoteOf(skb: SkBuff, at: number): Uint8Array {
  const { totLen } = new Ipv4Header(skb.buf, at);
  return skb.buf.slice(at, at + Math.min(QUOTED, totLen));
}

/** ICMP of a user-mode network. slirp src/ip_icmp.c */
export class UserIcmp {
  readonly #link: GuestLink;
  readonly #proc: Process;
  readonly #pump: Pump;
  /** Pings that went out, by the guest's address, identifier and whom it asked. */
  readonly #pings = new Map<string, Socket>();

  constructor(link: GuestLink, proc: Process, pump: Pump) {
    this.#link = link;
    this.#proc = proc;
    this.#pump = pump;
  }

  /** A packet from the guest, its IPv4 header at `at`. Takes ownership. icmp_input() */
  input(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const icmp = at + ip.hlen;
    const { config } = this.#link;
    const isEcho = skb.tail - icmp >= ICMP_HLEN && skb.buf[icmp] === ICMP_ECHO;
    if (isEcho && (ip.daddr === config.host || ip.daddr === config.dns)) {
      const data = skb.buf.slice(icmp, at + ip.totLen);
      this.#reply(ip.daddr, ip.saddr, data, ip.tos, ip.fragOff & IP_DF);
    } else if (isEcho && !config.restricted) this.#ask(skb, at, icmp);
    freeSkb(skb);
  }

  /** Sends an echo back. icmp_reflect() */
  #reply(saddr: Ipv4Addr, daddr: Ipv4Addr, data: Uint8Array, tos: number, fragOff: number): void {
    const header = { saddr, daddr, protocol: IPPROTO_ICMP, ttl: MAXTTL, tos, fragOff };
    const { skb, at } = this.#link.packet(header, data.length);
    skb.buf.set(data, at);
    put8(skb.buf, at + IcmpOff.type, ICMP_ECHOREPLY);
    put16(skb.buf, at + IcmpOff.check, 0);
    put16(skb.buf, at + IcmpOff.check, checksum(skb.buf, at, data.length));
    this.#link.deliver(skb);
  }

  /** Has the host's kernel ask, if it lets QEMU. icmp_send() */
  #ask(skb: SkBuff, at: number, icmp: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const data = skb.buf.slice(icmp, at + ip.totLen);
    const id = (data[4] as number) * 256 + (data[5] as number);
    try {
      const socket = this.#socketFor(ip.saddr, ip.daddr, id);
      socket.send(data, { addr: ip.daddr, port: 0 });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.sendError(quoteOf(skb, at), unreachCode(e.errno));
    }
  }

  #socketFor(guest: Ipv4Addr, asked: Ipv4Addr, id: number): Socket {
    const key = `${guest} ${asked} ${id}`;
    const known = this.#pings.get(key);
    if (known !== undefined) return known;
    const socket = this.#openPing();
    installSocket(this.#proc, socket);
    this.#pings.set(key, socket);
    this.#pump.watch(socket, () => this.#answer(socket, guest, asked, id));
    return socket;
  }

  /** A ping socket if `ping_group_range` allows one; else root has a raw one, with which the guest's identifiers stay. icmp_send() */
  #openPing(): Socket {
    const { netns, uid, gid } = this.#proc;
    try {
      return netns.ipv4.openPing(gid);
    } catch (e) {
      if (!(e instanceof KernelError) || uid !== 0) throw e;
      return netns.ipv4.openRaw(IPPROTO_ICMP);
    }
  }

  #answer(socket: Socket, guest: Ipv4Addr, asked: Ipv4Addr, id: number): void {
    socket.takeError();
    for (let got = tryRecv(socket); got !== undefined; got = tryRecv(socket)) {
      const reply = socket.type === 'raw' ? answerIn(got, asked, id) : got;
      if (reply === undefined) continue;
      put16(reply, IcmpOff.id, id);
      this.#reply(asked, guest, reply, 0, 0);
    }
  }

  /** Tells the guest that a packet of its could not be sent. icmp_send_error() */
  sendError(
    quote: Uint8Array,
    code: number,
    type: number = ICMP_DEST_UNREACH,
    saddr: Ipv4Addr = this.#link.config.host,
  ): void {
    const length = ICMP_HLEN + quote.length;
    const { saddr: daddr, tos: asked, fragOff } = new Ipv4Header(quote, 0);
    const tos = (asked & KEPT_TOS) | ERROR_TOS;
    const header = {
      saddr,
      daddr,
      protocol: IPPROTO_ICMP,
      ttl: MAXTTL,
      tos,
      fragOff: fragOff & IP_DF,
    };
    const { skb, at } = this.#link.packet(header, length);
    const { buf } = skb;
    buf.fill(0, at, at + ICMP_HLEN);
    put8(buf, at, type);
    put8(buf, at + IcmpOff.code, code);
    buf.set(quote, at + ICMP_HLEN);
    put16(buf, at + IcmpOff.check, checksum(buf, at, length));
    this.#link.deliver(skb);
  }

  close(): void {
    for (const socket of this.#pings.values()) closeSocket(this.#proc, socket);
    this.#pings.clear();
  }
}

/** The message in a packet of a raw socket's, if it is the answer that is waited for. */
function answerIn(packet: Uint8Array, asked: Ipv4Addr, id: number): Uint8Array | undefined {
  const ip = new Ipv4Header(packet, 0);
  const message = packet.slice(ip.hlen);
  const isAnswer = ip.saddr === asked && message[0] === ICMP_ECHOREPLY;
  return isAnswer && get16(message, IcmpOff.id) === id ? message : undefined;
}

function tryRecv(socket: Socket): Uint8Array | undefined {
  try {
    return socket.recv(65_536)?.data.slice();
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}
