import { type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { IPPROTO_TCP } from '@labwire/core/wire';
import { IPS_DYING, type NfConn } from '../../../conntrack/nf-conn.ts';
import { TCP_CT_CLOSE, TCP_CT_TIME_WAIT } from '../../../conntrack/proto-tcp.ts';
import type { ConnlimitMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

function wordMask(plen: number, i: number): number {
  const bits = Math.min(32, Math.max(0, plen - 32 * i));
  return bits === 0 ? 0 : ipv4Mask(bits);
}

/** The network of the packet's address as a key of a map: a number for IPv4. */
function keyOf(m: ConnlimitMatch, p: XtPacket): number | string {
  const addr6: Ipv6Addr | null = m.side === 'dest' ? p.daddr6 : p.saddr6;
  if (addr6 === null) return (m.side === 'dest' ? p.daddr : p.saddr) & wordMask(m.mask, 0);
  const words = [addr6.w0, addr6.w1, addr6.w2, addr6.w3];
  return words.map((w, i) => w & wordMask(m.mask, i)).join('.');
}

function isOver(ct: NfConn, now: number): boolean {
  if ((ct.status & IPS_DYING) !== 0 || ct.expires <= now) return true;
  const { protoState } = ct;
  return (
    ct.orig.proto === IPPROTO_TCP &&
    (protoState === TCP_CT_TIME_WAIT || protoState === TCP_CT_CLOSE)
  );
}

/** Forgets connections that are over; says whether `ct` is among those that it keeps. */
function prune(conns: NfConn[], ct: NfConn | null, now: number): boolean {
  let kept = 0;
  let found = false;
  for (let i = 0; i < conns.length; i++) {
    const c = conns[i] as NfConn;
    if (c === ct) found = true;
    if (c === ct || !isOver(c, now)) conns[kept++] = c;
  }
  conns.length = kept;
  return found;
}

/** `connlimit_mt()`: counts the connections that have come by, by network; what is not tracked counts for itself. */
export function connlimitMatcher(m: ConnlimitMatch): Matcher {
  const counted = new Map<number | string, NfConn[]>();
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    const key = keyOf(m, p);
    let conns = counted.get(key);
    if (conns === undefined) {
      conns = [];
      counted.set(key, conns);
    }
    const known = prune(conns, ct, p.netns.sim.now);
    if (!known && ct !== null) conns.push(ct);
    const count = conns.length + (ct === null ? 1 : 0);
    return count > m.limit !== m.upto;
  };
}
