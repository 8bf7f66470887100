/** Pieces of the texts of xtables' rules. */
import type { Masked, Range } from '@labwire/devices/netfilter';
import { formatInet } from '../../libc-net/index.ts';

/** `!= ` */
export function negation(invert: boolean): string {
  return invert ? '!= ' : '';
}

/** One number, or two with a dash between them. */
export function rangeText({ min, max }: Range): string {
  return min === max ? String(min) : `${min}-${max}`;
}

/** The words of a mask, the first first. */
function words(mask: Masked['mask']): number[] {
  return typeof mask === 'number' ? [mask] : [mask.w0, mask.w1, mask.w2, mask.w3];
}

/** The length of a mask that is a network's; undefined of another. */
export function prefixLength(mask: Masked['mask']): number | undefined {
  const bits = words(mask)
    .map((w) => (w >>> 0).toString(2).padStart(32, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** An address with its prefix, left out if it is of a single host. */
export function maskedText({ addr, mask }: Masked): string {
  const length = prefixLength(mask);
  const full = typeof addr === 'number' ? 32 : 128;
  return length === full ? formatInet(addr) : `${formatInet(addr)}/${length ?? formatInet(mask)}`;
}
