/** FTP: reads the control connection for the data connections that it announces. Linux net/netfilter/nf_conntrack_ftp.c, nf_nat_ftp.c */
import { get8, getU32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_TCP } from '@labwire/core/wire';
import type { Nat } from '../../nat/nat.ts';
import { NF_ACCEPT, NF_DROP } from '../../netfilter/xt/verdict.ts';
import type { InetAddr } from '../../rtnetlink/types.ts';
import type { Conntrack } from '../conntrack.ts';
import { IP_CT_ESTABLISHED, IP_CT_ESTABLISHED_REPLY, type NfConn } from '../nf-conn.ts';
import { sameAddr } from '../tuple.ts';
import { type FtpCommand, findFtpCommand, formatFtpCommand } from './ftp-commands.ts';
import { type Helper, NAT_MASK } from './helper.ts';

/** Seconds that a data connection may take to begin. */
const PATIENCE = 300;
/** Line ends that are remembered of a direction. NUM_SEQ_TO_REMEMBER */
const LINE_ENDS = 2;
const NEWLINE = 0x0a;

/** The sequence numbers behind the last line ends, by direction: only there can a command begin. */
class FtpTrack {
  readonly afterNewline: readonly [number[], number[]] = [[], []];
}

/** The helper named `ftp`. */
export class FtpHelper implements Helper {
  readonly name = 'ftp';
  readonly port = 21;
  readonly proto: number = IPPROTO_TCP;
  readonly #nat: () => Nat;
  readonly #tracks = new WeakMap<NfConn, FtpTrack>();

  constructor(nat: () => Nat) {
    this.#nat = nat;
  }

  help(tracking: Conntrack, ct: NfConn, dir: 0 | 1, skb: SkBuff, th: number): number {
    const { ctinfo, buf, tail } = skb;
    if (ctinfo !== IP_CT_ESTABLISHED && ctinfo !== IP_CT_ESTABLISHED_REPLY) return NF_ACCEPT;
    const data = th + (get8(buf, th + 12) >>> 4) * 4;
    if (data >= tail) return NF_ACCEPT;
    const seq = getU32(buf, th + 4);
    const ends = this.#track(ct).afterNewline[dir];
    const endsLine = get8(buf, tail - 1) === NEWLINE;
    const next = (seq + tail - data) >>> 0;
    const verdict = ends.includes(seq)
      ? this.#readCommand(tracking, ct, dir, skb, th, data)
      : NF_ACCEPT;
    if (endsLine && verdict === NF_ACCEPT && !ends.includes(next)) {
      ends.push(next);
      if (ends.length > LINE_ENDS) ends.shift();
    }
    return verdict;
  }

  #track(ct: NfConn): FtpTrack {
    let track = this.#tracks.get(ct);
    if (track === undefined) {
      track = new FtpTrack();
      this.#tracks.set(ct, track);
    }
    return track;
  }

  #readCommand(
    tracking: Conntrack,
    ct: NfConn,
    dir: 0 | 1,
    skb: SkBuff,
    th: number,
    data: number,
  ): number {
    const text = String.fromCharCode(...skb.buf.subarray(data, skb.tail));
    const command = findFtpCommand(dir, text);
    if (command === undefined) return NF_ACCEPT;
    if (command === 'partial') return NF_DROP;
    const own = ct.tuple(dir).src;
    if (command.addr !== undefined && !sameAddr(command.addr, own)) return NF_ACCEPT;
    if ((ct.status & NAT_MASK) === 0) {
      const { src, dst } = ct.tuple(dir === 0 ? 1 : 0);
      return this.#expect(tracking, ct, src, dst, command.port) ? NF_ACCEPT : NF_DROP;
    }
    return this.#translate(tracking, ct, dir, skb, th, data, command);
  }

  #expect(
    tracking: Conntrack,
    master: NfConn,
    src: InetAddr,
    dst: InetAddr,
    dport: number,
    onArrival?: (child: NfConn) => void,
  ): boolean {
    return tracking.expectations.add(
      {
        master,
        src,
        sport: undefined,
        dst,
        dport,
        proto: IPPROTO_TCP,
        permanent: false,
        helper: this.name,
        ...(onArrival === undefined ? {} : { onArrival }),
      },
      PATIENCE,
    );
  }

  /** `nf_nat_ftp()`: announces the outer place, and waits for the connection there. */
  #translate(
    tracking: Conntrack,
    ct: NfConn,
    dir: 0 | 1,
    skb: SkBuff,
    th: number,
    data: number,
    command: FtpCommand,
  ): number {
    const back = dir === 0 ? 1 : 0;
    const { src, dst } = ct.tuple(back);
    const nat = this.#nat();
    const follow = (child: NfConn): void => nat.followMaster(child, ct, back, command.port);
    let { port } = command;
    while (port <= 65_535 && !this.#expect(tracking, ct, src, dst, port, follow)) port++;
    if (port > 65_535) return NF_DROP;
    const words = formatFtpCommand(command.kind, dst, port);
    const done = nat.seqAdjust.replace(ct, dir, skb, th, data + command.at, command.length, words);
    return done ? NF_ACCEPT : NF_DROP;
  }
}
