import {
  type Bits,
  bitNames,
  type Dissector,
  hexNumber,
  type IpContext,
  internetSum,
  shouldBe,
} from '../base/index.ts';
import { endpoints, ipAddresses, pseudoSum } from '../ip/index.ts';
import { tcpOptions } from './tcp-options.ts';
import { tcpPayload } from './tcp-payload.ts';

const FLAGS: Bits = [
  [0x01, 'F'],
  [0x02, 'S'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x10, '.'],
  [0x20, 'U'],
  [0x40, 'E'],
  [0x80, 'W'],
];
const SYN_FIN_RST = 0x07;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const URG = 0x20;
const HEADER = 20;
/** Bytes of a reset's text that are shown. */
const MAX_RST = 30;

interface Relative {
  readonly seq: number;
  readonly ack: number;
  /** What SACK blocks are shown relative to. */
  readonly sackBase: number;
}

/** Sequence numbers count from the first ones seen of a connection. */
function relative(d: Dissector, off: number, ip: IpContext, flags: number): Relative {
  const [seq, ack] = [d.u32(off + 4), d.u32(off + 8)];
  if (d.o.absoluteSeq || (flags & ACK) === 0) return { seq, ack, sackBase: 0 };
  const [sport, dport] = [d.u16(off), d.u16(off + 2)];
  const [src, dst] =
    ip.version === 4
      ? [d.hex(ip.off + 12, 4), d.hex(ip.off + 16, 4)]
      : [d.hex(ip.off + 8, 16), d.hex(ip.off + 24, 16)];
  const reverse = sport > dport || (sport === dport && src > dst);
  const key = reverse ? `${dst} ${src} ${dport} ${sport}` : `${src} ${dst} ${sport} ${dport}`;
  const known = d.seqs.get(key);
  if (known === undefined || (flags & SYN) !== 0) {
    const base = reverse ? { ack: seq, seq: (ack - 1) >>> 0 } : { seq, ack: (ack - 1) >>> 0 };
    d.seqs.set(key, base);
    return { seq, ack, sackBase: reverse ? base.seq : base.ack };
  }
  return reverse
    ? { seq: (seq - known.ack) >>> 0, ack: (ack - known.seq) >>> 0, sackBase: known.seq }
    : { seq: (seq - known.seq) >>> 0, ack: (ack - known.ack) >>> 0, sackBase: known.ack };
}

/** Prints a TCP segment. print-tcp.c */
export function tcpPrint(d: Dissector, off: number, whole: number, ip: IpContext): void {
  d.protocol = 'tcp';
  if (!d.has(off + 2, 2)) {
    const [src, dst] = ipAddresses(d, ip);
    d.print(`${src} > ${dst}:`);
    d.trunc();
    return;
  }
  endpoints(d, ip, 'tcp', d.u16(off), d.u16(off + 2));
  if (!d.has(off, HEADER)) {
    d.trunc();
    return;
  }
  const hlen = (d.u8(off + 12) >> 4) * 4;
  if (hlen < HEADER) {
    d.print(` tcp ${(whole - hlen) >>> 0} [bad hdr length ${hlen} - too short, < ${HEADER}]`);
    return;
  }
  const tooLong = ` [bad hdr length ${hlen} - too long, > ${whole}]`;
  if (d.o.quiet) {
    d.print(`tcp ${(whole - hlen) >>> 0}${hlen > whole ? tooLong : ''}`);
    return;
  }
  const flags = d.u8(off + 13);
  d.print(`Flags [${bitNames(FLAGS, flags, '')}]`);
  const numbers = relative(d, off, ip, flags);
  if (hlen > whole) d.print(tooLong);
  else segment(d, off, whole, ip, numbers);
}

function segment(d: Dissector, off: number, whole: number, ip: IpContext, n: Relative): void {
  const hlen = (d.u8(off + 12) >> 4) * 4;
  const flags = d.u8(off + 13);
  const length = whole - hlen;
  if (d.o.verbose > 0 && !d.o.noChecksums && !ip.fragmented && d.has(off, whole))
    checksumText(d, off, whole, ip);
  if (d.o.verbose > 1 || length > 0 || (flags & SYN_FIN_RST) !== 0)
    d.print(`, seq ${n.seq}${length > 0 ? `:${(n.seq + length) >>> 0}` : ''}`);
  if ((flags & ACK) !== 0) d.print(`, ack ${n.ack}`);
  d.print(`, win ${d.u16(off + 14)}`);
  if ((flags & URG) !== 0) d.print(`, urg ${d.u16(off + 18)}`);
  if (hlen > HEADER) {
    const outcome = tcpOptions(d, off + HEADER, hlen - HEADER, {
      sackBase: n.sackBase,
      flags,
      payload: length,
      header: off,
    });
    if (outcome !== undefined) {
      d.print(outcome);
      return;
    }
  }
  d.print(`, length ${length}`);
  if (length === 0) return;
  if (!d.has(off, hlen)) {
    d.print(` [remaining caplen(${d.left(off)}) < header length(${hlen})]`);
    d.need(off, hlen);
  }
  if ((flags & RST) !== 0 && d.o.verbose > 0) resetText(d, off + hlen, length);
  else tcpPayload(d, off + hlen, length, d.u16(off), d.u16(off + 2));
}

function checksumText(d: Dissector, off: number, whole: number, ip: IpContext): void {
  const sum = internetSum(d.buf, off, whole, pseudoSum(d, ip, 6, whole));
  const field = d.u16(off + 16);
  d.print(
    `, cksum 0x${hexNumber(field, 4)} (${sum === 0 ? 'correct' : `incorrect -> 0x${hexNumber(shouldBe(field, sum), 4)}`})`,
  );
}

/** What a reset says. RFC 1122 section 4.2.2.12 */
function resetText(d: Dissector, at: number, length: number): void {
  d.print(`${d.has(at, length) ? ' [RST' : ' [!RST'}${length > MAX_RST ? '+' : ''} `);
  d.printn(at, Math.min(length, MAX_RST));
  d.print(']');
}
