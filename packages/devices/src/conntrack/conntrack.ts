/**
 * Connection tracking of one namespace: finds or makes the connection of each packet, and enters it into the table once
 * its first packet leaves. Nothing ends by an event of its own: an entry whose time is over is taken out when somebody
 * comes across it, so that a million entries cost no timers.
 *
 * Read beside Linux net/netfilter/nf_conntrack_core.c, whose functions have the same names.
 */
import { IPV4_ANY } from '@labwire/core/addr';
import { get8, get16 } from '@labwire/core/bytes';
import { type Nanos, SEC, Tracepoint } from '@labwire/core/sim';
import { CHECKSUM_UNNECESSARY, type SkBuff } from '@labwire/core/skb';
import {
  checksumOk,
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  pseudoSum4,
  pseudoSum6,
} from '@labwire/core/wire';
import { NF_ACCEPT, NF_DROP } from '../netfilter/xt/verdict.ts';
import type { Netns } from '../netns/netns.ts';
import { CONNTRACK_CONF_DEFAULT, type ConntrackConf } from './conf.ts';
import { Expectations } from './expect.ts';
import type { Helper } from './helpers/helper.ts';
import {
  ctDir,
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_IS_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IP_CT_UNTRACKED,
  IPCT_ASSURED,
  IPCT_DESTROY,
  IPCT_NEW,
  IPCT_PROTOINFO,
  IPCT_RELATED,
  IPCT_REPLY,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DYING,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_HELPER,
  IPS_SEEN_REPLY,
  IPS_TEMPLATE,
  NfConn,
  type TupleHash,
  ZONE_DIR_BOTH,
} from './nf-conn.ts';
import { grePacket, icmpPacket, udpPacket } from './proto-others.ts';
import { TCP_CT_CLOSE, TcpTracker, type Tracked } from './proto-tcp.ts';
import { ConnTrackTable } from './table.ts';
import { invertTuple, isIcmp, PacketTuple, sameAddr, type Tuple } from './tuple.ts';

const NF_INET_PRE_ROUTING = 0;
/** The sum of an IPv4 header that is right. */
const HEADER_SUM = 0xffff;
const WARN_INTERVAL: Nanos = 5 * SEC;
const WARN_BURST = 10;
/** Errors of ICMP, and whether a type of ICMPv6 is one. */
const ICMP_ERRORS: readonly number[] = [3, 4, 5, 11, 12];
const ICMPV6_INFO = 0x80;
/** ICMPv6 that belongs to no connection: multicast listeners, neighbour discovery. icmpv6 `noct_valid_new[]` */
const ICMPV6_UNTRACKED: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 137, 143];
/** The next id is far from the last, as a hash would be. */
const ID_STEP = 2_654_435_761;

/** What `conntrack -S` counts. `struct ip_conntrack_stat` */
export class ConntrackStats {
  found = 0;
  invalid = 0;
  insert = 0;
  insertFailed = 0;
  drop = 0;
  earlyDrop = 0;
  error = 0;
  searchRestart = 0;
  clashResolve = 0;
  chainToolong = 0;
}

/** What happens to a connection. */
export type ConntrackEvent = 'new' | 'update' | 'destroy';

/** Connection tracking of one namespace. */
export class Conntrack {
  readonly netns: Netns;
  conf: ConntrackConf = { ...CONNTRACK_CONF_DEFAULT };
  readonly table: ConnTrackTable = new ConnTrackTable();
  readonly stats: ConntrackStats = new ConntrackStats();
  readonly expectations: Expectations;
  /** Connections that come, change and go. `conntrack -E` */
  readonly events: Tracepoint<readonly [event: ConntrackEvent, ct: NfConn, what: number]> =
    new Tracepoint();
  /** Process id of the program whose request is being carried out; 0: none, packets or time are at work. */
  requester = 0;
  /** Called with each connection that goes: NAT keeps lists of its own. */
  onDestroy: ((ct: NfConn) => void) | null = null;
  /** Moved sequence numbers; NAT helpers set it. */
  seqOffset: (ct: NfConn, dir: 0 | 1, seq: number) => number = () => 0;
  #warnedOfHelper = false;
  readonly #tcp: TcpTracker;
  readonly #packet = new PacketTuple();
  readonly #inner = new PacketTuple();
  #lastId = 0;
  /** Lines about a full table since a time. */
  #warnings = 0;
  #warnFrom: Nanos = -Infinity;

  constructor(netns: Netns) {
    this.netns = netns;
    this.expectations = new Expectations(this);
    this.#tcp = new TcpTracker(
      () => this.conf,
      (ct, dir, seq) => this.seqOffset(ct, dir, seq),
      (ct, seconds) => this.refresh(ct, seconds),
      (ct) => (ct.expires - this.netns.sim.now) / SEC,
    );
  }

  /**
   * Gives a packet at prerouting or output its connection: `skb.ct` and `skb.ctinfo`. An invalid packet has none.
   * @returns NF_ACCEPT, or NF_DROP if the table is full. `nf_conntrack_in()`
   */
  in(skb: SkBuff, isIpv6: boolean, hook: number): number {
    const zone = takeTemplate(skb) ?? NO_TEMPLATE;
    if (skb.ct !== null || skb.ctinfo === IP_CT_UNTRACKED) return NF_ACCEPT;
    for (;;) {
      const p = this.#packet;
      if (!p.read(skb, skb.nh, isIpv6)) return this.#invalid(skb);
      if (isIcmp(p.proto)) {
        const done = this.#icmp(skb, p, isIpv6, hook, zone);
        if (done !== undefined) return done;
      } else if (!this.#lengthOk(skb, p) || (hook === NF_INET_PRE_ROUTING && !this.#sumOk(skb, p)))
        return this.#invalid(skb);
      const found = this.#resolve(skb, p, zone);
      if (found === 'full') return NF_DROP;
      if (found === null) return this.#invalid(skb);
      const verdict = this.#track(found, skb, p);
      if (verdict !== 'repeat') return verdict;
      this.remove(found);
      skb.ct = null;
    }
  }

  #invalid(skb: SkBuff): number {
    this.stats.invalid++;
    skb.ct = null;
    skb.ctinfo = 0;
    return NF_ACCEPT;
  }

  /** Whether a datagram is all there. `udp_error()` */
  #lengthOk(skb: SkBuff, p: PacketTuple): boolean {
    if (p.proto !== IPPROTO_UDP) return true;
    const len = skb.tail - p.thoff;
    if (len < 8) return false;
    const stated = get16(skb.buf, p.thoff + 4);
    return stated >= 8 && stated <= len;
  }

  /**
   * Whether the checksum of TCP or UDP is right; it is taken to the packet's end, whatever a datagram says of its length.
   * net.netfilter.nf_conntrack_checksum, `nf_checksum()`
   */
  #sumOk(skb: SkBuff, p: PacketTuple): boolean {
    if (this.conf.checksum === 0 || skb.ipSummed !== 0) return true;
    if (p.proto !== IPPROTO_TCP && p.proto !== IPPROTO_UDP) return true;
    const len = skb.tail - p.thoff;
    if (p.proto === IPPROTO_UDP && get16(skb.buf, p.thoff + 6) === 0) return true;
    return checksumOk(skb.buf, p.thoff, len, this.#pseudo(p, len));
  }

  /**
   * The same of ICMP. In IPv4 the packet's header is summed, too: so a message of nothing but zeros is right, and who
   * gets it believes so. `nf_ip_checksum()`
   */
  #icmpSumOk(skb: SkBuff, p: PacketTuple, len: number): boolean {
    const v6 = p.proto === IPPROTO_ICMPV6;
    if (checksumOk(skb.buf, p.thoff, len, v6 ? this.#pseudo(p, len) : 0)) return true;
    if (v6 || !checksumOk(skb.buf, p.thoff, len, HEADER_SUM)) return false;
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    return true;
  }

  #pseudo(p: PacketTuple, len: number): number {
    if (p.src6 !== null && p.dst6 !== null && p.isIpv6)
      return pseudoSum6(p.src6, p.dst6, p.proto, len);
    return pseudoSum4(p.src4 as never, p.dst4 as never, p.proto, len);
  }

  /** ICMP that is an error, broken, or untracked by nature; undefined for a query. */
  #icmp(
    skb: SkBuff,
    p: PacketTuple,
    isIpv6: boolean,
    hook: number,
    zone: CtTemplate,
  ): number | undefined {
    const len = skb.tail - p.thoff;
    // that of the other family is nothing here
    if ((p.proto === IPPROTO_ICMPV6) !== isIpv6) return this.#invalid(skb);
    const checks = hook === NF_INET_PRE_ROUTING && this.conf.checksum !== 0;
    if (checks && !this.#icmpSumOk(skb, p, len)) return this.#invalid(skb);
    const type = get8(skb.buf, p.thoff);
    if (p.proto === IPPROTO_ICMPV6 && ICMPV6_UNTRACKED.includes(type)) {
      skb.ctinfo = IP_CT_UNTRACKED;
      return NF_ACCEPT;
    }
    const isError =
      p.proto === IPPROTO_ICMP ? ICMP_ERRORS.includes(type) : (type & ICMPV6_INFO) === 0;
    return isError ? this.#icmpError(skb, p, isIpv6, zone) : undefined;
  }

  /** An error belongs to the connection of the packet that it quotes. `nf_conntrack_inet_error()` */
  #icmpError(skb: SkBuff, outer: PacketTuple, isIpv6: boolean, zone: CtTemplate): number {
    const inner = this.#inner;
    if (!inner.read(skb, outer.thoff + 8, isIpv6)) return this.#invalid(skb);
    inner.swap();
    const h = this.#live(this.table.findPacket(inner, zone.zone, zone.zoneDirs));
    if (h === null) return this.#invalid(skb);
    const receiver = h.ct.tuple(h.dir).dst;
    const to = outer.toTuple().dst;
    if (!sameAddr(receiver, to)) return this.#invalid(skb);
    skb.ct = h.ct;
    skb.ctinfo = IP_CT_RELATED + (h.dir === 1 ? IP_CT_IS_REPLY : 0);
    return NF_ACCEPT;
  }

  /** An entry whose time is over is taken out. */
  #live(h: TupleHash | null): TupleHash | null {
    if (h === null || h.ct.expires > this.netns.sim.now) return h;
    this.remove(h.ct);
    return null;
  }

  /** `resolve_normal_ct()` @returns null for what cannot begin a connection */
  #resolve(skb: SkBuff, p: PacketTuple, template: CtTemplate): NfConn | null | 'full' {
    const h = this.#live(this.table.findPacket(p, template.zone, template.zoneDirs));
    if (h === null) return this.#begin(skb, p, template);
    const { ct } = h;
    skb.ct = ct;
    if (h.dir === 1) skb.ctinfo = IP_CT_ESTABLISHED_REPLY;
    else if ((ct.status & IPS_SEEN_REPLY) !== 0) skb.ctinfo = IP_CT_ESTABLISHED;
    else skb.ctinfo = (ct.status & IPS_EXPECTED) !== 0 ? IP_CT_RELATED : IP_CT_NEW;
    return ct;
  }

  /** `init_conntrack()` */
  #begin(skb: SkBuff, p: PacketTuple, template: CtTemplate): NfConn | null | 'full' {
    const orig = p.toTuple();
    const reply = invertTuple(orig);
    if (reply === undefined) return null;
    if (!this.#makeRoom()) return 'full';
    const ct = this.newConn(orig, reply, template.zone, template.zoneDirs);
    this.expectations.take(ct);
    if (template.helper !== null) {
      ct.helper = template.helper;
      ct.status |= IPS_HELPER;
    } else if ((ct.status & IPS_EXPECTED) === 0) this.assignHelper(ct);
    skb.ct = ct;
    skb.ctinfo = (ct.status & IPS_EXPECTED) !== 0 ? IP_CT_RELATED : IP_CT_NEW;
    return ct;
  }

  /** A connection that is not in the table yet. `nf_conntrack_alloc()` */
  newConn(orig: Tuple, reply: Tuple, zone: number, zoneDirs: number): NfConn {
    const ct = new NfConn(orig, reply, zone, zoneDirs);
    ct.id = this.#nextId();
    if (this.conf.acct !== 0)
      ct.counters = [
        { packets: 0, bytes: 0 },
        { packets: 0, bytes: 0 },
      ];
    if (this.conf.timestamp !== 0) ct.startedAt = this.netns.sim.now;
    return ct;
  }

  #nextId(): number {
    this.#lastId = (this.#lastId + ID_STEP) >>> 0;
    return this.#lastId;
  }

  /** Whether there is room for one more; one that is not assured goes for it. `__nf_conntrack_alloc()`, `early_drop()` */
  #makeRoom(): boolean {
    const { max } = this.netns.kernel.initNetns.netfilter.conntrack.conf;
    if (max === 0 || this.table.count < max) return true;
    this.sweep();
    if (this.table.count < max) return true;
    for (const ct of this.table) {
      if ((ct.status & IPS_ASSURED) !== 0) continue;
      this.stats.earlyDrop++;
      this.remove(ct);
      return true;
    }
    this.stats.drop++;
    this.#warnFull();
    return false;
  }

  /** At most ten lines in five seconds. `net_warn_ratelimited()` */
  #warnFull(): void {
    const { kernel, ino, sim } = this.netns;
    if (sim.now >= this.#warnFrom + WARN_INTERVAL) {
      const missed = this.#warnings - WARN_BURST;
      if (missed > 0) kernel.log(`net_ratelimit: ${missed} callbacks suppressed`);
      this.#warnFrom = sim.now;
      this.#warnings = 0;
    }
    if (this.#warnings++ >= WARN_BURST) return;
    const where = this.netns === kernel.initNetns ? '' : ` in netns ${ino}`;
    kernel.log(`nf_conntrack: nf_conntrack: table full${where}, dropping packet`);
  }

  /** `nf_conntrack_handle_packet()` and what follows it. */
  #track(ct: NfConn, skb: SkBuff, p: PacketTuple): number | 'repeat' {
    const verdict = this.#protocol(ct, skb, p);
    if (verdict === 'repeat') return 'repeat';
    if (verdict === 'invalid') return this.#invalid(skb);
    if (ct.counters !== null && verdict !== 'uncounted') {
      const c = ct.counters[ctDir(skb.ctinfo)];
      c.packets++;
      c.bytes += skb.tail - skb.nh;
    }
    if (verdict === 'kill') this.remove(ct);
    if (skb.ctinfo === IP_CT_ESTABLISHED_REPLY && (ct.status & IPS_SEEN_REPLY) === 0) {
      ct.status |= IPS_SEEN_REPLY;
      ct.pending |= IPCT_REPLY;
    }
    return NF_ACCEPT;
  }

  #protocol(ct: NfConn, skb: SkBuff, p: PacketTuple): Tracked {
    if (p.proto === IPPROTO_TCP) {
      const { protoState, status } = ct;
      const verdict = this.#tcp.packet(ct, ctDir(skb.ctinfo), skb, p.thoff);
      if (ct.protoState !== protoState) ct.pending |= IPCT_PROTOINFO;
      if (ct.status !== status) ct.pending |= IPCT_ASSURED;
      return verdict;
    }
    const { status } = ct;
    const seconds =
      p.proto === IPPROTO_UDP
        ? udpPacket(ct, this.netns.sim, this.conf)
        : isIcmp(p.proto)
          ? icmpPacket(ct, this.conf)
          : p.proto === IPPROTO_GRE
            ? grePacket(ct, this.conf)
            : this.conf.generic_timeout;
    if (seconds === undefined) return 'invalid';
    if (ct.status !== status) ct.pending |= IPCT_ASSURED;
    this.refresh(ct, seconds);
    return 'accept';
  }

  /** Sets how long a connection lives without another packet. `nf_ct_refresh_acct()` */
  refresh(ct: NfConn, seconds: number): void {
    if ((ct.status & IPS_FIXED_TIMEOUT) === 0) ct.expires = this.netns.sim.now + seconds * SEC;
  }

  /** Tells who watches what has happened to a connection since it was last told. `nf_ct_deliver_cached_events()` */
  deliver(ct: NfConn): void {
    const what = ct.pending;
    ct.pending = 0;
    if (what === 0 || (ct.status & (IPS_CONFIRMED | IPS_DYING)) !== IPS_CONFIRMED) return;
    const isNew = (what & (IPCT_NEW | IPCT_RELATED)) !== 0;
    this.#tell(isNew ? 'new' : 'update', ct, what);
  }

  #tell(event: ConntrackEvent, ct: NfConn, what: number): void {
    if (this.events.active && this.conf.events !== 0) this.events.emit(event, ct, what);
  }

  /**
   * A packet leaves: enters its connection into the table if it is new. `__nf_conntrack_confirm()`
   * @returns NF_DROP if another connection has taken its place
   */
  confirm(skb: SkBuff): number {
    const ct = skb.ct as NfConn | null;
    if (ct === null || skb.ctinfo === IP_CT_RELATED_REPLY) return NF_ACCEPT;
    if ((ct.status & IPS_CONFIRMED) === 0 && ctDir(skb.ctinfo) === 0) {
      if ((ct.status & IPS_DYING) !== 0) return NF_DROP;
      const clash = this.clashOf(ct);
      if (clash !== null) return this.#resolveClash(skb, ct, clash);
      this.insert(ct);
      ct.pending |= ct.master === null ? IPCT_NEW : IPCT_RELATED;
    }
    if (ct.pending !== 0) this.deliver(ct);
    return NF_ACCEPT;
  }

  /** What stands in the way of a connection that is to enter the table. */
  clashOf(ct: NfConn): TupleHash | null {
    return (
      this.#live(this.table.find(ct.orig, ct.zone, ct.zoneDirs)) ??
      this.#live(this.table.find(ct.reply, ct.zone, ct.zoneDirs))
    );
  }

  /** Enters a connection that nothing stands in the way of. */
  insert(ct: NfConn): void {
    ct.status |= IPS_CONFIRMED;
    this.table.insert(ct);
    this.stats.insert++;
  }

  /** Two packets of one new connection met here: the second joins the first. `nf_ct_resolve_clash()` */
  #resolveClash(skb: SkBuff, ct: NfConn, h: TupleHash): number {
    const other = h.ct;
    const same =
      h.dir === 0 &&
      sameAddr(other.reply.src, ct.reply.src) &&
      sameAddr(other.reply.dst, ct.reply.dst);
    if (
      same &&
      other.reply.sport === ct.reply.sport &&
      other.reply.dport === ct.reply.dport &&
      ct.orig.proto !== IPPROTO_TCP
    ) {
      skb.ct = other;
      this.stats.clashResolve++;
      return NF_ACCEPT;
    }
    this.stats.insertFailed++;
    this.stats.drop++;
    return NF_DROP;
  }

  /** Whether some connection, other than `except`, has a tuple. `nf_conntrack_tuple_taken()` */
  isTaken(t: Tuple, except: NfConn): boolean {
    const h = this.#live(this.table.find(t, except.zone, except.zoneDirs));
    return h !== null && h.ct !== except;
  }

  /** The direction that has a tuple, if any connection has. */
  find(t: Tuple, zone = 0, dirs: number = ZONE_DIR_BOTH): TupleHash | null {
    return this.#live(this.table.find(t, zone, dirs));
  }

  /** Makes a packet that answers another one of its connection, in the other direction. `nf_conntrack_attach()` */
  attach(skb: SkBuff, to: SkBuff): void {
    const ct = to.ct as NfConn | null;
    if (ct === null) return;
    skb.ct = ct;
    skb.ctinfo = ctDir(to.ctinfo) === 0 ? IP_CT_RELATED + IP_CT_IS_REPLY : IP_CT_RELATED;
  }

  /** A reset is sent for a connection of TCP: it closes. `nf_conntrack_tcp_set_closing()` */
  setClosing(ct: NfConn): void {
    if (ct.orig.proto !== IPPROTO_TCP || (ct.status & IPS_CONFIRMED) === 0) return;
    if (ct.protoState === TCP_CT_CLOSE) return;
    ct.protoState = TCP_CT_CLOSE;
    ct.pending |= IPCT_PROTOINFO;
    this.refresh(ct, this.conf.tcp_timeout_close);
  }

  /** Ends a connection. `nf_ct_delete()` */
  remove(ct: NfConn): void {
    if ((ct.status & IPS_DYING) !== 0) return;
    ct.status |= IPS_DYING;
    if ((ct.status & IPS_CONFIRMED) !== 0) {
      this.table.remove(ct);
      this.#tell('destroy', ct, IPCT_DESTROY);
    }
    this.expectations.masterGone(ct);
    this.onDestroy?.(ct);
  }

  /** Takes out whatever is over. `gc_worker()` */
  sweep(): void {
    const now: Nanos = this.netns.sim.now;
    for (const ct of [...this.table]) if (ct.expires <= now) this.remove(ct);
  }

  /** Ends the connections that `pick` picks. `nf_ct_iterate_cleanup_net()` @returns how many */
  removeWhere(pick: (ct: NfConn) => boolean): number {
    this.sweep();
    let n = 0;
    for (const ct of [...this.table]) {
      if (!pick(ct)) continue;
      this.remove(ct);
      n++;
    }
    return n;
  }

  /** The connections, in the order of the table. */
  list(): NfConn[] {
    this.sweep();
    return [...this.table];
  }

  /**
   * Gives a connection the helper of its server's port, where the kernel does so: 5.x, if it is told to.
   * NAT asks again when it has changed where the connection leads. `__nf_ct_try_assign_helper()`
   */
  assignHelper(ct: NfConn): void {
    const { kernel } = this.netns;
    if (kernel.profile !== '5.x' || (ct.status & (IPS_HELPER | IPS_EXPECTED)) !== 0) return;
    const helper = this.expectations.helperAt(ct.reply.proto, ct.reply.sport);
    if (this.conf.helper !== 0) ct.helper = helper?.name ?? null;
    else if (helper !== undefined && !this.#warnedOfHelper) {
      this.#warnedOfHelper = true;
      kernel.log(NO_AUTO_HELPER);
    }
  }

  /** The helper that reads along with a connection. */
  helperOf(ct: NfConn): Helper | undefined {
    return ct.helper === null ? undefined : this.expectations.helper(ct.helper);
  }
}

/** What `-j CT` asks of the connection that a packet will get. `struct nf_conn` with IPS_TEMPLATE */
interface CtTemplate {
  readonly zone: number;
  /** ZONE_DIR_* */
  readonly zoneDirs: number;
  readonly helper: string | null;
}

/** What a CT target puts in place of a connection until the packet is tracked: matches take it for a new one. `nf_ct_tmpl_alloc()` */
export function newTemplate(zone: number, zoneDirs: number, helper: string | null): NfConn {
  const ct = new NfConn(NOBODY, NOBODY, zone, zoneDirs);
  ct.status = IPS_TEMPLATE | IPS_CONFIRMED;
  ct.helper = helper;
  return ct;
}

const NOBODY: Tuple = { src: IPV4_ANY, dst: IPV4_ANY, proto: 0, sport: 0, dport: 0 };

/** Takes a template off a packet; null if there is none. */
function takeTemplate(skb: SkBuff): CtTemplate | null {
  const ct = skb.ct as NfConn | null;
  if (ct === null || (ct.status & IPS_TEMPLATE) === 0) return null;
  skb.ct = null;
  skb.ctinfo = 0;
  return ct;
}

/** What 5.x says, once, where it would give a connection a helper if it might. `nf_ct_lookup_helper()` */
const NO_AUTO_HELPER =
  'nf_conntrack: default automatic helper assignment has been turned off for security reasons and CT-based firewall rule not found. Use the iptables CT target to attach helpers instead.';

/** Of packets of which no CT target has said anything. */
const NO_TEMPLATE: CtTemplate = { zone: 0, zoneDirs: ZONE_DIR_BOTH, helper: null };
