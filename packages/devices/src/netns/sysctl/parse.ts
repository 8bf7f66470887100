import { KernelError } from '@labwire/core/error';

const TOKEN = /^\s*(-?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)(?=[\s\0]|$)/i;

/**
 * Reads up to `most` whole numbers as the kernel does: blanks between, decimal, 0x hexadecimal or 0 octal.
 * What follows the last is not looked at. `proc_get_long()`
 * @param take is given each number, in order; the ones before a bad one count
 * @throws {@link KernelError} EINVAL if there is none or one is malformed
 */
export function parseInts(text: string, most: number, take: (v: number, i: number) => void): void {
  if (text === '') return;
  let rest = text;
  for (let i = 0; i < most; i++) {
    const m = TOKEN.exec(rest);
    if (m === null) {
      if (i > 0 && rest.trim() === '') return;
      throw new KernelError('EINVAL');
    }
    const digits = m[2] as string;
    const octal = digits.length > 1 && digits.startsWith('0') && !/x/i.test(digits);
    const value = octal ? Number.parseInt(digits, 8) : Number(digits);
    take(m[1] === '-' ? -value : value, i);
    rest = rest.slice(m[0].length);
  }
}

/** Throws unless `lo <= v <= hi`. @throws {@link KernelError} EINVAL */
export function checkRange(v: number, lo: number, hi: number): number {
  if (!(v >= lo && v <= hi)) throw new KernelError('EINVAL');
  return v;
}
