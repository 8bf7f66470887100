import { getIpv6, type Ipv4Addr, type Ipv6Addr, putIpv6 } from '@labwire/core/addr';
import { get8, get16, get32, getU32, put16, put32 } from '@labwire/core/bytes';
import { readName } from './name.ts';

/**
 * How the data of a type is laid out. `cname` is a name that may end in a pointer (RFC 1035 section 4.1.4 allows that
 * for the types of that document alone, RFC 3597 section 4), `name` one that is written whole; `string` has its length
 * before it; `strings` are at least one of them up to the end; `rest` is every byte up to the end.
 */
export type FieldKind =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'ipv4'
  | 'ipv6'
  | 'cname'
  | 'name'
  | 'string'
  | 'strings'
  | 'rest';

/** The value of one field: a number or address, a name, bytes, or several strings. */
export type FieldValue = number | Ipv6Addr | string | Uint8Array | readonly Uint8Array[];

const CNAME: readonly FieldKind[] = ['cname'];
const PREFERENCE: readonly FieldKind[] = ['u16', 'cname'];
const DIGEST: readonly FieldKind[] = ['u16', 'u8', 'u8', 'rest'];
const REST: readonly FieldKind[] = ['rest'];

/** The layout of each type; one that is not in here is bytes alone. */
const LAYOUTS: Readonly<Record<number, readonly FieldKind[]>> = {
  1: ['ipv4'],
  2: CNAME,
  3: CNAME,
  4: CNAME,
  5: CNAME,
  6: ['cname', 'cname', 'u32', 'u32', 'u32', 'u32', 'u32'],
  7: CNAME,
  8: CNAME,
  9: CNAME,
  12: CNAME,
  13: ['string', 'string'],
  14: ['cname', 'cname'],
  15: PREFERENCE,
  16: ['strings'],
  17: ['name', 'name'],
  18: ['u16', 'name'],
  21: ['u16', 'name'],
  28: ['ipv6'],
  33: ['u16', 'u16', 'u16', 'name'],
  35: ['u16', 'u16', 'string', 'string', 'string', 'name'],
  36: ['u16', 'name'],
  39: ['name'],
  43: DIGEST,
  44: ['u8', 'u8', 'rest'],
  46: ['u16', 'u8', 'u8', 'u32', 'u32', 'u32', 'u16', 'name', 'rest'],
  47: ['name', 'rest'],
  48: DIGEST,
  52: ['u8', 'u8', 'u8', 'rest'],
  53: ['u8', 'u8', 'u8', 'rest'],
  59: DIGEST,
  60: DIGEST,
  64: ['u16', 'name', 'rest'],
  65: ['u16', 'name', 'rest'],
  99: ['strings'],
  256: ['u16', 'u16', 'rest'],
  257: ['u8', 'string', 'rest'],
};

/** How the data of a type is laid out. */
export function layoutOf(type: number): readonly FieldKind[] {
  return LAYOUTS[type] ?? REST;
}

interface Cursor {
  readonly buf: Uint8Array;
  at: number;
  readonly end: number;
}

/** Takes `n` bytes. @returns where they begin; -1 if there are fewer */
function take(c: Cursor, n: number): number {
  if (c.at + n > c.end) return -1;
  c.at += n;
  return c.at - n;
}

function takeString(c: Cursor): Uint8Array | undefined {
  const at = take(c, 1);
  if (at < 0) return undefined;
  const from = take(c, get8(c.buf, at));
  return from < 0 ? undefined : c.buf.slice(from, c.at);
}

function takeStrings(c: Cursor): Uint8Array[] | undefined {
  const strings: Uint8Array[] = [];
  do {
    const string = takeString(c);
    if (string === undefined) return undefined;
    strings.push(string);
  } while (c.at < c.end);
  return strings;
}

function takeName(c: Cursor): string | undefined {
  const found = readName(c.buf, c.at);
  if (found === undefined || found.end > c.end) return undefined;
  c.at = found.end;
  return found.name;
}

function takeBytes<T>(
  c: Cursor,
  n: number,
  read: (buf: Uint8Array, off: number) => T,
): T | undefined {
  const at = take(c, n);
  return at < 0 ? undefined : read(c.buf, at);
}

function takeField(c: Cursor, kind: FieldKind): FieldValue | undefined {
  switch (kind) {
    case 'u8':
      return takeBytes(c, 1, get8);
    case 'u16':
      return takeBytes(c, 2, get16);
    case 'u32':
      return takeBytes(c, 4, getU32);
    case 'ipv4':
      return takeBytes(c, 4, get32) as Ipv4Addr | undefined;
    case 'ipv6':
      return takeBytes(c, 16, getIpv6);
    case 'cname':
    case 'name':
      return takeName(c);
    case 'string':
      return takeString(c);
    case 'strings':
      return takeStrings(c);
    case 'rest':
      return takeBytes(c, c.end - c.at, (buf, off) => buf.slice(off, c.end));
  }
}

/** Reads the data of a record, the bytes `[off, end)` of a message. @returns undefined if it does not fit its type */
export function readRdata(
  buf: Uint8Array,
  off: number,
  end: number,
  type: number,
): readonly FieldValue[] | undefined {
  const c: Cursor = { buf, at: off, end };
  const values: FieldValue[] = [];
  for (const kind of layoutOf(type)) {
    const value = takeField(c, kind);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return c.at === end ? values : undefined;
}

/** What {@link writeField} puts bytes into. */
export interface FieldSink {
  bytes(data: Uint8Array): void;
  /** @param compress whether a part that was written before may be pointed to */
  name(name: string, compress: boolean): void;
}

function number(size: 1 | 2 | 4, value: number): Uint8Array {
  const out = new Uint8Array(size);
  if (size === 4) put32(out, 0, value);
  else if (size === 2) put16(out, 0, value);
  else out[0] = value;
  return out;
}

function string(data: Uint8Array): number[] {
  return [Math.min(data.length, 255), ...data.subarray(0, 255)];
}

function address6(addr: Ipv6Addr): Uint8Array {
  const out = new Uint8Array(16);
  putIpv6(out, 0, addr);
  return out;
}

/** The bytes of a field that is no name. */
function fieldBytes(kind: Exclude<FieldKind, 'cname' | 'name'>, value: FieldValue): Uint8Array {
  switch (kind) {
    case 'u8':
      return number(1, value as number);
    case 'u16':
      return number(2, value as number);
    case 'u32':
    case 'ipv4':
      return number(4, value as number);
    case 'ipv6':
      return address6(value as Ipv6Addr);
    case 'string':
      return Uint8Array.from(string(value as Uint8Array));
    case 'strings':
      return Uint8Array.from((value as readonly Uint8Array[]).flatMap(string));
    case 'rest':
      return value as Uint8Array;
  }
}

/** Writes one field of a record's data. */
export function writeField(sink: FieldSink, kind: FieldKind, value: FieldValue): void {
  if (kind === 'cname' || kind === 'name') sink.name(value as string, kind === 'cname');
  else sink.bytes(fieldBytes(kind, value));
}
