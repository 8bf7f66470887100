import type { Ipv6Addr } from '@labwire/core/addr';
import { SEC } from '@labwire/core/sim';
import {
  ctDir,
  IP_CT_ESTABLISHED,
  IP_CT_IS_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_UNTRACKED,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_EXPECTED,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
  type NfConn,
} from '../../../conntrack/nf-conn.ts';
import type { InetAddr } from '../../../rtnetlink/types.ts';
import type {
  ConnbytesMatch,
  ConnlabelMatch,
  ConntrackMatch,
  CtStateName,
  CtStatusName,
  HelperMatch,
  MarkMatch,
  Masked,
  StateMatch,
} from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';
import { portIn } from './port-range.ts';

const INVALID = 1;
const UNTRACKED = 1 << 6;
const SNAT = 1 << 7;
const DNAT = 1 << 8;
/** Bits of states, as XT_CONNTRACK_STATE_*: INVALID 1, ESTABLISHED 2, RELATED 4, NEW 8. */
const STATE_BITS: Readonly<Record<CtStateName, number>> = {
  INVALID,
  ESTABLISHED: 1 << (IP_CT_ESTABLISHED + 1),
  RELATED: 1 << (IP_CT_RELATED + 1),
  NEW: 1 << (IP_CT_NEW + 1),
  UNTRACKED,
  SNAT,
  DNAT,
};
const STATUS_BITS: Readonly<Record<CtStatusName, number>> = {
  NONE: 0,
  EXPECTED: IPS_EXPECTED,
  SEEN_REPLY: IPS_SEEN_REPLY,
  ASSURED: IPS_ASSURED,
  CONFIRMED: IPS_CONFIRMED,
};

/** The bits of a set of states. */
export function stateMask(states: readonly CtStateName[]): number {
  return states.reduce((bits, s) => bits | STATE_BITS[s], 0);
}

/** The bit of a packet's state. `XT_CONNTRACK_STATE_BIT()` */
export function ctStateBit(p: XtPacket): number {
  const { ct, ctinfo } = p.skb;
  if (ct !== null) return 1 << ((ctinfo % IP_CT_IS_REPLY) + 1);
  return ctinfo === IP_CT_UNTRACKED ? UNTRACKED : INVALID;
}

/** `state_mt()` */
export function stateMatcher(m: StateMatch): Matcher {
  const mask = stateMask(m.in);
  const { invert } = m;
  return (p) => ((mask & ctStateBit(p)) !== 0) !== invert;
}

function masked(addr: InetAddr, m: Masked): boolean {
  if (typeof addr === 'number')
    return (addr & (m.mask as number)) === ((m.addr as number) & (m.mask as number));
  const want = m.addr as Ipv6Addr;
  const mask = m.mask as Ipv6Addr;
  return (
    ((addr.w0 ^ want.w0) & mask.w0) === 0 &&
    ((addr.w1 ^ want.w1) & mask.w1) === 0 &&
    ((addr.w2 ^ want.w2) & mask.w2) === 0 &&
    ((addr.w3 ^ want.w3) & mask.w3) === 0
  );
}

function addrHolds(
  addr: InetAddr,
  m: (Masked & { readonly invert: boolean }) | undefined,
): boolean {
  return m === undefined || masked(addr, m) !== m.invert;
}

function statesHold(m: ConntrackMatch, p: XtPacket, ct: NfConn | null): boolean {
  if (m.ctstate === undefined) return true;
  let bits = ctStateBit(p);
  if (ct !== null && (ct.status & IPS_SRC_NAT) !== 0) bits |= SNAT;
  if (ct !== null && (ct.status & IPS_DST_NAT) !== 0) bits |= DNAT;
  return ((bits & stateMask(m.ctstate.in)) !== 0) !== m.ctstate.invert;
}

function tuplesHold(m: ConntrackMatch, ct: NfConn): boolean {
  return (
    addrHolds(ct.orig.src, m.ctorigsrc) &&
    addrHolds(ct.orig.dst, m.ctorigdst) &&
    addrHolds(ct.reply.src, m.ctreplsrc) &&
    addrHolds(ct.reply.dst, m.ctrepldst) &&
    portIn(ct.orig.sport, m.ctorigsrcport) &&
    portIn(ct.orig.dport, m.ctorigdstport) &&
    portIn(ct.reply.sport, m.ctreplsrcport) &&
    portIn(ct.reply.dport, m.ctrepldstport)
  );
}

function statusHolds(m: ConntrackMatch, ct: NfConn): boolean {
  if (m.ctstatus === undefined) return true;
  const want = m.ctstatus.in.reduce((bits, s) => bits | STATUS_BITS[s], 0);
  return ((ct.status & want) !== 0) !== m.ctstatus.invert;
}

/** `conntrack_mt()` */
export function conntrackMatcher(m: ConntrackMatch): Matcher {
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    if (!statesHold(m, p, ct)) return false;
    if (ct === null) return m.ctstate !== undefined; // and nothing else counts
    if (m.ctdir !== undefined && (ctDir(p.skb.ctinfo) === 0) !== (m.ctdir === 'ORIGINAL'))
      return false;
    if (m.ctproto !== undefined && (ct.orig.proto === m.ctproto.protocol) === m.ctproto.invert)
      return false;
    if (!tuplesHold(m, ct) || !statusHolds(m, ct)) return false;
    // a connection that is not confirmed has no time yet, only a length of it. nf_ct_expires()
    const confirmed = (ct.status & IPS_CONFIRMED) !== 0;
    const left = confirmed ? Math.max(0, Math.floor((ct.expires - p.netns.sim.now) / SEC)) : 0;
    return portIn(left, m.ctexpire);
  };
}

/** `connmark_mt()` */
export function connmarkMatcher(m: MarkMatch): Matcher {
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    return ct !== null && ((ct.mark & m.mask) >>> 0 === m.value) !== m.invert;
  };
}

/** `connbytes_mt()`; nothing matches while accounting is off. */
export function connbytesMatcher(m: ConnbytesMatch): Matcher {
  const [from, to] = [Number(m.from), Number(m.to)];
  return (p) => {
    const counters = (p.skb.ct as NfConn | null)?.counters ?? null;
    if (counters === null) return false;
    const of = (what: 'packets' | 'bytes'): number =>
      (m.dir === 'reply' ? 0 : counters[0][what]) + (m.dir === 'original' ? 0 : counters[1][what]);
    const packets = of('packets');
    const value =
      m.mode === 'avgpkt' ? (packets === 0 ? 0 : Math.floor(of('bytes') / packets)) : of(m.mode);
    return (value >= from && value <= to) !== m.invert;
  };
}

/** `connlabel_mt()` */
export function connlabelMatcher(m: ConnlabelMatch): Matcher {
  const bit = 1n << BigInt(m.bit);
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    if (ct === null) return m.invert;
    if (m.set) ct.labels |= bit;
    return ((ct.labels & bit) !== 0n) !== m.invert;
  };
}

/** `helper_mt()`: connections that a helper expected. */
export function helperMatcher(m: HelperMatch): Matcher {
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    const master = ct?.master ?? null;
    if (master === null) return m.invert;
    const hit = m.name === '' ? master.helper !== null : master.helper === m.name;
    return hit !== m.invert;
  };
}
