import { formatIpv4, formatIpv6, type Ipv4Addr, type Ipv6Addr } from '@labwire/core/addr';
import { SEC } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { TcpOptions } from '@labwire/core/wire';
import { flowHash, type TcpInet } from '../flow.ts';
import { sendSynAck } from '../output/output.ts';
import type { TcpSocket } from '../socket.ts';
import { MSS_DEFAULT, type Tcb } from '../tcb.ts';
import type { TcpLayer } from '../tcp-layer.ts';
import { offerWindow, startSequence, takeOffer } from './handshake.ts';
import type { Segment } from './segment.ts';

/*
 * SYN cookies: where the SYN queue is full, the SYN-ACK's sequence number says all that its acknowledgement must
 * prove. The upper eight bits count minutes, the lower 24 hold one of four MSS, both hidden by a hash of the ends.
 * What the peer offers besides fits the low bits of the timestamp; without timestamps it is lost. Linux
 * net/ipv4/syncookies.c. @deviation The hash is a mix of 32-bit words, not SipHash: nobody here forges cookies.
 */

const COOKIE_BITS = 24;
const COOKIE_MASK = (1 << COOKIE_BITS) - 1;
/** Minutes for which a cookie is good. MAX_SYNCOOKIE_AGE */
const MAX_AGE = 2;
const MINUTE = 60 * SEC;
/** The MSS that a cookie can tell, ascending. `msstab` */
const MSS_TABLE = { inet: [536, 1300, 1440, 1460], inet6: [1220, 1420, 1440, 8940] } as const;

/** Bits of a timestamp that hold options, and what is in them. TSBITS, TS_OPT_SACK, TS_OPT_WSCALE_MASK */
const TS_BITS = 6;
const TS_OPT_SACK = 0x10;
const TS_OPT_WSCALE_MASK = 0xf;

/** What a cookie has brought back of a SYN. */
export interface SynCookie {
  readonly options: TcpOptions;
  readonly tsOffset: number;
}

/** The ends of a handshake, folded. */
interface Ends {
  readonly local: number;
  readonly remote: number;
  readonly sport: number;
  readonly dport: number;
}

const endsOf = (inet: TcpInet, skb: SkBuff, seg: Segment): Ends => ({
  local: inet.foldDaddr(skb),
  remote: inet.foldSaddr(skb),
  sport: seg.sport,
  dport: seg.dport,
});

/** `cookie_hash()` */
function hash(layer: TcpLayer, ends: Ends, count: number, round: number): number {
  const key = layer.cookieSecret ^ Math.imul(count + 1, 0x9e3779b1) ^ Math.imul(round, 0x85ebca77);
  return flowHash(
    ends.local ^ key,
    Math.imul(ends.remote, 0x27d4eb2f) ^ key,
    ends.dport,
    ends.sport,
  );
}

const minutes = (layer: TcpLayer): number => Math.floor(layer.sim.now / MINUTE);

/** What is added to this peer's timestamps. `secure_tcp_ts_off()` */
const tsOffsetOf = (layer: TcpLayer, ends: Ends): number =>
  hash(layer, { ...ends, sport: 0, dport: 0 }, 0, 2);

/** `secure_tcp_syn_cookie()` */
function makeCookie(layer: TcpLayer, ends: Ends, irs: number, data: number): number {
  const count = minutes(layer);
  const low = (hash(layer, ends, count, 1) + data) & COOKIE_MASK;
  return (hash(layer, ends, 0, 0) + irs + (count << COOKIE_BITS) + low) | 0;
}

/** What was put into a cookie; undefined if it is none of ours, or too old. `check_tcp_syn_cookie()` */
function openCookie(layer: TcpLayer, ends: Ends, irs: number, cookie: number): number | undefined {
  const bare = (cookie - hash(layer, ends, 0, 0) - irs) | 0;
  const count = minutes(layer);
  const age = (count - (bare >>> COOKIE_BITS)) & 0xff;
  if (age >= MAX_AGE) return undefined;
  return (bare - hash(layer, ends, count - age, 1)) & COOKIE_MASK;
}

/** Tells the log, once for each listener. `tcp_syn_flood_action()` */
export function tellOfFlood(listener: TcpSocket, inet: TcpInet): void {
  const { layer } = listener;
  const { tcp_syncookies } = layer.conf;
  if (tcp_syncookies === 0) layer.ext.TCPReqQFullDrop++;
  else layer.ext.TCPReqQFullDoCookies++;
  if (tcp_syncookies === 2 || listener.synfloodWarned) return;
  listener.synfloodWarned = true;
  const protocol = inet.family === 'inet' ? 'TCP' : 'TCPv6';
  const { addr, port } = listener.localAddr();
  const at =
    listener.family === 'inet' ? formatIpv4(addr as Ipv4Addr) : `[${formatIpv6(addr as Ipv6Addr)}]`;
  const deed = tcp_syncookies === 0 ? 'Dropping request' : 'Sending cookies';
  layer.netns.kernel.log(
    `TCP: request_sock_${protocol}: Possible SYN flooding on port ${at}:${port}. ${deed}.`,
  );
}

/** Answers a SYN with a cookie. `tcb`, with its options offered, is forgotten afterwards. `cookie_init_sequence()`, `cookie_init_timestamp()` */
export function sendCookie(listener: TcpSocket, tcb: Tcb, seg: Segment): void {
  const { layer, flow } = tcb;
  const { family } = flow.inet;
  const ends: Ends = {
    local: flow.inet.fold(flow.saddr),
    remote: flow.inet.fold(flow.daddr),
    sport: seg.sport,
    dport: seg.dport,
  };
  const offer = new TcpOptions();
  offer.mss = seg.options.mss;
  if (seg.options.timestamps) Object.assign(offer, seg.options);
  const offered = seg.options.mss || MSS_DEFAULT;
  const index = MSS_TABLE[family].filter((mss) => mss <= offered).length - 1;
  startSequence(tcb, makeCookie(layer, ends, seg.seq, Math.max(0, index)));
  takeOffer(tcb, seg.seq, seg.window, offer);
  offerWindow(tcb);
  if (tcb.tsOk) tcb.tsOffset = cookieTimestamp(tcb, tsOffsetOf(layer, ends));
  listener.lastCookie = tcb.now;
  layer.ext.SyncookiesSent++;
  sendSynAck(tcb);
}

/** An offset with which the clock's low bits tell what was agreed on, and which does not run ahead. */
function cookieTimestamp(tcb: Tcb, offset: number): number {
  const now = Math.floor(tcb.now / 1_000_000);
  const bits = (tcb.wscaleOk ? tcb.sndWscale : TS_OPT_WSCALE_MASK) | (tcb.sackOk ? TS_OPT_SACK : 0);
  let ts = Math.floor(now / 2 ** TS_BITS) * 2 ** TS_BITS + bits;
  if (ts > now) ts -= 1 << TS_BITS;
  return (offset + ts - now) | 0;
}

/** Whether an acknowledgement is one of a cookie's, and what that told; undefined if not: it is reset then. `cookie_tcp_check()` */
export function readCookie(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): SynCookie | undefined {
  const { layer, lastCookie } = listener;
  if (layer.conf.tcp_syncookies === 0) return undefined;
  if (lastCookie < 0 || layer.sim.now - lastCookie > MAX_AGE * MINUTE) return undefined;
  const ends = endsOf(inet, skb, seg);
  const index = openCookie(layer, ends, (seg.seq - 1) | 0, (seg.ack - 1) | 0);
  const mss = index === undefined ? undefined : MSS_TABLE[inet.family][index];
  if (mss === undefined) {
    layer.ext.SyncookiesFailed++;
    return undefined;
  }
  layer.ext.SyncookiesRecv++;
  const tsOffset = tsOffsetOf(layer, ends);
  const options = new TcpOptions();
  options.mss = mss;
  return readTimestamp(layer, seg, tsOffset, options) ? { options, tsOffset } : undefined;
}

/** @returns false for options that are switched off by now. `cookie_timestamp_decode()` */
function readTimestamp(
  layer: TcpLayer,
  seg: Segment,
  tsOffset: number,
  options: TcpOptions,
): boolean {
  if (!seg.options.timestamps) return true;
  const { conf } = layer;
  if (conf.tcp_timestamps === 0) return false;
  options.timestamps = true;
  options.tsVal = seg.options.tsVal;
  options.tsEcr = seg.options.tsEcr;
  const bits = (seg.options.tsEcr - tsOffset) | 0;
  options.sackPermitted = (bits & TS_OPT_SACK) !== 0;
  if (options.sackPermitted && conf.tcp_sack === 0) return false;
  const wscale = bits & TS_OPT_WSCALE_MASK;
  if (wscale === TS_OPT_WSCALE_MASK) return true;
  options.wscale = wscale;
  return conf.tcp_window_scaling !== 0;
}
