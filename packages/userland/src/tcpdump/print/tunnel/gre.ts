import { type Bits, bitNames, type Dissector, ETHERTYPES, hexNumber } from '../base/index.ts';
import { mplsPrint } from '../link/index.ts';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACK = 0x0080;
const FLAGS: Bits = [
  [CHECKSUM, 'checksum present'],
  [ROUTING, 'routing present'],
  [KEY, 'key present'],
  [SEQUENCE, 'sequence# present'],
  [0x0800, 'source routing present'],
  [ACK, 'ack present'],
];
const ROUTE_IP = 0x0800;
const ROUTE_ASN = 0xfffe;

/** A place in a header of fields that flags announce. */
class Fields {
  readonly d: Dissector;
  at: number;
  left: number;

  constructor(d: Dissector, at: number, left: number) {
    this.d = d;
    this.at = at;
    this.left = left;
  }

  /** Where the next `n` bytes are; undefined where there are not as many. */
  take(n: number): number | undefined {
    if (this.left < n || !this.d.has(this.at, n)) return undefined;
    const at = this.at;
    this.at += n;
    this.left -= n;
    return at;
  }
}

/** Prints a GRE header and what it carries. RFC 2784, RFC 2637; print-gre.c */
export function grePrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'gre';
  const fields = new Fields(d, off, length);
  const at = fields.take(2);
  if (at === undefined) {
    d.trunc();
    return;
  }
  const flags = d.u16(at);
  const version = flags & 7;
  d.print(`GREv${version}`);
  if (version > 1) {
    d.print(' ERROR: unknown-version');
    return;
  }
  if (d.o.verbose > 0) d.print(`, Flags [${bitNames(FLAGS, flags)}]`);
  if (!(version === 0 ? plain : enhanced)(fields, flags, length)) d.trunc();
}

function protocolText(d: Dissector, proto: number, length: number): void {
  if (d.o.ether) d.print(`, proto ${ETHERTYPES[proto] ?? 'unknown'} (0x${hexNumber(proto, 4)})`);
  d.print(`, length ${length}`);
}

/** @returns whether it is not cut short */
function plain(f: Fields, flags: number, length: number): boolean {
  const { d } = f;
  const proto = f.take(2);
  if (proto === undefined) return false;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) {
    const sum = f.take(2);
    if (sum === undefined) return false;
    if (d.o.verbose > 0) d.print(`, sum 0x${hexNumber(d.u16(sum))}`);
    const offset = f.take(2);
    if (offset === undefined) return false;
    d.print(`, off 0x${hexNumber(d.u16(offset))}`);
  }
  if ((flags & KEY) !== 0) {
    const key = f.take(4);
    if (key === undefined) return false;
    d.print(`, key=0x${hexNumber(d.u32(key))}`);
  }
  if ((flags & SEQUENCE) !== 0) {
    const seq = f.take(4);
    if (seq === undefined) return false;
    d.print(`, seq ${d.u32(seq)}`);
  }
  if ((flags & ROUTING) !== 0 && !routes(f)) return false;
  protocolText(d, d.u16(proto), length);
  d.print(d.o.verbose < 1 ? ': ' : '\n\t');
  payload(d, d.u16(proto), f.at, f.left);
  return true;
}

function payload(d: Dissector, proto: number, at: number, left: number): void {
  switch (proto) {
    case 0x0800:
      d.layers.ip4(d, at, left);
      return;
    case 0x86dd:
      d.layers.ip6(d, at, left);
      return;
    case 0x8847:
      mplsPrint(d, at, left);
      return;
    case 0x6558:
      d.layers.ether(d, at, left);
      return;
    default:
      d.print(`gre-proto-0x${hexNumber(proto)}`);
  }
}

function routes(f: Fields): boolean {
  const { d } = f;
  for (;;) {
    const head = f.take(4);
    if (head === undefined) return false;
    const [family, offset, length] = [d.u16(head), d.u8(head + 2), d.u8(head + 3)];
    if (family === 0 && length === 0) return true;
    if (!route(f, family, offset, length)) return false;
    if (f.left < length) return false;
    f.at += length;
    f.left -= length;
  }
}

/** One source route entry. @returns whether it was captured */
function route(f: Fields, family: number, offset: number, length: number): boolean {
  const { d } = f;
  if (family !== ROUTE_IP && family !== ROUTE_ASN) {
    d.print(`, (rtaf=0x${hexNumber(family)})`);
    return true;
  }
  const size = family === ROUTE_IP ? 4 : 2;
  d.print(`, (rtaf=${family === ROUTE_IP ? 'ip' : 'asn'}`);
  let whole = true;
  if (offset % size !== 0) d.print(`, badoffset=${offset}`);
  else if (length % size !== 0) d.print(`, badlength=${length}`);
  else if (offset >= length) d.print(`, badoff/len=${offset}/${length}`);
  else
    for (let i = 0; i < length && whole; i += size) {
      whole = d.has(f.at + i, size) && f.left - i >= size;
      if (whole)
        d.print(
          ` ${i === offset ? '*' : ''}${size === 4 ? d.ip4Number(f.at + i) : hexNumber(d.u16(f.at + i))}`,
        );
    }
  d.print(')');
  return whole;
}

/** Version 1: PPTP's. @returns whether it is not cut short */
function enhanced(f: Fields, flags: number, length: number): boolean {
  const { d } = f;
  const proto = f.take(2);
  if (proto === undefined) return false;
  for (const [flag, show] of [
    [KEY, (v: number) => `, call ${v & 0xffff}`],
    [SEQUENCE, (v: number) => `, seq ${v}`],
    [ACK, (v: number) => `, ack ${v}`],
  ] as const) {
    if ((flags & flag) === 0) continue;
    const at = f.take(4);
    if (at === undefined) return false;
    d.print(show(d.u32(at)));
  }
  const carries = (flags & SEQUENCE) !== 0;
  if (!carries) d.print(', no-payload');
  protocolText(d, d.u16(proto), length);
  if (!carries) return true;
  d.print(d.o.verbose < 1 ? ': ' : '\n\t');
  d.print(`gre-proto-0x${hexNumber(d.u16(proto))}`);
  return true;
}
