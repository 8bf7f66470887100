/**
 * The TCP tracker: what state a connection is in, judged by a man in the middle who may see packets that are lost later,
 * and whether a segment lies in the windows that both sides have shown.
 *
 * Windows, after Guido van Rooij's "Real Stateful TCP Packet Filtering in IP Filter": of each sender are kept
 *   tdEnd     the highest seq + len it has sent,
 *   tdMaxend  the highest sequence number it may send: the highest ack + window of the other side,
 *   tdMaxwin  the largest window it has offered.
 * A segment must begin below tdMaxend (I), must not end before what the receiver's window allows (II), and must
 * acknowledge nothing unseen (III) nor what is long past (IV). What breaks I or III is INVALID; what breaks II or IV
 * changes nothing.
 *
 * Linux net/netfilter/nf_conntrack_proto_tcp.c (6.x), whose functions have the same names.
 */
import type { SkBuff } from '@labwire/core/skb';
import type { ConntrackConf } from './conf.ts';
import {
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_FIXED_TIMEOUT,
  IPS_SEEN_REPLY,
  type NfConn,
} from './nf-conn.ts';
import {
  ACK,
  ACK_SET,
  after,
  before,
  FIN_SET,
  NONE_SET,
  RST,
  RST_SET,
  SYN,
  SYN_SET,
  SYNACK_SET,
  seg,
} from './tcp-segment.ts';
import {
  F_BE_LIBERAL,
  F_CLOSE_INIT,
  F_DATA_UNACKNOWLEDGED,
  F_MAXACK_SET,
  F_SACK_PERM,
  initSender,
  judgeWindow,
  pickUpSender,
  readOptions,
  Side,
  sackOf,
  updateWindow,
} from './tcp-window.ts';

/** TCP_CONNTRACK_*: states, and two results of the table that are none. */
export const TCP_CT_NONE = 0;
export const TCP_CT_SYN_SENT = 1;
export const TCP_CT_SYN_RECV = 2;
export const TCP_CT_ESTABLISHED = 3;
export const TCP_CT_FIN_WAIT = 4;
export const TCP_CT_CLOSE_WAIT = 5;
export const TCP_CT_LAST_ACK = 6;
export const TCP_CT_TIME_WAIT = 7;
export const TCP_CT_CLOSE = 8;
export const TCP_CT_SYN_SENT2 = 9;
const INVALID = 10;
const IGNORE = 11;

/** The states as conntrack(8) prints them. tcp_conntrack_names[] */
export const TCP_CT_NAMES: readonly string[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

/**
 * Where a segment of a kind leads, by direction, kind and state. One letter a state, in their order:
 * `.` none, s SYN_SENT, r SYN_RECV, e ESTABLISHED, f FIN_WAIT, c CLOSE_WAIT, l LAST_ACK, t TIME_WAIT, x CLOSE, 2 SYN_SENT2,
 * and - invalid, i ignored. tcp_conntracks[][][]
 */
const TABLE: readonly (readonly string[])[] = [
  [
    'ssiiiiiss2', // SYN: new, or again; out of sync, the peer will tell; reopened
    '--r------r', // SYN+ACK: in a simultaneous open only
    '--ffllltx-', // FIN
    'e-eeccttx-', // ACK
    '-xxxxxxxxx', // RST
    '----------', // neither: never valid
  ],
  [
    '-2-----s-2', // SYN: simultaneous open; the roles exchanged after TIME_WAIT
    '-riiiiiiir', // SYN+ACK
    '--ffllltx-', // FIN
    '-ireccttxi', // ACK
    '-xxxxxxxxx', // RST
    '----------', // neither: never valid
  ],
];
const LETTERS = '.srefcltx2-i';
/** {@link TABLE} as numbers: index (direction × 6 + kind) × 10 + state. */
const NEXT: readonly number[] = TABLE.flat().flatMap((row) =>
  [...row].map((c) => LETTERS.indexOf(c)),
);

/** Seconds within which a connection is over soon enough. */
const SOON = 120;
const EXP_CHALLENGE_ACK = 0x40;
const SIMULTANEOUS_OPEN = 0x80;

/** What is kept of a connection beside its state. `struct ip_ct_tcp` */
export class TcpTrack {
  seen: [Side, Side] = [new Side(), new Side()];
  lastDir = 0;
  lastIndex: number = NONE_SET;
  lastSeq = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWin = 0;
  lastWscale = 0;
  lastFlags = 0;
  retrans = 0;
}

/** What a tracker says of a packet. */
export type Tracked =
  /** It belongs to the connection. */
  | 'accept'
  /** It may, and neither counts nor prolongs it. */
  | 'uncounted'
  /** It is INVALID. */
  | 'invalid'
  /** The connection was over: forget it and look the packet up again. */
  | 'repeat'
  /** It is accepted and the connection is to be forgotten. */
  | 'kill';

/** How far sequence numbers were moved by NAT helpers, for what is acknowledged in a direction. `nf_ct_seq_offset()` */
export type SeqOffset = (ct: NfConn, dir: 0 | 1, seq: number) => number;

/** Tracks TCP in one namespace. */
export class TcpTracker {
  readonly #conf: () => ConntrackConf;
  readonly #seqOffset: SeqOffset;
  readonly #refresh: (ct: NfConn, seconds: number) => void;
  readonly #secondsLeft: (ct: NfConn) => number;

  /**
   * @param refresh called with the seconds that a connection now has
   * @param secondsLeft what it has left of them
   */
  constructor(
    conf: () => ConntrackConf,
    seqOffset: SeqOffset,
    refresh: (ct: NfConn, seconds: number) => void,
    secondsLeft: (ct: NfConn) => number,
  ) {
    this.#conf = conf;
    this.#seqOffset = seqOffset;
    this.#refresh = refresh;
    this.#secondsLeft = secondsLeft;
  }

  /** Seconds of a state, by number; RETRANS and UNACK are apart. */
  #timeout(state: number): number {
    const c = this.#conf();
    switch (state) {
      case TCP_CT_SYN_RECV:
        return c.tcp_timeout_syn_recv;
      case TCP_CT_ESTABLISHED:
        return c.tcp_timeout_established;
      case TCP_CT_FIN_WAIT:
        return c.tcp_timeout_fin_wait;
      case TCP_CT_CLOSE_WAIT:
        return c.tcp_timeout_close_wait;
      case TCP_CT_LAST_ACK:
        return c.tcp_timeout_last_ack;
      case TCP_CT_TIME_WAIT:
        return c.tcp_timeout_time_wait;
      case TCP_CT_CLOSE:
        return c.tcp_timeout_close;
      default:
        return c.tcp_timeout_syn_sent;
    }
  }

  /** The first segment of a connection. `tcp_new()` @returns whether one can begin so */
  #begin(ct: NfConn, skb: SkBuff, th: number): boolean {
    const state = NEXT[seg.index * 10] as number;
    if (state >= INVALID) return false;
    const track = new TcpTrack();
    const [us, them] = track.seen;
    us.tdEnd = seg.end;
    us.tdMaxwin = seg.win === 0 ? 1 : seg.win;
    if (state === TCP_CT_SYN_SENT) {
      us.tdMaxend = us.tdEnd;
      readOptions(skb, th, us);
    } else {
      if (this.#conf().tcp_loose === 0) return false;
      us.tdMaxend = (us.tdEnd + us.tdMaxwin) >>> 0;
      us.flags = F_SACK_PERM | F_BE_LIBERAL;
      them.flags = us.flags;
    }
    ct.proto = track;
    ct.protoState = TCP_CT_NONE;
    return true;
  }

  /** Looks at a segment of a connection whose header is at `th`. `nf_conntrack_tcp_packet()` */
  packet(ct: NfConn, dir: 0 | 1, skb: SkBuff, th: number): Tracked {
    if (!seg.read(skb, th)) return 'invalid';
    if ((ct.status & IPS_CONFIRMED) === 0 && ct.proto === null && !this.#begin(ct, skb, th))
      return 'invalid';
    const track = ct.proto as TcpTrack;
    let from = ct.protoState;
    let to = NEXT[(dir * 6 + seg.index) * 10 + from] as number;
    let inWindow = false;
    if (to === TCP_CT_SYN_SENT && from >= TCP_CT_TIME_WAIT) {
      if (this.#isReopened(track, dir)) return 'repeat';
      to = IGNORE;
    }
    if (to === IGNORE) {
      if (!acknowledgesIgnoredSyn(track, dir)) {
        annotateIgnored(track, dir, from, skb, th);
        return 'uncounted';
      }
      resync(track, dir);
      from = TCP_CT_SYN_SENT;
      to = TCP_CT_SYN_RECV;
    } else if (to === INVALID) return 'invalid';
    else if (to === TCP_CT_TIME_WAIT && isChallengeAck(track, dir, from)) {
      track.lastFlags &= ~EXP_CHALLENGE_ACK;
      return 'uncounted';
    } else if (to === TCP_CT_SYN_SENT2) track.lastFlags |= SIMULTANEOUS_OPEN;
    else if (to === TCP_CT_SYN_RECV) {
      const open = (track.lastFlags & SIMULTANEOUS_OPEN) !== 0;
      if (dir === 1 && seg.index === ACK_SET && open) to = TCP_CT_ESTABLISHED;
    } else if (to === TCP_CT_CLOSE && seg.index === RST_SET) {
      const rst = this.#judgeReset(ct, track, dir, from);
      if (rst === 'invalid') return 'invalid';
      if (rst === 'keep') to = from;
      inWindow = rst === 'in window';
    }
    if (!inWindow) {
      const verdict = this.#inWindow(ct, track, dir, skb, th);
      if (verdict === 'ignore') return 'uncounted';
      if (verdict === 'invalid') {
        this.#noteInvalidEnd(ct, track, dir);
        return 'invalid';
      }
    }
    return this.#advance(ct, track, dir, from, to);
  }

  /** Whether a SYN opens anew what was closed or reset. */
  #isReopened(track: TcpTrack, dir: 0 | 1): boolean {
    const flags = track.seen[0].flags | track.seen[1].flags;
    return (flags & F_CLOSE_INIT) !== 0 || (track.lastDir === dir && track.lastIndex === RST_SET);
  }

  #judgeReset(
    ct: NfConn,
    track: TcpTrack,
    dir: 0 | 1,
    from: number,
  ): 'close' | 'invalid' | 'keep' | 'in window' {
    if (canEarlyDrop(from)) return 'in window'; // it is about to go anyway
    const peer = track.seen[dir === 0 ? 1 : 0];
    let keep = false;
    if ((peer.flags & F_MAXACK_SET) !== 0 && track.lastIndex !== SYN_SET) {
      const established = from === TCP_CT_ESTABLISHED && (ct.status & IPS_ASSURED) !== 0;
      if (seg.seq === 0 && !established) return 'close';
      if (before(seg.seq, peer.tdMaxack) && this.#conf().tcp_ignore_invalid_rst === 0)
        return 'invalid';
      if (!established || seg.seq === peer.tdMaxack) return 'close';
      if (track.lastIndex === ACK_SET && track.lastDir === dir && seg.seq === track.lastEnd)
        return 'close';
      keep = true; // it may be answered by a challenge ACK
    }
    const afterSyn = track.lastIndex === SYN_SET && track.lastDir !== dir;
    const toIgnoredSyn = (ct.status & IPS_SEEN_REPLY) !== 0 && afterSyn;
    const toIgnoredAck = (ct.status & IPS_ASSURED) === 0 && track.lastIndex === ACK_SET;
    if ((toIgnoredSyn || toIgnoredAck) && seg.ack === track.lastEnd) return 'in window';
    // the answer to a challenge ACK that was let through
    const challenged =
      from === TCP_CT_SYN_SENT && track.lastIndex === ACK_SET && track.lastDir === 1;
    if (challenged && seg.seq === track.lastAck) return 'in window';
    return keep ? 'keep' : 'close';
  }

  /** `tcp_in_window()` */
  #inWindow(
    ct: NfConn,
    track: TcpTrack,
    dir: 0 | 1,
    skb: SkBuff,
    th: number,
  ): 'accept' | 'ignore' | 'invalid' {
    const sender = track.seen[dir];
    const receiver = track.seen[dir === 0 ? 1 : 0];
    const hasAck = (seg.flags & ACK) !== 0;
    const isSyn = (seg.flags & SYN) !== 0;
    let { seq, end } = seg;
    let sack = (receiver.flags & F_SACK_PERM) !== 0 ? sackOf(skb, th, seg.ack) : seg.ack;
    const moved = this.#seqOffset(ct, dir === 0 ? 1 : 0, (seg.ack - 1) >>> 0);
    let ack = (seg.ack - moved) >>> 0;
    sack = (sack - moved) >>> 0;
    if (sender.tdMaxwin === 0) {
      if (isSyn) {
        initSender(sender, receiver, skb, th, dir);
        if (!hasAck) return 'accept';
      } else pickUpSender(sender, receiver, sack);
    } else if (
      isSyn &&
      after(end, sender.tdEnd) &&
      (ct.protoState === TCP_CT_SYN_SENT || ct.protoState === TCP_CT_SYN_RECV)
    ) {
      initSender(sender, receiver, skb, th, dir);
      if (dir === 1 && !hasAck) return 'accept';
    }
    if (!hasAck || ((seg.flags & RST) !== 0 && ack === 0)) {
      ack = receiver.tdEnd;
      sack = ack;
    }
    if ((seg.flags & RST) !== 0 && seq === 0 && ct.protoState === TCP_CT_SYN_SENT) {
      seq = sender.tdEnd;
      end = seq;
    }
    const verdict = judgeWindow(sender, receiver, seq, end, sack);
    if (verdict !== 'accept') {
      const liberal = (sender.flags & F_BE_LIBERAL) !== 0 || this.#conf().tcp_be_liberal !== 0;
      return liberal ? 'accept' : verdict;
    }
    updateWindow(sender, receiver, end, ack, sack, isSyn, hasAck);
    if (seg.index === ACK_SET) countRetransmission(track, dir, seq, ack, end);
    return 'accept';
  }

  /**
   * Both sides of an assured connection say, out of their windows, that it ends: they know better, and it is kept for
   * no longer than what nobody acknowledges. `nf_tcp_handle_invalid()`
   */
  #noteInvalidEnd(ct: NfConn, track: TcpTrack, dir: 0 | 1): void {
    if ((ct.status & IPS_ASSURED) === 0 || (ct.status & IPS_FIXED_TIMEOUT) !== 0) return;
    if (seg.index !== RST_SET && seg.index !== FIN_SET) return;
    const ended = track.lastIndex === FIN_SET || track.lastIndex === RST_SET;
    if (track.lastDir === dir || !ended) {
      track.lastIndex = seg.index;
      track.lastDir = dir;
      return;
    }
    const left = this.#secondsLeft(ct);
    const seconds = this.#conf().tcp_timeout_unacknowledged;
    if (left >= SOON && left > seconds) this.#refresh(ct, seconds);
  }

  #advance(ct: NfConn, track: TcpTrack, dir: 0 | 1, from: number, to: number): Tracked {
    track.lastIndex = seg.index;
    track.lastDir = dir;
    ct.protoState = to;
    if (from !== to && to === TCP_CT_FIN_WAIT) track.seen[dir].flags |= F_CLOSE_INIT;
    let seconds = this.#secondsFor(track, to);
    if ((ct.status & IPS_SEEN_REPLY) === 0) {
      if ((seg.flags & RST) !== 0) return 'kill';
      if (seg.index === SYN_SET && from === TCP_CT_SYN_SENT) return 'uncounted';
      if (to === TCP_CT_ESTABLISHED)
        seconds = Math.min(seconds, this.#conf().tcp_timeout_unacknowledged);
    } else if (
      to === TCP_CT_ESTABLISHED &&
      (from === TCP_CT_SYN_RECV || from === TCP_CT_ESTABLISHED)
    ) {
      ct.status |= IPS_ASSURED;
    }
    this.#refresh(ct, seconds);
    return 'accept';
  }

  #secondsFor(track: TcpTrack, to: number): number {
    const c = this.#conf();
    const usual = this.#timeout(to);
    if (track.retrans >= c.tcp_max_retrans && usual > c.tcp_timeout_max_retrans)
      return c.tcp_timeout_max_retrans;
    if (seg.index === RST_SET) return c.tcp_timeout_close;
    const unacked = ((track.seen[0].flags | track.seen[1].flags) & F_DATA_UNACKNOWLEDGED) !== 0;
    if (unacked && usual > c.tcp_timeout_unacknowledged) return c.tcp_timeout_unacknowledged;
    if (track.lastWin === 0 && usual > c.tcp_timeout_max_retrans) return c.tcp_timeout_max_retrans;
    return usual;
  }
}

/** Whether a connection in this state may be dropped to make room. `tcp_can_early_drop()` */
export function canEarlyDrop(state: number): boolean {
  return (
    state === TCP_CT_FIN_WAIT ||
    state === TCP_CT_LAST_ACK ||
    state === TCP_CT_TIME_WAIT ||
    state === TCP_CT_CLOSE ||
    state === TCP_CT_CLOSE_WAIT
  );
}

function acknowledgesIgnoredSyn(track: TcpTrack, dir: number): boolean {
  return (
    seg.index === SYNACK_SET &&
    track.lastIndex === SYN_SET &&
    track.lastDir !== dir &&
    seg.ack === track.lastEnd
  );
}

/** Both ends agree on a SYN that was let through without belief: believe it now. */
function resync(track: TcpTrack, dir: 0 | 1): void {
  const side = track.seen[track.lastDir as 0 | 1];
  side.tdEnd = track.lastEnd;
  side.tdMaxend = track.lastEnd;
  side.tdMaxwin = track.lastWin === 0 ? 1 : track.lastWin;
  side.tdScale = track.lastWscale;
  track.lastFlags &= ~EXP_CHALLENGE_ACK;
  side.flags = track.lastFlags;
  const liberal = track.seen[dir].flags & F_BE_LIBERAL;
  track.seen[dir] = new Side();
  track.seen[dir].flags = liberal;
}

/** Notes a segment that may or may not be right, so that the answer can be understood. */
function annotateIgnored(
  track: TcpTrack,
  dir: number,
  from: number,
  skb: SkBuff,
  th: number,
): void {
  track.lastIndex = seg.index;
  track.lastDir = dir;
  track.lastSeq = seg.seq;
  track.lastEnd = seg.end;
  track.lastWin = seg.win;
  if (seg.index === SYN_SET && dir === 0) {
    const options = { tdScale: 0, flags: 0 };
    readOptions(skb, th, options);
    track.lastWscale = options.tdScale;
    track.lastFlags = options.flags | (from === TCP_CT_LAST_ACK ? EXP_CHALLENGE_ACK : 0);
  }
  if (from === TCP_CT_SYN_SENT && seg.index === ACK_SET && dir === 1) track.lastAck = seg.ack;
}

/** RFC 5961: an ACK that answers a stray SYN does not acknowledge the last FIN. */
function isChallengeAck(track: TcpTrack, dir: number, from: number): boolean {
  return (
    from === TCP_CT_LAST_ACK &&
    seg.index === ACK_SET &&
    track.lastDir !== dir &&
    track.lastIndex === SYN_SET &&
    (track.lastFlags & EXP_CHALLENGE_ACK) !== 0
  );
}

function countRetransmission(
  track: TcpTrack,
  dir: number,
  seq: number,
  ack: number,
  end: number,
): void {
  const same =
    track.lastDir === dir &&
    track.lastSeq === seq &&
    track.lastAck === ack &&
    track.lastEnd === end &&
    track.lastWin === seg.win;
  if (same) track.retrans++;
  else {
    track.lastDir = dir;
    track.lastSeq = seq;
    track.lastAck = ack;
    track.lastEnd = end;
    track.lastWin = seg.win;
    track.retrans = 0;
  }
}
