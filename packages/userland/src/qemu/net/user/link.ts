import { type Ipv4Addr, MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { put16 } from '@labwire/core/bytes';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, IPPROTO_UDP, pseudoSum4, UDP_HLEN, UdpOff, writeUdp } from '@labwire/core/wire';
import type { FrameSink } from '../../../hypervisor/index.ts';
import type { UserConfig } from './config.ts';
import { newPacket, type PacketHeader, specialMac } from './frames.ts';

/** TTL of datagrams that slirp makes. IPDEFTTL */
export const IPDEFTTL = 64;

/** The way from slirp to its guest: who has which address, and packets of slirp's own. slirp if_encap(), arp_table.c */
export class GuestLink {
  readonly config: UserConfig;
  /** QEMU's address in frames. */
  readonly mac: MacAddr;
  sink: FrameSink | null = null;
  readonly #macs = new Map<Ipv4Addr, MacAddr>();
  #nextId = 0;

  constructor(config: UserConfig) {
    this.config = config;
    this.mac = specialMac(config.host);
  }

  /** Sends a frame to the guest. Takes ownership. */
  deliver(skb: SkBuff): void {
    if (this.sink === null) freeSkb(skb);
    else this.sink.deliver(skb);
  }

  /** Takes note of whose address it is. arp_table_add() */
  learn(addr: Ipv4Addr, mac: MacAddr): void {
    if (addr !== 0) this.#macs.set(addr, mac);
  }

  /** The guest's address in frames; broadcast while nothing is known. */
  macOf(addr: Ipv4Addr): MacAddr {
    return this.#macs.get(addr) ?? MAC_BROADCAST;
  }

  /** The identification of slirp's next packet. */
  nextId(): number {
    const id = this.#nextId;
    this.#nextId = (id + 1) & 0xffff;
    return id;
  }

  /** A packet to the guest; the caller writes `length` bytes from the returned offset on. */
  packet(
    header: Omit<PacketHeader, 'id'>,
    length: number,
    dst: MacAddr = this.macOf(header.daddr),
  ): { readonly skb: SkBuff; readonly at: number } {
    return newPacket(dst, this.mac, { ...header, id: this.nextId() }, length);
  }

  /** Sends a datagram to the guest. slirp udp_output() */
  sendUdp(
    from: { readonly addr: Ipv4Addr; readonly port: number },
    to: { readonly addr: Ipv4Addr; readonly port: number },
    payload: Uint8Array,
    tos = 0,
  ): void {
    const len = UDP_HLEN + payload.length;
    const [saddr, daddr] = [from.addr, to.addr];
    const header = { saddr, daddr, protocol: IPPROTO_UDP, ttl: IPDEFTTL, tos, fragOff: 0 };
    const { skb, at } = this.packet(header, len);
    const { buf } = skb;
    writeUdp(buf, at, { sport: from.port, dport: to.port, len, check: 0 });
    buf.set(payload, at + UDP_HLEN);
    const sum = checksum(buf, at, len, pseudoSum4(saddr, daddr, IPPROTO_UDP, len));
    put16(buf, at + UdpOff.check, sum || 0xffff);
    this.deliver(skb);
  }
}
