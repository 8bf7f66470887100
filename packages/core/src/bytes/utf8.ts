/** UTF-8 without a platform's TextEncoder. Invalid bytes decode to U+FFFD; lone surrogates encode as U+FFFD. */

const REPLACEMENT = 0xfffd;

/** Encodes text. */
export function utf8Encode(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c < 0x80) {
      out[n++] = c;
      continue;
    }
    if (c >= 0xd800 && c <= 0xdfff) {
      const cp = text.codePointAt(i) as number;
      if (cp > 0xffff) i++;
      c = cp > 0xffff ? cp : REPLACEMENT;
    }
    if (c < 0x800) out[n++] = 0xc0 | (c >> 6);
    else {
      if (c < 0x10000) out[n++] = 0xe0 | (c >> 12);
      else {
        out[n++] = 0xf0 | (c >> 18);
        out[n++] = 0x80 | ((c >> 12) & 0x3f);
      }
      out[n++] = 0x80 | ((c >> 6) & 0x3f);
    }
    out[n++] = 0x80 | (c & 0x3f);
  }
  return out.slice(0, n);
}

/** The length in bytes of the well-formed sequence at `i`, or 0. */
function sequenceLength(b: Uint8Array, i: number, end: number): number {
  const c = b[i] as number;
  const n =
    c < 0x80
      ? 1
      : c >= 0xc2 && c < 0xe0
        ? 2
        : c >= 0xe0 && c < 0xf0
          ? 3
          : c >= 0xf0 && c < 0xf5
            ? 4
            : 0;
  if (n === 0 || i + n > end) return 0;
  for (let k = 1; k < n; k++) if (((b[i + k] as number) & 0xc0) !== 0x80) return 0;
  if (
    n === 3 &&
    ((c === 0xe0 && (b[i + 1] as number) < 0xa0) || (c === 0xed && (b[i + 1] as number) > 0x9f))
  )
    return 0;
  if (
    n === 4 &&
    ((c === 0xf0 && (b[i + 1] as number) < 0x90) || (c === 0xf4 && (b[i + 1] as number) > 0x8f))
  )
    return 0;
  return n;
}

/** Decodes the bytes in `[start, end)`. */
export function utf8Decode(b: Uint8Array, start = 0, end: number = b.length): string {
  let out = '';
  for (let i = start; i < end; ) {
    const n = sequenceLength(b, i, end);
    if (n === 0) {
      out += '\ufffd';
      i++;
      continue;
    }
    let cp = n === 1 ? (b[i] as number) : (b[i] as number) & (0xff >> (n + 1));
    for (let k = 1; k < n; k++) cp = (cp << 6) | ((b[i + k] as number) & 0x3f);
    out += String.fromCodePoint(cp);
    i += n;
  }
  return out;
}
