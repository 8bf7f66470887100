const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Encodes bytes in base 64, padded. RFC 4648 section 4 */
export function base64(data: Uint8Array): string {
  let out = '';
  for (let i = 0; i < data.length; i += 3) {
    const [a = 0, b = 0, c = 0] = data.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    for (let k = 0; k < 4; k++)
      out += i + k > data.length ? '=' : ALPHABET[(word >>> (18 - 6 * k)) & 63];
  }
  return out;
}
