/**
 * An IPv4 address as a signed 32-bit integer, as `get32` reads it: V8 keeps it without a heap object.
 * Compare for equality as it is, for order with `>>> 0`.
 */
export type Ipv4Addr = number & { readonly brand: 'Ipv4Addr' };

/** 0.0.0.0 */
export const IPV4_ANY: Ipv4Addr = 0 as Ipv4Addr;
/** 127.0.0.1 */
export const IPV4_LOOPBACK: Ipv4Addr = 0x7f000001 as Ipv4Addr;
/** 255.255.255.255 */
export const IPV4_BROADCAST: Ipv4Addr = -1 as Ipv4Addr;

/** Parses four decimal numbers with dots, as inet_pton() does. @returns undefined if it is not an address. */
export function parseIpv4(text: string): Ipv4Addr | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (m === null) return undefined;
  let v = 0;
  for (let i = 1; i <= 4; i++) {
    const part = m[i] as string;
    const n = Number(part);
    if (n > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    v = (v << 8) | n;
  }
  return v as Ipv4Addr;
}

/** Formats as four decimal numbers with dots. */
export function formatIpv4(addr: Ipv4Addr): string {
  return `${addr >>> 24}.${(addr >>> 16) & 255}.${(addr >>> 8) & 255}.${addr & 255}`;
}

/** The netmask of a prefix length from 0 to 32. */
export function ipv4Mask(plen: number): Ipv4Addr {
  return (plen === 0 ? 0 : -1 << (32 - plen)) as Ipv4Addr;
}

/** Whether two addresses agree in their first `plen` bits. */
export function samePrefix4(a: Ipv4Addr, b: Ipv4Addr, plen: number): boolean {
  return ((a ^ b) & ipv4Mask(plen)) === 0;
}

/** 224.0.0.0/4, RFC 5771. */
export function isMulticast4(addr: Ipv4Addr): boolean {
  return addr >>> 28 === 0xe;
}

/** 127.0.0.0/8, RFC 1122 section 3.2.1.3. */
export function isLoopback4(addr: Ipv4Addr): boolean {
  return addr >>> 24 === 127;
}
