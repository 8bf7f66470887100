import { get16, get32 } from '@labwire/core/bytes';
import { macHi, macLo } from '../../../link/index.ts';
import type { Bits, EbtIcmp, Is, Span } from '../match.ts';

/** Whether a number is the one that is asked for. */
export function is(m: Is<number> | undefined, n: number): boolean {
  return m === undefined || (n === m.value) !== m.invert;
}

/** Whether a number is in a range. */
export function within(m: Is<Span> | undefined, n: number): boolean {
  return m === undefined || (n >= m.value[0] && n <= m.value[1]) !== m.invert;
}

/** Whether type and code of a message are in their ranges. */
export function icmpIs(m: Is<EbtIcmp> | undefined, type: number, code: number): boolean {
  if (m === undefined) return true;
  const { types, codes } = m.value;
  const isIn = type >= types[0] && type <= types[1] && code >= codes[0] && code <= codes[1];
  return isIn !== m.invert;
}

/** Whether an IPv4 address is the one that is asked for. */
export function addrIs(m: Is<Bits<number>> | undefined, addr: number): boolean {
  return m === undefined || (((addr ^ m.value.addr) & m.value.mask) === 0) !== m.invert;
}

/** Whether the MAC address at an offset is the one that is asked for. */
export function macIs(m: Is<Bits<number>> | undefined, buf: Uint8Array, at: number): boolean {
  if (m === undefined) return true;
  const { addr, mask } = m.value;
  const hi = (get16(buf, at) ^ macHi(addr as never)) & macHi(mask as never);
  const lo = (get32(buf, at + 2) ^ macLo(addr as never)) & macLo(mask as never);
  return ((hi | lo) === 0) !== m.invert;
}
