/** Strings and addresses as integers and back. */
import {
  formatIpv4,
  formatIpv6,
  type Ipv4Addr,
  ipv6,
  parseIpv4,
  parseIpv6,
} from '@labwire/core/addr';

/** A string's bytes, filled up with zero bytes to `bits`. */
export function stringValue(text: string, bits: number): bigint {
  let v = 0n;
  const n = bits / 8;
  for (let i = 0; i < n; i++)
    v = (v << 8n) | BigInt(i < text.length ? text.charCodeAt(i) & 0xff : 0);
  return v;
}

/** The string that a value's bytes are, up to the first zero byte. */
export function stringText(value: bigint, bits: number): string {
  let out = '';
  for (let shift = bits - 8; shift >= 0; shift -= 8) {
    const c = Number((value >> BigInt(shift)) & 0xffn);
    if (c === 0) break;
    out += String.fromCharCode(c);
  }
  return out;
}

/** An address of inet_pton(3) as an integer. */
export function ipv4Value(text: string): bigint | undefined {
  const a = parseIpv4(text);
  return a === undefined ? undefined : BigInt(a >>> 0);
}

/** An address of inet_pton(3) as an integer. */
export function ipv6Value(text: string): bigint | undefined {
  const a = parseIpv6(text);
  if (a === undefined) return undefined;
  return [a.w0, a.w1, a.w2, a.w3].reduce((v, w) => (v << 32n) | BigInt(w >>> 0), 0n);
}

/** An IPv4 address as text. */
export function ipv4Text(v: bigint): string {
  return formatIpv4((Number(v & 0xffffffffn) | 0) as Ipv4Addr);
}

/** An IPv6 address as inet_ntop(3) of glibc writes it. */
export function ipv6Text(v: bigint): string {
  const word = (i: bigint): number => Number((v >> (96n - 32n * i)) & 0xffffffffn) | 0;
  return formatIpv6(ipv6(word(0n), word(1n), word(2n), word(3n)));
}

/** Colon-separated bytes, two digits each. */
export function lladdrText(v: bigint, bits: number): string {
  const out: string[] = [];
  for (let shift = bits - 8; shift >= 0; shift -= 8)
    out.push(
      Number((v >> BigInt(shift)) & 0xffn)
        .toString(16)
        .padStart(2, '0'),
    );
  return out.join(':');
}

/** A value's bytes in the other order. */
export function swapBytes(v: bigint, bits: number): bigint {
  let out = 0n;
  for (let shift = 0; shift < bits; shift += 8) out = (out << 8n) | ((v >> BigInt(shift)) & 0xffn);
  return out;
}

/** A value with `bits` bits set. */
export function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
