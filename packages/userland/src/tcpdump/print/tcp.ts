import { bitNames, type Dissector, type IpContext, internetSum, shouldBe } from './dissector.ts';
import { dnsPrint } from './dns.ts';
import { endpoints, pseudoSum } from './ip-header.ts';

const FLAGS = [
  [0x01, 'F'],
  [0x02, 'S'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x10, '.'],
  [0x20, 'U'],
  [0x40, 'E'],
  [0x80, 'W'],
] as const;
const OPTIONS: Readonly<Record<number, string>> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  14: 'scps',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
};
const SYN_FIN_RST = 0x07;
const SYN = 0x02;
const ACK = 0x10;
const URG = 0x20;
const HTTP_PORTS: readonly number[] = [80, 8080, 3128];

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
  const [sport, dport] = [d.u16(off), d.u16(off + 2)];
  endpoints(d, ip, 'tcp', sport, dport);
  d.need(off, 20);
  const hlen = (d.u8(off + 12) >> 4) * 4;
  if (hlen < 20) {
    d.print(` tcp ${whole - hlen} [bad hdr length ${hlen} - too short, < 20]`);
    return;
  }
  if (d.o.quiet) {
    d.print(`tcp ${whole - hlen}`);
    if (hlen > whole) d.print(` [bad hdr length ${hlen} - too long, > ${whole}]`);
    return;
  }
  const flags = d.u8(off + 13);
  d.print(`Flags [${bitNames(FLAGS, flags, '')}]`);
  const { seq, ack, sackBase } = relative(d, off, ip, flags);
  if (hlen > whole) {
    d.print(` [bad hdr length ${hlen} - too long, > ${whole}]`);
    return;
  }
  if (d.o.verbose > 0 && !d.o.noChecksums && !ip.fragmented && d.has(off, whole))
    checksumText(d, off, whole, ip);
  const length = whole - hlen;
  if (d.o.verbose > 1 || length > 0 || (flags & SYN_FIN_RST) !== 0)
    d.print(`, seq ${seq}${length > 0 ? `:${(seq + length) >>> 0}` : ''}`);
  if ((flags & ACK) !== 0) d.print(`, ack ${ack}`);
  d.print(`, win ${d.u16(off + 14)}`);
  if ((flags & URG) !== 0) d.print(`, urg ${d.u16(off + 18)}`);
  if (hlen > 20 && !options(d, off + 20, hlen - 20, sackBase)) return;
  d.print(`, length ${length}`);
  if (length > 0) payload(d, off + hlen, length, sport, dport, flags);
}

function checksumText(d: Dissector, off: number, whole: number, ip: IpContext): void {
  const sum = internetSum(d.buf, off, whole, pseudoSum(d, ip, 6, whole));
  const field = d.u16(off + 16);
  const hex = (v: number) => `0x${v.toString(16).padStart(4, '0')}`;
  d.print(
    `, cksum ${hex(field)} (${sum === 0 ? 'correct' : `incorrect -> ${hex(shouldBe(field, sum))}`})`,
  );
}

/** @returns whether the options are well-formed */
function options(d: Dissector, start: number, total: number, sackBase: number): boolean {
  d.print(', options [');
  let left = total;
  let at = start;
  let first = true;
  while (left > 0) {
    if (!first) d.print(',');
    first = false;
    const kind = d.u8(at);
    const length = kind < 2 ? 1 : d.u8(at + 1);
    if (kind >= 2 && (length < 2 || length > left)) {
      d.print('[bad opt]]');
      return false;
    }
    d.print(OPTIONS[kind] ?? `unknown-${kind}`);
    d.print(optionValue(d, kind, at + 2, length - 2, sackBase));
    at += length;
    left -= length;
    if (kind === 0) break;
  }
  d.print(']');
  return true;
}

function optionValue(
  d: Dissector,
  kind: number,
  at: number,
  length: number,
  sackBase: number,
): string {
  switch (kind) {
    case 0:
    case 1:
    case 4:
      return '';
    case 2:
      return ` ${d.u16(at)}${length === 2 ? '' : `[len ${length + 2}]`}`;
    case 3:
      return ` ${d.u8(at)}${length === 1 ? '' : `[len ${length + 2}]`}`;
    case 5: {
      if (length % 8 !== 0) return ' invalid sack';
      let text = ` ${length / 8} `;
      for (let i = 0; i < length; i += 8)
        text += `{${(d.u32(at + i) - sackBase) >>> 0}:${(d.u32(at + i + 4) - sackBase) >>> 0}}`;
      return text;
    }
    case 8:
      return ` val ${d.u32(at)} ecr ${d.u32(at + 4)}`;
    default:
      return length > 0 ? ` 0x${d.hex(at, length)}` : '';
  }
}

function payload(
  d: Dissector,
  off: number,
  length: number,
  sport: number,
  dport: number,
  flags: number,
): void {
  if ((flags & 0x04) !== 0 && d.o.verbose > 0) {
    d.print(` [RST${length > 30 ? '+' : ''} ${d.chars(off, Math.min(length, 30))}]`);
    return;
  }
  if (HTTP_PORTS.includes(sport) || HTTP_PORTS.includes(dport)) {
    d.print(': ');
    httpPrint(d, off, length);
  } else if (sport === 25 || dport === 25) {
    d.print(': ');
    textPrint(d, off, length, 'SMTP', true);
  } else if (sport === 53 || dport === 53) dnsPrint(d, off, length, true);
}

const METHODS =
  /^(?:GET|PUT|COPY|HEAD|LOCK|MOVE|POLL|POST|BCOPY|BMOVE|MKCOL|TRACE|LABEL|MERGE|DELETE|SEARCH|UNLOCK|REPORT|UPDATE|NOTIFY|BDELETE|CONNECT|OPTIONS|CHECKIN|PROPFIND|CHECKOUT|CCM_POST|SUBSCRIBE|PROPPATCH|BPROPFIND|BPROPPATCH|UNCHECKOUT|MKACTIVITY|MKWORKSPACE|UNSUBSCRIBE|RPC_CONNECT|VERSION-CONTROL|BASELINE-CONTROL)\s/i;

/** The name of the protocol, then the first line, or under -v all printable lines. util-print.c, txtproto_print() */
function textPrint(d: Dissector, off: number, length: number, name: string, known: boolean): void {
  d.print(name);
  if (!known) return;
  const text = latin1(d, off, length);
  if (d.o.verbose === 0) {
    const line = textLine(text, 0);
    if (line !== undefined) d.print(`: ${line.text}`);
    return;
  }
  d.print(`, length: ${length}`);
  for (let at = 0; at < text.length; ) {
    const line = textLine(text, at);
    if (line === undefined) return;
    d.print(`\n\t${line.text}`);
    at = line.next;
  }
}

/** One printable line; undefined if something unprintable is in it. print_txt_line() */
function textLine(text: string, from: number): { text: string; next: number } | undefined {
  const m = /^([\t\x20-\x7e]*)(\r?\n)?/.exec(text.slice(from)) as RegExpExecArray;
  const next = from + m[0].length;
  if (m[2] === undefined && next < text.length) return undefined;
  return { text: m[1] as string, next };
}

function httpPrint(d: Dissector, off: number, length: number): void {
  const text = latin1(d, off, length);
  textPrint(d, off, length, 'HTTP', METHODS.test(text) || /^\S+\s+\d{3}(?:\s|$)/.test(text));
}

function latin1(d: Dissector, off: number, length: number): string {
  const end = Math.min(off + length, d.end);
  let text = '';
  for (let i = off; i < end; i++) text += String.fromCharCode(d.buf[i] as number);
  return text;
}
