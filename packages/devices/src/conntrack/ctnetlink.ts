/** What programs ask of connection tracking. Linux net/netfilter/nf_conntrack_netlink.c, whose rules and errors these are. */
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { IPPROTO_SCTP, IPPROTO_TCP } from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import type { Conntrack } from './conntrack.ts';
import {
  IPCT_ASSURED,
  IPCT_MARK,
  IPCT_NEW,
  IPCT_PROTOINFO,
  IPCT_REPLY,
  IPS_ASSURED,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_SEEN_REPLY,
  type NfConn,
  type TupleHash,
  ZONE_DIR_BOTH,
} from './nf-conn.ts';
import { TcpTrack } from './proto-tcp.ts';
import { F_BE_LIBERAL, F_CLOSE_INIT, F_SACK_PERM } from './tcp-window.ts';
import { icmpInverse, isIcmp, type Tuple } from './tuple.ts';

/** The longest time that the kernel's clock of 250 ticks a second can hold, seconds. */
const MAX_TIMEOUT = Math.floor(0x7fff_ffff / 250);
const TCP_CT_TIME_WAIT = 7;

/** Where NAT shall lead an end of a connection. */
export interface NatWish {
  readonly addr: InetAddr | undefined;
  readonly port: number | undefined;
}

/** A connection as a program describes it: `struct nf_conntrack` of libnetfilter_conntrack. */
export interface CtRequest {
  readonly orig: Tuple | undefined;
  readonly reply: Tuple | undefined;
  readonly zone?: number | undefined;
  /** ZONE_DIR_* */
  readonly zoneDirs?: number | undefined;
  /** Seconds. */
  readonly timeout?: number | undefined;
  /** IPS_* */
  readonly status?: number | undefined;
  readonly mark?: number | undefined;
  /** State of TCP or SCTP. */
  readonly state?: number | undefined;
  /** Verification tags of SCTP. */
  readonly vtags?: readonly [orig: number, reply: number] | undefined;
  readonly snat?: NatWish | undefined;
  readonly dnat?: NatWish | undefined;
  readonly id?: number | undefined;
}

/** What is kept of an SCTP association that a program made: no packet changes it. `struct ip_ct_sctp` */
class SctpTrack {
  readonly vtags: readonly [orig: number, reply: number];

  constructor(vtags: readonly [number, number]) {
    this.vtags = vtags;
  }
}

/** Runs a request of a process: what it causes is told with its id. */
function asked<T>(tracking: Conntrack, pid: number, run: () => T): T {
  tracking.requester = pid;
  try {
    return run();
  } finally {
    tracking.requester = 0;
  }
}

function checkTuple(t: Tuple | undefined): void {
  if (t !== undefined && isIcmp(t.proto) && icmpInverse(t.proto, t.dport >>> 8) === undefined)
    throw new KernelError('EINVAL');
}

/** @throws {@link KernelError} EINVAL if the request names no connection */
function lookUp(tracking: Conntrack, r: CtRequest): TupleHash | null {
  const t = r.orig ?? r.reply;
  if (t === undefined) throw new KernelError('EINVAL');
  checkTuple(t);
  return tracking.find(t, r.zone, r.zoneDirs);
}

/** `ctnetlink_change_status()` @throws {@link KernelError} EBUSY for what only the kernel sets, or what never goes */
function changeStatus(ct: NfConn, status: number): void {
  const d = ct.status ^ status;
  const unset = d & ct.status;
  if ((d & IPS_EXPECTED) !== 0 || (unset & (IPS_SEEN_REPLY | IPS_ASSURED)) !== 0)
    throw new KernelError('EBUSY');
  ct.status |= status & (IPS_SEEN_REPLY | IPS_ASSURED | IPS_FIXED_TIMEOUT);
}

function changeTimeout(tracking: Conntrack, ct: NfConn, seconds: number): void {
  ct.expires = tracking.netns.sim.now + Math.min(seconds, MAX_TIMEOUT) * SEC;
}

/** A connection that was not seen to begin: its windows are not known. `nlattr_to_tcp()` */
function changeState(ct: NfConn, state: number, vtags: readonly [number, number] = [0, 0]): void {
  if (ct.orig.proto === IPPROTO_TCP) {
    const track = ct.proto instanceof TcpTrack ? ct.proto : new TcpTrack();
    const close = state >= TCP_CT_TIME_WAIT ? F_CLOSE_INIT : 0;
    for (const side of track.seen) side.flags |= F_BE_LIBERAL | F_SACK_PERM | close;
    ct.proto = track;
  }
  if (ct.orig.proto === IPPROTO_SCTP) ct.proto = new SctpTrack(vtags);
  ct.protoState = state;
}

function create(netns: Netns, r: CtRequest): void {
  const tracking = netns.netfilter.conntrack;
  if (r.orig === undefined || r.reply === undefined || r.timeout === undefined)
    throw new KernelError('EINVAL');
  checkTuple(r.reply);
  const ct = tracking.newConn(r.orig, r.reply, r.zone ?? 0, r.zoneDirs ?? ZONE_DIR_BOTH);
  changeTimeout(tracking, ct, r.timeout);
  if (r.snat !== undefined || r.dnat !== undefined) setUpNat(netns, ct, r);
  if (r.status !== undefined) changeStatus(ct, r.status);
  if (r.state !== undefined) changeState(ct, r.state, r.vtags);
  ct.mark = r.mark ?? 0;
  if (tracking.clashOf(ct) !== null) {
    tracking.remove(ct);
    throw new KernelError('EEXIST');
  }
  tracking.insert(ct);
  ct.pending = IPCT_NEW | IPCT_REPLY | IPCT_ASSURED | IPCT_PROTOINFO | IPCT_MARK;
  tracking.deliver(ct);
}

/** `ctnetlink_setup_nat()` */
function setUpNat(netns: Netns, ct: NfConn, r: CtRequest): void {
  const { nat } = netns.netfilter;
  for (const manip of ['dst', 'src'] as const) {
    const wish = manip === 'dst' ? r.dnat : r.snat;
    if (wish === undefined) nat.setupNull(ct, manip);
    else nat.setupTo(ct, wish.addr, wish.port, manip);
  }
}

/** `ctnetlink_change_conntrack()` */
function change(tracking: Conntrack, ct: NfConn, r: CtRequest): void {
  if (r.snat !== undefined || r.dnat !== undefined) throw new KernelError('EOPNOTSUPP');
  if (r.timeout !== undefined) changeTimeout(tracking, ct, r.timeout);
  if (r.status !== undefined) changeStatus(ct, r.status);
  if (r.state !== undefined) changeState(ct, r.state, r.vtags);
  if (r.mark !== undefined) ct.mark = r.mark;
  ct.pending |= IPCT_ASSURED | IPCT_PROTOINFO | IPCT_MARK;
  tracking.deliver(ct);
}

/**
 * Creates a connection, or changes the one that is there. `ctnetlink_new_conntrack()`
 * @param pid the process that asks
 * @throws {@link KernelError} ENOENT if there is none and `create` is not asked for; EEXIST, EINVAL, EBUSY
 */
export function ctNew(
  netns: Netns,
  r: CtRequest,
  flags: { readonly create: boolean; readonly excl: boolean },
  pid: number,
): void {
  const tracking = netns.netfilter.conntrack;
  const h = lookUp(tracking, r);
  asked(tracking, pid, () => {
    if (h !== null) {
      if (flags.excl) throw new KernelError('EEXIST');
      change(tracking, h.ct, r);
    } else if (flags.create) create(netns, r);
    else throw new KernelError('ENOENT');
  });
}

/** The connection that a request names. `ctnetlink_get_conntrack()` @throws {@link KernelError} EINVAL, ENOENT */
export function ctGet(netns: Netns, r: CtRequest): NfConn {
  const h = lookUp(netns.netfilter.conntrack, r);
  if (h === null || (r.id !== undefined && r.id !== h.ct.id)) throw new KernelError('ENOENT');
  return h.ct;
}

/** Ends the connection that a request names. `ctnetlink_del_conntrack()` @throws {@link KernelError} EINVAL, ENOENT */
export function ctDelete(netns: Netns, r: CtRequest, pid: number): void {
  const ct = ctGet(netns, r);
  const tracking = netns.netfilter.conntrack;
  asked(tracking, pid, () => tracking.remove(ct));
}

/** Ends all connections. `ctnetlink_flush_conntrack()` */
export function ctFlush(netns: Netns, pid: number): void {
  const tracking = netns.netfilter.conntrack;
  asked(tracking, pid, () => tracking.removeWhere(() => true));
}

/** A value under a mask. */
export interface MaskedWord {
  readonly value: number;
  readonly mask: number;
}

/** What a listing is cut down to. */
export interface CtDumpFilter {
  readonly family?: Family | undefined;
  readonly mark?: MaskedWord | undefined;
  readonly status?: MaskedWord | undefined;
  /** Sets the counters back to 0 as they are read. */
  readonly zero?: boolean | undefined;
}

/** What is known of a connection at one moment. */
export interface CtInfo {
  readonly family: Family;
  readonly orig: Tuple;
  readonly reply: Tuple;
  readonly zone: number;
  readonly zoneDirs: number;
  /** IPS_* */
  readonly status: number;
  /** Whole seconds that are left. */
  readonly timeout: number;
  readonly mark: number;
  /** State of TCP or SCTP; undefined for other protocols. */
  readonly state: number | undefined;
  /** Verification tags of SCTP. */
  readonly vtags: readonly [orig: number, reply: number] | undefined;
  /** Packets and bytes by direction, if they are counted. */
  readonly counters: readonly { readonly packets: number; readonly bytes: number }[] | undefined;
  /** When it began, Nanos since the simulation did; undefined unless that is noted. */
  readonly startedAt: number | undefined;
  readonly helper: string | undefined;
  readonly id: number;
}

/** A copy of what is known of a connection. `ctnetlink_fill_info()` */
export function ctInfo(ct: NfConn, now: number): CtInfo {
  const sctp = ct.proto instanceof SctpTrack ? ct.proto : undefined;
  return {
    family: ct.isIpv6 ? 'inet6' : 'inet',
    orig: ct.orig,
    reply: ct.reply,
    zone: ct.zone,
    zoneDirs: ct.zoneDirs,
    status: ct.status,
    timeout: Math.max(0, Math.floor((ct.expires - now) / SEC)),
    mark: ct.mark >>> 0,
    state: ct.orig.proto === IPPROTO_TCP || sctp !== undefined ? ct.protoState : undefined,
    vtags: sctp?.vtags,
    counters: ct.counters?.map((c) => ({ ...c })),
    startedAt: ct.startedAt === 0 ? undefined : ct.startedAt,
    helper: ct.helper ?? undefined,
    id: ct.id,
  };
}

function passes(ct: NfConn, { family, mark, status }: CtDumpFilter): boolean {
  if (family !== undefined && ct.isIpv6 !== (family === 'inet6')) return false;
  if (mark !== undefined && (ct.mark & mark.mask) >>> 0 !== mark.value >>> 0) return false;
  return status === undefined || (ct.status & status.mask) === status.value;
}

/** The connections that pass a filter. `ctnetlink_dump_table()` @throws {@link KernelError} EINVAL for a filter of no status bit */
export function ctDump(netns: Netns, filter: CtDumpFilter): CtInfo[] {
  if (filter.status !== undefined && filter.status.mask === 0) throw new KernelError('EINVAL');
  const { now } = netns.sim;
  return netns.netfilter.conntrack
    .list()
    .filter((ct) => passes(ct, filter))
    .map((ct) => {
      const info = ctInfo(ct, now);
      if (filter.zero === true && ct.counters !== null)
        for (const c of ct.counters) Object.assign(c, { packets: 0, bytes: 0 });
      return info;
    });
}
