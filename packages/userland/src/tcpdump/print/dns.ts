import { formatIpv4, formatIpv6, getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import { type Dissector, Truncated } from './dissector.ts';

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  39: 'DNAME',
  41: 'OPT',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
  256: 'URI',
  257: 'CAA',
};
const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CHAOS', 4: 'HS', 255: 'ANY' };
const OPCODES: readonly string[] = [
  '',
  ' inv_q',
  ' stat',
  ' op3',
  ' notify',
  ' update',
  ' op6',
  ' op7',
  ' op8',
  ' updateA',
  ' updateD',
  ' updateDA',
  ' updateM',
  ' updateMA',
  ' zoneInit',
  ' zoneRef',
];
const RCODES: readonly string[] = [
  '',
  ' FormErr',
  ' ServFail',
  ' NXDomain',
  ' NotImp',
  ' Refused',
  ' YXDomain',
  ' YXRRSet',
  ' NXRRSet',
  ' NotAuth',
  ' NotZone',
];
const IN = 1;
const OPT = 41;

/** Where a name ends. */
function skipName(d: Dissector, off: number): number {
  let at = off;
  for (;;) {
    const n = d.u8(at);
    if (n >= 0xc0) return at + 2;
    if (n === 0) return at + 1;
    at += n + 1;
  }
}

/** Prints a name. fqdn_print() @returns where it ends */
function name(d: Dissector, off: number, base: number): number {
  const end = skipName(d, off);
  let at = off;
  let limit = off - base;
  if (d.u8(at) === 0) d.print('.');
  while (d.u8(at) !== 0) {
    const n = d.u8(at);
    if (n >= 0xc0) {
      const to = d.u16(at) & 0x3fff;
      if (to >= limit) {
        d.print('<BAD PTR>');
        throw new Truncated();
      }
      limit = to;
      at = base + to;
      continue;
    }
    if (n > 63) {
      d.print('<BAD LABEL TYPE>');
      throw new Truncated();
    }
    d.print(`${d.chars(at + 1, n)}.`);
    at += n + 1;
  }
  return end;
}

function question(d: Dissector, off: number, base: number, mdns: boolean): number {
  const end = skipName(d, off);
  const klass = d.u16(end + 2);
  const plain = mdns ? klass & 0x7fff : klass;
  d.print(` ${TYPES[d.u16(end)] ?? `Type${d.u16(end)}`}`);
  if (plain !== IN) d.print(` ${CLASSES[plain] ?? `(Class ${plain})`}`);
  if (mdns) d.print((klass & 0x8000) !== 0 ? ' (QU)' : ' (QM)');
  d.print('? ');
  name(d, off, base);
  return end + 4;
}

/** A duration like `1h30m`. unsigned_relts_print() */
function relativeTime(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  if (seconds === 0) return '0s';
  let left = seconds;
  let out = '';
  for (const [unit, size] of units) {
    const n = Math.floor(left / size);
    if (n > 0) out += `${n}${unit}`;
    left -= n * size;
  }
  return out;
}

function record(d: Dissector, off: number, base: number, mdns: boolean): number {
  let at: number;
  if (d.o.verbose > 0) {
    d.print(' ');
    at = name(d, off, base);
  } else at = skipName(d, off);
  const type = d.u16(at);
  const klass = d.u16(at + 2);
  const plain = mdns ? klass & 0x7fff : klass;
  if (plain !== IN && type !== OPT) d.print(` ${CLASSES[plain] ?? `(Class ${plain})`}`);
  if (mdns && (klass & 0x8000) !== 0) d.print(' (Cache flush)');
  if (type !== OPT && d.o.verbose > 2) d.print(` [${relativeTime(d.u32(at + 4))}]`);
  const length = d.u16(at + 8);
  const data = at + 10;
  d.print(` ${TYPES[type] ?? `Type${type}`}`);
  d.need(data, length);
  value(d, type, data, length, base, klass, d.u16(at + 6));
  return data + length;
}

function value(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  base: number,
  klass: number,
  flags: number,
): void {
  switch (type) {
    case 1:
      d.print(` ${formatIpv4(get32(d.buf, at) as Ipv4Addr)}`);
      return;
    case 28:
      d.need(at, 16);
      d.print(` ${formatIpv6(getIpv6(d.buf, at))}`);
      return;
    case 2:
    case 5:
    case 12:
    case 39:
      d.print(' ');
      name(d, at, base);
      return;
    case 6: {
      if (d.o.verbose === 0) return;
      d.print(' ');
      const second = name(d, at, base);
      d.print(' ');
      const numbers = name(d, second, base);
      for (let i = 0; i < 5; i++) d.print(` ${d.u32(numbers + 4 * i)}`);
      return;
    }
    case 15:
      d.print(' ');
      name(d, at + 2, base);
      d.print(` ${d.u16(at)}`);
      return;
    case 16:
      for (let i = 0; i < length; ) {
        const n = d.u8(at + i);
        d.print(` "${d.chars(at + i + 1, n)}"`);
        i += n + 1;
      }
      return;
    case 33:
      d.print(' ');
      name(d, at + 6, base);
      d.print(`:${d.u16(at + 4)} ${d.u16(at)} ${d.u16(at + 2)}`);
      return;
    case 256:
      d.print(` ${d.u16(at)} ${d.u16(at + 2)} ${d.chars(at + 4, length - 4)}`);
      return;
    case OPT:
      d.print(` UDPsize=${klass}${(flags & 0x8000) !== 0 ? ' DO' : ''}`);
      if (length > 0) d.print(` [${ednsOptions(d, at, length)}]`);
  }
}

const EDNS: Readonly<Record<number, string>> = {
  3: 'NSID',
  8: 'ECS',
  9: 'EXPIRE',
  10: 'COOKIE',
  11: 'KEEPALIVE',
  12: 'PADDING',
  13: 'CHAIN',
  14: 'KEY-TAG',
};

function ednsOptions(d: Dissector, at: number, length: number): string {
  const parts: string[] = [];
  for (let i = 0; i + 4 <= length; ) {
    const code = d.u16(at + i);
    const size = d.u16(at + i + 2);
    const data = d.hex(at + i + 4, size);
    const shown = code === 10 && size > 8 ? `${data.slice(0, 16)} ${data.slice(16)}` : data;
    const hex = code === 3 || code === 12 || size === 0 ? '' : ` ${shown}`;
    parts.push(`${EDNS[code] ?? `Opt${code}`}${hex}`);
    i += 4 + size;
  }
  return parts.join(',');
}

/** The response code with the upper bits that an OPT record adds. */
function extendedRcode(d: Dissector, base: number, flags: number): number {
  const rcode = flags & 15;
  try {
    let at = base + 12;
    for (let i = 0; i < d.u16(base + 4); i++) at = skipName(d, at) + 4;
    const before = d.u16(base + 6) + d.u16(base + 8);
    for (let i = 0; i < before + d.u16(base + 10); i++) {
      at = skipName(d, at);
      if (i >= before && d.u16(at) === OPT) return rcode | (d.u8(at + 4) << 4);
      at += 10 + d.u16(at + 8);
    }
  } catch (e) {
    if (!(e instanceof Truncated)) throw e;
  }
  return rcode;
}

/** Prints a DNS message. print-domain.c, domain_print() */
export function dnsPrint(
  d: Dissector,
  start: number,
  whole: number,
  overTcp: boolean,
  mdns = false,
): void {
  d.protocol = 'domain';
  let base = start;
  let length = whole;
  if (overTcp) {
    if (length < 2) {
      d.print(` [DNS over TCP: length ${length} < 2] (invalid)`);
      return;
    }
    length -= 2;
    const prefix = d.u16(base);
    if (prefix !== length) {
      d.print(` [prefix length(${prefix}) != length(${length})] (invalid)`);
      return;
    }
    base += 2;
    d.print(' ');
  }
  if (length < 12) {
    d.print(`domain [length ${length} < 12] (invalid)`);
    return;
  }
  d.need(base, 12);
  const flags = d.u16(base + 2);
  if ((flags & 0x8000) !== 0) response(d, base, flags, mdns);
  else request(d, base, flags, mdns);
  d.print(` (${length})`);
}

function response(d: Dissector, base: number, flags: number, mdns: boolean): void {
  const [questions, answers, authority, additional] = [4, 6, 8, 10].map((o) => d.u16(base + o)) as [
    number,
    number,
    number,
    number,
  ];
  const rcode = extendedRcode(d, base, flags);
  const extended: Readonly<Record<number, string>> = {
    16: ' BADVERS',
    17: ' BADKEY',
    18: ' BADTIME',
    22: ' BADTRUNC',
    23: ' BADCOOKIE',
  };
  d.print(
    `${d.u16(base)}${OPCODES[(flags >> 11) & 15]}${RCODES[rcode] ?? extended[rcode] ?? ` Resp${rcode}`}`,
  );
  d.print(`${(flags & 0x0400) !== 0 ? '*' : ''}${(flags & 0x0080) !== 0 ? '' : '-'}`);
  d.print(`${(flags & 0x0200) !== 0 ? '|' : ''}${(flags & 0x0020) !== 0 ? '$' : ''}`);
  if (questions !== 1) d.print(` [${questions}q]`);
  let at = base + 12;
  for (let i = 0; i < questions; i++) {
    if (i > 0) d.print(',');
    if (d.o.verbose > 1) {
      d.print(' q:');
      at = question(d, at, base, mdns);
    } else at = skipName(d, at) + 4;
  }
  d.print(` ${answers}/${authority}/${additional}`);
  const section = (label: string, count: number) => {
    for (let i = 0; i < count; i++) {
      d.print(i > 0 ? ',' : label);
      at = record(d, at, base, mdns);
    }
  };
  section('', answers);
  if (d.o.verbose <= 1) return;
  section(' ns:', authority);
  section(' ar:', additional);
}

function request(d: Dissector, base: number, flags: number, mdns: boolean): void {
  const [questions, answers, authority, additional] = [4, 6, 8, 10].map((o) => d.u16(base + o)) as [
    number,
    number,
    number,
    number,
  ];
  d.print(`${d.u16(base)}${OPCODES[(flags >> 11) & 15]}`);
  d.print(`${(flags & 0x0100) !== 0 ? '+' : ''}${(flags & 0x0010) !== 0 ? '%' : ''}`);
  if ((flags & 0x6cf) !== 0) d.print(` [b2&3=0x${flags.toString(16)}]`);
  if (answers > 0) d.print(` [${answers}a]`);
  if (questions !== 1) d.print(` [${questions}q]`);
  if (authority > 0) d.print(` [${authority}n]`);
  if (additional > 0) d.print(` [${additional}au]`);
  let at = base + 12;
  for (let i = 0; i < questions; i++) at = question(d, at, base, mdns);
  if (d.o.verbose <= 1) return;
  const section = (label: string, count: number) => {
    for (let i = 0; i < count; i++) {
      d.print(i > 0 ? ',' : label);
      at = record(d, at, base, mdns);
    }
  };
  section(' an:', answers);
  section(' ns:', authority);
  section(' ar:', additional);
}
