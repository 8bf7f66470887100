import { get8, getU32, put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb, CHECKSUM_UNNECESSARY, type SkBuff } from '@labwire/core/skb';
import { readTcp, TCP_MIN_HLEN, TCPHDR_ACK, writeTcp } from '@labwire/core/wire';
import type { SegmentText } from './script.ts';

const HEADER = 20;

/** Where both sides' numbers start, and which ports they have. */
export interface Numbering {
  /** ISN of the stack under test; its TSval is told as it is. */
  iss: number;
  /** ISN of the script. */
  irs: number;
  localPort: number;
  remotePort: number;
}

function writeOptions(
  buf: Uint8Array,
  off: number,
  options: readonly string[],
  n: Numbering,
): number {
  let at = off;
  for (const option of options) {
    const [name, ...args] = option.trim().split(/\s+/);
    switch (name) {
      case 'nop':
        put8(buf, at, 1);
        at += 1;
        break;
      case 'mss':
        put16(buf, at, 0x0204);
        put16(buf, at + 2, Number(args[0]));
        at += 4;
        break;
      case 'sackOK':
        put16(buf, at, 0x0402);
        at += 2;
        break;
      case 'wscale':
        put16(buf, at, 0x0303);
        put8(buf, at + 2, Number(args[0]));
        at += 3;
        break;
      case 'TS':
        put16(buf, at, 0x080a);
        put32(buf, at + 2, Number(args[1]));
        put32(buf, at + 6, Number(args[3]));
        at += 10;
        break;
      case 'sack': {
        put8(buf, at, 5);
        put8(buf, at + 1, 2 + 8 * args.length);
        at += 2;
        for (const block of args) {
          for (const edge of block.split(':')) {
            put32(buf, at, (Number(edge) + n.iss) | 0);
            at += 4;
          }
        }
        break;
      }
      default:
        throw new Error(`no such option: ${option}`);
    }
  }
  while ((at - off) % 4 !== 0) put8(buf, at++, 0);
  return at - off;
}

/** The byte at a relative sequence number of the script's stream. */
export function textByte(seq: number): number {
  return (seq * 7 + (seq >> 8)) & 0xff;
}

/** Makes an skb of a script's segment, as it comes from IP: `data` at TCP, `nh` at the address header. */
export function buildSegment(s: SegmentText, n: Numbering, saddr: number, daddr: number): SkBuff {
  const skb = allocSkb(HEADER + 60 + s.len);
  const ip = skb.put(HEADER + 60 + s.len);
  const tcp = ip + HEADER;
  skb.buf.fill(0x5a, ip, skb.tail);
  put32(skb.buf, ip + 12, saddr);
  put32(skb.buf, ip + 16, daddr);
  const hlen = TCP_MIN_HLEN + writeOptions(skb.buf, tcp + TCP_MIN_HLEN, s.options ?? [], n);
  writeTcp(skb.buf, tcp, {
    sport: n.remotePort,
    dport: n.localPort,
    seq: (s.seq + n.irs) >>> 0,
    ack: s.ack === undefined ? 0 : (s.ack + n.iss) >>> 0,
    hlen,
    flags: s.flags,
    window: s.win ?? 65_535,
    check: 0,
    urgPtr: 0,
  });
  for (let i = 0; i < s.len; i++) put8(skb.buf, tcp + hlen + i, textByte(s.seq + i));
  skb.nh = ip;
  skb.data = tcp;
  skb.th = tcp;
  skb.tail = tcp + hlen + s.len;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  return skb;
}

function readOptions(buf: Uint8Array, off: number, end: number, n: Numbering): string[] {
  const out: string[] = [];
  for (let at = off; at < end; ) {
    const kind = get8(buf, at);
    if (kind === 0) break;
    if (kind === 1) {
      out.push('nop');
      at++;
      continue;
    }
    out.push(readOption(buf, at, kind, n));
    at += get8(buf, at + 1);
  }
  return out;
}

function readOption(buf: Uint8Array, at: number, kind: number, n: Numbering): string {
  const relative = (off: number) => (getU32(buf, off) - n.irs) | 0;
  switch (kind) {
    case 2:
      return `mss ${(get8(buf, at + 2) << 8) | get8(buf, at + 3)}`;
    case 3:
      return `wscale ${get8(buf, at + 2)}`;
    case 4:
      return 'sackOK';
    case 5: {
      const blocks = (get8(buf, at + 1) - 2) / 8;
      const text = (i: number) => `${relative(at + 2 + 8 * i)}:${relative(at + 6 + 8 * i)}`;
      return `sack ${Array.from({ length: blocks }, (_, i) => text(i)).join(' ')}`;
    }
    case 8:
      return `TS ecr ${getU32(buf, at + 6)}`;
    default:
      return `kind ${kind}`;
  }
}

/** Reads what the stack under test sends; a timestamp shows its echo alone. */
export function readSegment(skb: SkBuff, n: Numbering): SegmentText {
  const t = readTcp(skb.buf, skb.th);
  const ours = (t.seq - n.iss) | 0;
  return {
    flags: t.flags,
    seq: t.seq === 0 && (t.flags & TCPHDR_ACK) !== 0 && n.iss !== 0 ? 0 : ours,
    len: skb.tail - skb.th - t.hlen,
    ack: (t.flags & TCPHDR_ACK) === 0 ? undefined : (t.ack - n.irs) | 0,
    win: t.window,
    options: readOptions(skb.buf, skb.th + TCP_MIN_HLEN, skb.th + t.hlen, n),
  };
}
