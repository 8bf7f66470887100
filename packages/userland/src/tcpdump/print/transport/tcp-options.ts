import { type Dissector, hexNumber, type Names } from '../base/index.ts';
import { mptcpPrint } from './mptcp.ts';

const EOL = 0;
const NOP = 1;
const MD5_LENGTH = 16;
const FAST_OPEN_MAGIC = 0xf989;
const OPTIONS: Names = {
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
  13: '',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

/** The segment that the options are of. */
export interface Segment {
  /** What SACK blocks are shown relative to. */
  readonly sackBase: number;
  readonly flags: number;
  /** Bytes of data. */
  readonly payload: number;
  /** Where the TCP header is. */
  readonly header: number;
}

/** Options that hold less than their kind must, or more than the header has left. */
class BadOption extends Error {}
/** Options that were not captured. */
class CutOption extends Error {}

/** One option, its data checked as it is read. */
class Option {
  readonly d: Dissector;
  readonly kind: number;
  readonly at: number;
  /** Bytes of data, as the option says. */
  readonly size: number;
  /** Bytes that the header has left for it. */
  readonly room: number;
  /** Bytes of data that were read. */
  read: number;

  constructor(d: Dissector, kind: number, at: number, size: number, room: number) {
    this.d = d;
    this.kind = kind;
    this.at = at;
    this.size = size;
    this.room = room;
    this.read = 0;
  }

  /** Demands `n` bytes of data. LENCHECK() */
  check(n: number): void {
    if (n > this.room) throw new BadOption();
    if (!this.d.has(this.at, n)) throw new CutOption();
  }

  /** Demands so many bytes, which are all that will be read. */
  take(n: number): number {
    this.read = n;
    this.check(n);
    return this.at;
  }
}

/** Prints the options of a segment. print-tcp.c @returns what is to be said at the end if they are malformed */
export function tcpOptions(
  d: Dissector,
  start: number,
  total: number,
  s: Segment,
): string | undefined {
  d.print(', options [');
  let separator = '';
  try {
    for (let at = start, left = total; left > 0; ) {
      d.print(separator);
      const kind = d.u8(at);
      const bare = kind === EOL || kind === NOP;
      const length = bare ? 1 : d.u8(at + 1);
      if (!bare && (length < 2 || length > left)) throw new BadOption();
      const head = bare ? 1 : 2;
      const option = new Option(d, kind, at + head, length - head, left - head);
      d.print(OPTIONS[kind] ?? `unknown-${kind}`);
      optionPrint(option, s);
      const used = head + option.read;
      if (used !== length) d.print(`[len ${length}]`);
      at += used;
      left -= used;
      separator = ',';
      if (kind === EOL) break;
    }
  } catch (e) {
    if (e instanceof BadOption) return `[bad opt]${separator === '' ? '' : ']'}`;
    if (e instanceof CutOption) return ` [|tcp]${separator === '' ? '' : '>'}`;
    throw e;
  }
  d.print(']');
  return undefined;
}

function optionPrint(o: Option, s: Segment): void {
  const { d } = o;
  switch (o.kind) {
    case EOL:
    case NOP:
    case 4:
      return;
    case 2:
      d.print(` ${d.u16(o.take(2))}`);
      return;
    case 3:
      d.print(` ${d.u8(o.take(1))}`);
      return;
    case 5:
      sack(o, s.sackBase);
      return;
    case 6:
    case 7:
    case 11:
    case 12:
    case 13:
      d.print(` ${d.u32(o.take(4))}`);
      return;
    case 8: {
      const at = o.take(8);
      d.print(` val ${d.u32(at)} ecr ${d.u32(at + 4)}`);
      return;
    }
    case 19:
      md5(o, s);
      return;
    case 20: {
      const at = o.take(2);
      d.print(` cap ${hexNumber(d.u8(at), 2)} id ${d.u8(at + 1)}`);
      return;
    }
    case 28: {
      const value = d.u16(o.take(2));
      d.print(` 0x${hexNumber(value)} ${(value & 1) === 1 ? (value >> 1) * 60 : value >> 1}`);
      return;
    }
    case 29:
      authentication(o);
      return;
    case 30:
      multipath(o, s);
      return;
    case 34:
      o.take(o.size);
      d.print(' ');
      fastOpen(d, o.at, o.size);
      return;
    case 254:
      experiment(o);
      return;
    default:
      unknown(o);
  }
}

function sack(o: Option, base: number): void {
  const { d } = o;
  o.read = o.size;
  if (o.size % 8 !== 0) {
    d.print(' invalid sack');
    return;
  }
  d.print(` ${o.size / 8} `);
  for (let i = 0; i < o.size; i += 8) {
    o.check(i + 8);
    const [from, to] = [d.u32(o.at + i), d.u32(o.at + i + 4)];
    d.print(`{${(from - base) >>> 0}:${(to - base) >>> 0}}`);
  }
}

/** RFC 2385: a signature, which cannot be checked without the secret. */
function md5(o: Option, s: Segment): void {
  const { d } = o;
  const at = o.take(MD5_LENGTH);
  const data = s.header + (d.u8(s.header + 12) >> 4) * 4;
  d.print(
    d.has(data, s.payload) ? ' shared secret not supplied with -M, ' : ' snaplen too short, ',
  );
  d.print(`can't check - ${d.hex(at, MD5_LENGTH)}`);
}

/** RFC 5925 section 2.2 */
function authentication(o: Option): void {
  const { d } = o;
  o.read = o.size;
  if (o.size < 2) {
    d.invalid();
    return;
  }
  o.check(2);
  d.print(` keyid ${d.u8(o.at)} rnextkeyid ${d.u8(o.at + 1)}`);
  if (o.size === 2) return;
  d.print(' mac 0x');
  o.check(o.size);
  d.print(d.hex(o.at + 2, o.size - 2));
}

function multipath(o: Option, s: Segment): void {
  const { d } = o;
  o.take(o.size);
  const was = d.end;
  d.end = Math.min(o.at + o.size, was);
  const whole = mptcpPrint(d, o.at - 2, o.size + 2, s.flags);
  d.end = was;
  if (!whole) throw new BadOption();
}

/** RFC 7413 section 4.1.1 */
function fastOpen(d: Dissector, at: number, size: number): void {
  if (size === 0) d.print(' cookiereq');
  else if (size % 2 !== 0 || size < 4 || size > 16) d.invalid();
  else d.print(` cookie ${d.hex(at, size)}`);
}

/** RFC 6994 */
function experiment(o: Option): void {
  const { d } = o;
  o.take(o.size);
  if (o.size < 2) throw new BadOption();
  const magic = d.u16(o.at);
  d.print('-');
  if (magic !== FAST_OPEN_MAGIC) {
    d.print(hexNumber(magic, 4));
    return;
  }
  d.print('tfo');
  fastOpen(d, o.at + 2, o.size - 2);
}

function unknown(o: Option): void {
  const { d } = o;
  o.read = o.size;
  if (o.size > 0) d.print(' 0x');
  for (let i = 0; i < o.size; i++) {
    o.check(i + 1);
    d.print(hexNumber(d.u8(o.at + i), 2));
  }
}
