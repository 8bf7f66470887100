import type { MacAddr } from '@labwire/core/addr';
import { put16, put48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { withHeadroom } from '@labwire/core/skb';
import { Flow4 } from '../../fib/flow.ts';
import type { Netns } from '../../netns/netns.ts';
import { ARPHRD_ETHER, ETH_HLEN, IFF_NOARP, IFF_POINTOPOINT, NetDevice } from '../net-device.ts';
import { scrub } from '../scrub.ts';
import {
  GRE_CSUM,
  GRE_SEQ,
  greHlen,
  type TunnelData,
  type TunnelKind,
  type TunnelParms,
  tunnelParms,
} from './parms.ts';
import type { TunnelTable } from './table.ts';
import { tunnelXmit } from './xmit.ts';

export const ARPHRD_TUNNEL = 768;
export const ARPHRD_SIT = 776;
export const ARPHRD_IPGRE = 778;

const ARPHRD: Readonly<Record<TunnelKind, number>> = {
  ipip: ARPHRD_TUNNEL,
  gre: ARPHRD_IPGRE,
  gretap: ARPHRD_ETHER,
  sit: ARPHRD_SIT,
};
const IPV4_HLEN = 20;
const ETH_DATA_LEN = 1500;
const MIN_MTU = 68;
/** What the kernel's ioctl sets in place of no limit. */
const IP_MAX_MTU = 65_535;
const SIT_LIMITS = { min: 1280, max: 65_555 };

/** For lookups that are over before the next begins. */
const flow = new Flow4();

/** An IPv4 address as the hardware address of a tunnel: its first four bytes. */
export function tunnelAddr(ip: number): MacAddr {
  return ((ip >>> 0) * 0x1_0000) as MacAddr;
}

/** What sets one tunnel apart from another beside its parameters. */
export interface TunnelOptions {
  /** Of one that carries frames. */
  readonly addr?: MacAddr;
  /** It is the device of a namespace that takes what no other tunnel does: `tunl0`, `gre0`. */
  readonly fallback?: boolean;
  /** What it is called if not by its kind. */
  readonly linkType?: string;
}

/**
 * A tunnel over IPv4: IP in IP (RFC 2003), GRE (RFC 2784) with packets or Ethernet frames inside, IPv6 in IPv4 (RFC 4213).
 * Linux net/ipv4/ip_tunnel.c, ipip.c, ip_gre.c, net/ipv6/sit.c
 */
export class IpTunnel extends NetDevice {
  override readonly linkType: string;
  override readonly arphrd: number;
  override readonly netnsImmutable: boolean;
  readonly kind: TunnelKind;
  parms: TunnelParms;
  /** Where the outer packets are: the namespace that it was made in. */
  readonly underlay: Netns;
  readonly #table: TunnelTable;
  /** The sequence numbers that come next, in and out. */
  #iSeq = 0;
  #oSeq = 0;

  constructor(
    name: string,
    kind: TunnelKind,
    table: TunnelTable,
    parms: TunnelParms,
    options: TunnelOptions = {},
  ) {
    super(name, kind === 'gretap' ? (options.addr ?? (0 as MacAddr)) : tunnelAddr(parms.local));
    this.kind = kind;
    this.linkType = options.linkType ?? kind;
    this.arphrd = ARPHRD[kind];
    this.underlay = table.netns;
    this.#table = table;
    this.parms = parms;
    this.netnsImmutable = options.fallback === true;
    this.minMtu = kind === 'gretap' ? MIN_MTU : kind === 'sit' ? SIT_LIMITS.min : 0;
    this.maxMtu = kind === 'sit' ? SIT_LIMITS.max : 0;
    if (kind === 'gretap') this.defaultQdisc = 'fq_codel';
    else this.#pointTo();
    this.mtu = this.#roomFor();
  }

  /** Is it the device that takes what no other one does? */
  get isFallback(): boolean {
    return this.netnsImmutable;
  }

  /** Bytes of the headers between the outer IPv4 header and what is inside. */
  get hlen(): number {
    return this.kind === 'gre' || this.kind === 'gretap' ? greHlen(this.parms.oflags) : 0;
  }

  /** It was made by the old request, which sets limits. `ip_tunnel_newlink()` has none, `ip_tunnel_create()` has. */
  limitMtu(): void {
    if (this.kind === 'sit') return;
    this.minMtu = MIN_MTU;
    this.maxMtu = IP_MAX_MTU - IPV4_HLEN - this.hlen;
  }

  #pointTo(): void {
    const { local, remote } = this.parms;
    this.addr = tunnelAddr(local);
    this.broadcast = tunnelAddr(remote);
    this.flags = (this.flags & ~(IFF_POINTOPOINT | 0x1002)) | IFF_NOARP;
    if (remote !== 0) this.flags |= IFF_POINTOPOINT;
  }

  /** The MTU that the device below leaves. `ip_tunnel_bind_dev()` */
  #roomFor(): number {
    const { remote, local, link, tos } = this.parms;
    let mtu = ETH_DATA_LEN;
    let lower = link === 0 ? undefined : this.underlay.devices.byIndex(link);
    if (remote !== 0 && lower === undefined) {
      flow.to(remote | 0);
      flow.saddr = local | 0;
      flow.tos = tos & 0xfc;
      if (this.underlay.ipv4.routeOutput(flow) === undefined) lower = this.underlay.ipv4.rt?.dev;
    }
    if (lower !== undefined && lower !== this) mtu = lower.mtu;
    mtu -= IPV4_HLEN + this.hlen + (this.arphrd === ARPHRD_ETHER ? ETH_HLEN : 0);
    return Math.max(MIN_MTU, mtu);
  }

  /** The index of the device that it sends out of, 0 for any. */
  override get iflink(): number {
    return this.parms.link;
  }

  override get linkNetns(): Netns {
    return this.underlay;
  }

  /** Has just been registered. */
  attach(): void {
    this.#table.add(this);
  }

  override uninit(): void {
    this.#table.delete(this);
  }

  /** The next number of a packet out. */
  nextSeq(): number {
    const seq = this.#oSeq;
    this.#oSeq = (seq + 1) >>> 0;
    return seq;
  }

  protected override startXmit(skb: SkBuff): void {
    tunnelXmit(this, skb);
  }

  /** Counts and drops what cannot be sent. Takes ownership. */
  failXmit(skb: SkBuff, what: 'errors' | 'carrier' | 'collisions' = 'errors'): void {
    this.stats.txErrors++;
    if (what === 'carrier') this.stats.txCarrierErrors++;
    if (what === 'collisions') this.stats.collisions++;
    this.drop(skb, 'not_specified');
  }

  /** Whether a packet's checksum and number are as they must be; counts what is not. `ip_tunnel_rcv()` */
  accepts(flags: number, seq: number): boolean {
    const { iflags } = this.parms;
    if (((flags ^ iflags) & GRE_CSUM) !== 0) {
      this.stats.rxErrors++;
      return false;
    }
    if ((iflags & GRE_SEQ) === 0) return true;
    if ((flags & GRE_SEQ) === 0 || (this.#iSeq !== 0 && ((seq - this.#iSeq) | 0) < 0)) {
      this.stats.rxErrors++;
      return false;
    }
    this.#iSeq = (seq + 1) >>> 0;
    return true;
  }

  /** What was inside a packet has come out, `skb.data` at its first byte. Takes ownership. */
  decapsulated(packet: SkBuff, protocol: number): void {
    let skb = packet;
    const bytes = skb.len;
    if (!this.isUp || this.netns === null) {
      this.stats.rxDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    if (this.arphrd !== ARPHRD_ETHER) {
      skb = withHeadroom(skb, ETH_HLEN);
      const at = skb.push(ETH_HLEN);
      put48(skb.buf, at, this.addr);
      put48(skb.buf, at + 6, 0 as MacAddr);
      put16(skb.buf, at + 12, protocol);
    }
    skb.mac = -1;
    skb.nh = -1;
    skb.th = -1;
    skb.vlanTci = -1;
    scrub(skb, this.netns !== this.underlay);
    if (!this.arrive(skb, 0)) return;
    this.stats.rxPackets++;
    this.stats.rxBytes += bytes;
  }

  /** `ip_tunnel_changelink()` @throws {@link KernelError} EINVAL, EEXIST if there is such a tunnel already */
  override changeLink(data: TunnelData): void {
    if (this.isFallback) throw new KernelError('EINVAL');
    const next = tunnelParms(this.kind, data, this.parms);
    const twin = this.#table.twin(this.kind, next);
    if (twin !== undefined && twin !== this) throw new KernelError('EEXIST');
    const pointToPoint = this.kind !== 'gretap' && this.parms.remote !== 0;
    if (twin === undefined && this.kind !== 'gretap' && pointToPoint !== (next.remote !== 0))
      throw new KernelError('EINVAL');
    const moved = next.link !== this.parms.link;
    this.parms = next;
    if (this.kind !== 'gretap') this.#pointTo();
    if (moved) this.mtu = this.#roomFor();
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    const { kind, parms: p } = this;
    const gre = kind === 'gre' || kind === 'gretap';
    return {
      link: p.link,
      local: p.local | 0,
      remote: p.remote | 0,
      ttl: p.ttl,
      tos: p.tos,
      pmtudisc: Number(p.pmtudisc),
      ...(gre
        ? {
            iflags: p.iflags,
            oflags: p.oflags,
            ikey: p.ikey,
            okey: p.okey,
            ignore_df: Number(p.ignoreDf),
          }
        : { proto: p.proto }),
      ...(kind === 'sit' ? { '6rd_prefix': true } : {}),
    };
  }
}
