import { get16, get32, pseudoSum, sum, toHex } from '../model/bytes.ts';
import { type Bytes, checksumAt, ICMP, ICMPV6, UDP } from '../model/ipv4.ts';

/** What may differ between two runs by a one-to-one renaming, or must be equal. */
export type FieldKind = 'exact' | 'port' | 'ipid' | 'seq' | 'tsval' | 'sums' | 'clock';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly value: number | string;
}

/** The fields of a frame, in order: checksums stand as what is wrong with them, so that what they cover may be renamed. */
export function dissect(frame: Bytes): Field[] {
  const fields: Field[] = [];
  const exact = (name: string, value: number | string): void => {
    fields.push({ name, kind: 'exact', value });
  };
  exact('eth', toHex(frame.subarray(0, 14)));
  const type = get16(frame, 12);
  const body = frame.subarray(14);
  if (type === 0x0800 && body.length >= 20) ipv4(body, fields, false);
  else if (type === 0x86dd && body.length >= 40) ipv6(body, fields, false);
  else exact('bytes', toHex(body));
  return fields;
}

type Put = Field[];

function add(out: Put, name: string, value: number | string, kind: FieldKind = 'exact'): void {
  out.push({ name, kind, value });
}

function ipv4(b: Bytes, out: Put, quoted: boolean): void {
  const hlen = ((b[0] as number) & 15) * 4;
  const frag = get16(b, 6);
  add(out, 'ip.head', toHex(b.subarray(0, 2)));
  add(out, 'ip.len', get16(b, 2));
  add(out, 'ip.id', get16(b, 4), 'ipid');
  add(out, 'ip.frag', frag);
  add(out, 'ip.ttl', b[8] as number);
  add(out, 'ip.proto', b[9] as number);
  add(out, 'ip.check', hlen <= b.length ? headerSums(b.slice(0, hlen)) : 'cut', 'sums');
  add(out, 'ip.addrs', toHex(b.subarray(12, 20)));
  ipOptions(b.subarray(20, hlen), out);
  const end = Math.max(hlen, Math.min(b.length, get16(b, 2)));
  const whole = (frag & 0x3fff) === 0 && get16(b, 2) <= b.length;
  const payload = b.subarray(hlen, end);
  if ((frag & 0x1fff) !== 0) add(out, 'fragment', toHex(payload));
  else transport(b[9] as number, payload, b.subarray(12, 20), whole && !quoted, out);
  add(out, 'trailer', toHex(b.subarray(end)));
}

/** What a header adds up to, and what without the last clock, the last two, …: one of them follows from no clock. */
function headerSums(b: Bytes): string {
  const options = b.subarray(20);
  const sums = [sum(b)];
  for (const at of writtenTimes(options).reverse()) {
    options.fill(0, at, at + 4);
    sums.push(sum(b));
  }
  return sums.join();
}

/** Where time stamps (RFC 781) stand that somebody has written into the options of an IPv4 header. */
function writtenTimes(b: Bytes): number[] {
  const times: number[] = [];
  for (let option = 0; option < b.length; option += stride(b, option)) {
    if (b[option] === 0) break;
    if (b[option] !== 68) continue;
    const addresses = ((b[option + 3] ?? 0) & 15) === 0 ? 0 : 4;
    const written = option + (b[option + 2] ?? 0);
    for (let at = option + 4 + addresses; at < b.length && at + 4 < written; at += 4 + addresses)
      times.push(at);
  }
  return times;
}

const stride = (b: Bytes, option: number): number =>
  b[option] === 1 ? 1 : Math.max(2, b[option + 1] ?? 2);

/** Options of an IPv4 header; of time stamps that are written the clocks apart. */
function ipOptions(b: Bytes, out: Put): void {
  let from = 0;
  for (const at of writtenTimes(b)) {
    add(out, 'ip.options', toHex(b.subarray(from, at)));
    add(out, 'ip.time', toHex(b.subarray(at, at + 4)), 'clock');
    from = at + 4;
  }
  add(out, 'ip.options', toHex(b.subarray(from)));
}

const EXTENSIONS = new Set([0, 43, 44, 60]);

function ipv6(b: Bytes, out: Put, quoted: boolean): void {
  add(out, 'ip6.head', toHex(b.subarray(0, 4)));
  add(out, 'ip6.len', get16(b, 4));
  add(out, 'ip6.next', toHex(b.subarray(6, 8)));
  add(out, 'ip6.addrs', toHex(b.subarray(8, 40)));
  const end = Math.max(40, Math.min(b.length, 40 + get16(b, 4)));
  let at = 40;
  let next = b[6] as number;
  let whole = 40 + get16(b, 4) <= b.length;
  while (EXTENSIONS.has(next) && at + 8 <= end) {
    const length = next === 44 ? 8 : ((b[at + 1] as number) + 1) * 8;
    if (next === 44) {
      add(out, 'frag.head', toHex(b.subarray(at, at + 4)));
      add(out, 'frag.id', get32(b, at + 4), 'ipid');
      if ((get16(b, at + 2) & 0xfff9) !== 0) whole = false;
      if ((get16(b, at + 2) & 0xfff8) !== 0) {
        add(out, 'fragment', toHex(b.subarray(at + 8, end)));
        return;
      }
    } else add(out, 'ext', toHex(b.subarray(at, at + length)));
    next = b[at] as number;
    at += length;
  }
  transport(next, b.subarray(at, end), b.subarray(8, 40), whole && !quoted, out);
  add(out, 'trailer', toHex(b.subarray(end)));
}

function transport(protocol: number, b: Bytes, addrs: Bytes, whole: boolean, out: Put): void {
  const at = checksumAt(protocol);
  if (protocol === UDP && b.length >= 4 && b.length < 8) {
    add(out, 'sport', get16(b, 0), 'port');
    add(out, 'dport', get16(b, 2), 'port');
    add(out, 'payload', toHex(b.subarray(4, 6)));
    add(out, 'check', toHex(b.subarray(6)), 'clock');
    return;
  }
  if (at < 0 || b.length < 8) {
    add(out, 'payload', toHex(b));
    return;
  }
  if (protocol === ICMP || protocol === ICMPV6) icmp(protocol, b, out);
  else {
    add(out, 'sport', get16(b, 0), 'port');
    add(out, 'dport', get16(b, 2), 'port');
    if (protocol === UDP) {
      add(out, 'udp.len', get16(b, 4));
      add(out, 'data', toHex(b.subarray(8)));
    } else tcp(b, out);
  }
  if (b.length < at + 2) return;
  const check = get16(b, at);
  if (protocol === UDP && check === 0) add(out, 'check', 'none');
  else if (whole) {
    const covered = protocol === UDP ? Math.min(b.length, Math.max(8, get16(b, 4))) : b.length;
    const pseudo = protocol === ICMP ? 0 : pseudoSum(addrs, protocol, covered);
    add(out, 'check', sum(b, 0, covered, pseudo));
  } else add(out, 'check', check, 'clock');
}

function tcp(b: Bytes, out: Put): void {
  add(out, 'seq', get32(b, 4), 'seq');
  if (b.length < 20) {
    add(out, 'rest', toHex(b.subarray(8)));
    return;
  }
  const hlen = Math.min(b.length, Math.max(20, ((b[12] as number) >>> 4) * 4));
  add(out, 'ack', get32(b, 8), 'seq');
  add(out, 'flags', get16(b, 12));
  add(out, 'window', get16(b, 14));
  add(out, 'urgent', get16(b, 18));
  tcpOptions(b.subarray(20, hlen), out);
  add(out, 'data', toHex(b.subarray(hlen)));
}

/** Options; of the first time stamp (RFC 7323) the sender's clock apart. */
function tcpOptions(b: Bytes, out: Put): void {
  const text = toHex(b);
  const at = text.indexOf('080a');
  if (at < 0 || at % 2 !== 0 || at + 12 > text.length) add(out, 'tcp.options', text);
  else {
    add(out, 'tcp.options', `${text.slice(0, at + 4)} ${text.slice(at + 12)}`);
    add(out, 'tsval', text.slice(at + 4, at + 12), 'tsval');
  }
}

const V4_ERRORS = new Set([3, 4, 5, 11, 12]);
const V4_ECHO = new Set([0, 8]);

function icmp(protocol: number, b: Bytes, out: Put): void {
  const type = b[0] as number;
  add(out, 'icmp', toHex(b.subarray(0, 2)));
  const echo = protocol === ICMP ? V4_ECHO.has(type) : type === 128 || type === 129;
  const error = protocol === ICMP ? V4_ERRORS.has(type) : type < 128;
  if (echo) add(out, 'echo.id', get16(b, 4), 'port');
  add(out, 'icmp.rest', toHex(b.subarray(echo ? 6 : 4, 8)));
  const data = b.subarray(8);
  if (error && protocol === ICMP && data.length >= 20 && (data[0] as number) >>> 4 === 4)
    ipv4(data, out, true);
  else if (error && protocol === ICMP && data.length >= 6 && (data[0] as number) >>> 4 === 4) {
    add(out, 'quoted', `${toHex(data.subarray(0, 4))} ${toHex(data.subarray(6))}`);
    add(out, 'ip.id', get16(data, 4), 'ipid');
  } else if (error && protocol === ICMPV6 && data.length >= 40) ipv6(data, out, true);
  else if (protocol === ICMP && type === 14 && data.length >= 12) {
    add(out, 'originated', toHex(data.subarray(0, 4)));
    add(out, 'times', toHex(data.subarray(4, 12)), 'clock');
    add(out, 'data', toHex(data.subarray(12)));
  } else add(out, 'data', toHex(data));
}

/** Ports that a packet's transport begins with, and its IP identification, for those who ask what inputs name. */
export function namesIn(frame: Bytes): { readonly ports: number[]; readonly ids: number[] } {
  const fields = dissect(frame);
  const of = (kind: FieldKind) =>
    fields.filter((f) => f.kind === kind).map((f) => f.value as number);
  return { ports: of('port'), ids: of('ipid') };
}
