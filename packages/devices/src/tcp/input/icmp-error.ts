import { get16, get32 } from '@labwire/core/bytes';
import type { Errno } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { TcpOff } from '@labwire/core/wire';
import { after, before } from '../buffer/index.ts';
import { Flow, type TcpInet } from '../flow.ts';
import { done, fail } from '../lifecycle.ts';
import { resendLost } from '../loss/recovery.ts';
import { loseAll } from '../loss/sack.ts';
import { syncMss } from '../output/output.ts';
import type { Tcb } from '../tcb.ts';
import { isRequest } from './request.ts';
import { routeQuietly } from './reset.ts';

/** What an ICMP or ICMPv6 error says about one of our segments. */
export interface TcpIcmpError {
  /** The errno of its type and code. Linux net/ipv4/icmp.c, icmp_err_convert[] */
  readonly errno: Errno;
  /** The segment was too big for the path, whose MTU the route knows by now. */
  readonly tooBig: boolean;
}

/** The connection that a quoted segment was sent on, as a flow; its eight bytes must be there. */
export function quotedFlow(inet: TcpInet, skb: SkBuff): Flow | undefined {
  if (skb.len < 8) return undefined;
  const sport = get16(skb.buf, skb.data + TcpOff.sport);
  const dport = get16(skb.buf, skb.data + TcpOff.dport);
  return new Flow(inet, inet.saddrOf(skb), inet.daddrOf(skb), sport, dport);
}

/**
 * Whether an error, or a redirect, about one of our segments is to be believed: the quoted sequence number must be one in
 * flight (RFC 5927). What a listener has only begun takes it in at once. `tcp_v4_err()`, `tcp_req_err()`
 * @param skb quotes the segment: `data` at its TCP header, `nh` at its IP header, addresses as we sent them
 * @param aborts whether it ends what a listener has only begun
 */
export function believesIcmp(tcb: Tcb, skb: SkBuff, aborts: boolean): boolean {
  const { ext } = tcb.layer;
  const seq = get32(skb.buf, skb.data + TcpOff.seq);
  const request = isRequest(tcb);
  if (request ? seq !== tcb.iss : before(seq, tcb.sndUna) || after(seq, tcb.sndNxt)) {
    ext.OutOfWindowIcmps++;
    return false;
  }
  if (!request) return true;
  if (aborts) {
    ext.ListenDrops++;
    done(tcb, 'ICMP');
  }
  return false;
}

/** RFC 9293 section 3.9.2.2, RFC 5461: an error that is believed ends an attempt to connect, and is but remembered by a connection that stands. */
export function icmpError(tcb: Tcb, error: TcpIcmpError): void {
  if (error.tooBig) pathMtuShrank(tcb);
  else if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') fail(tcb, error.errno, 'ICMP');
  else tcb.softError = error.errno;
}

/** A router could not forward what we sent: smaller segments at once. RFC 1191 section 6.4; `tcp_v4_mtu_reduced()` */
function pathMtuShrank(tcb: Tcb): void {
  if (!routeQuietly(tcb.flow)) return;
  const mtu = tcb.flow.inet.mtu(tcb.flow);
  if (mtu >= tcb.pmtu) return;
  syncMss(tcb, mtu);
  if (tcb.rtx.count === 0) return;
  loseAll(tcb);
  resendLost(tcb);
}
