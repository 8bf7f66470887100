/** Fractional bits of roots of primes, from which the constants of SHA-2 come. FIPS 180-4 section 4.2 */
function primes(n: number): bigint[] {
  const out: bigint[] = [];
  for (let k = 2n; out.length < n; k++) if (out.every((p) => k % p !== 0n)) out.push(k);
  return out;
}

/** The integer part of the k-th root of a big integer. */
function root(value: bigint, k: bigint): bigint {
  let low = 0n;
  let high = 1n << 200n;
  while (low < high) {
    const mid = (low + high + 1n) >> 1n;
    if (mid ** k <= value) low = mid;
    else high = mid - 1n;
  }
  return low;
}

/** The first `bits` fractional bits of the k-th root of a prime. */
function fraction(prime: bigint, k: bigint, bits: bigint): bigint {
  return BigInt.asUintN(Number(bits), root(prime << (bits * k), k));
}

/** A message with its padding: a one, zeros, its length in bits. */
function padded(data: Uint8Array, block: number, littleEndian: boolean): DataView {
  const lengthBytes = block / 8;
  const total = Math.ceil((data.length + 1 + lengthBytes) / block) * block;
  const bytes = new Uint8Array(total);
  bytes.set(data);
  bytes[data.length] = 0x80;
  const view = new DataView(bytes.buffer);
  const bits = data.length * 8;
  const [low, high] = littleEndian ? [total - 8, total - 4] : [total - 4, total - 8];
  view.setUint32(low, bits >>> 0, littleEndian);
  view.setUint32(high, Math.floor(bits / 0x1_0000_0000), littleEndian);
  return view;
}

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

function hex32(words: Iterable<number>, littleEndian: boolean): string {
  const view = new DataView(new ArrayBuffer(4));
  let out = '';
  for (const word of words) {
    view.setUint32(0, word >>> 0, littleEndian);
    out += view.getUint32(0).toString(16).padStart(8, '0');
  }
  return out;
}

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_SINES = Array.from(
  { length: 64 },
  (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000) | 0,
);

/** MD5 in hexadecimal. RFC 1321 */
export function md5(data: Uint8Array): string {
  const view = padded(data, 64, true);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < view.byteLength; at += 64) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const [f, g] = md5Step(round, i, b, c, d);
      const sum = (a + f + (MD5_SINES[i] as number) + view.getUint32(at + g * 4, true)) | 0;
      [a, d, c] = [d, c, b];
      b = (b + rotl(sum, MD5_SHIFTS[round * 4 + (i & 3)] as number)) | 0;
    }
    [a, b, c, d].forEach((v, i) => {
      state[i] = ((state[i] as number) + v) | 0;
    });
  }
  return hex32(state, true);
}

function md5Step(round: number, i: number, b: number, c: number, d: number): [number, number] {
  if (round === 0) return [(b & c) | (~b & d), i];
  if (round === 1) return [(d & b) | (~d & c), (5 * i + 1) & 15];
  if (round === 2) return [b ^ c ^ d, (3 * i + 5) & 15];
  return [c ^ (b | ~d), (7 * i) & 15];
}

/** SHA-1 in hexadecimal. FIPS 180-4 section 6.1 */
export function sha1(data: Uint8Array): string {
  const view = padded(data, 64, false);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const w = new Int32Array(80);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 80; i++)
      w[i] = rotl(
        (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number),
        1,
      );
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let i = 0; i < 80; i++) {
      const [f, k] = sha1Step(i, b, c, d);
      const next = (rotl(a, 5) + f + e + k + (w[i] as number)) | 0;
      [e, d, c, b, a] = [d, c, rotl(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((v, i) => {
      state[i] = ((state[i] as number) + v) | 0;
    });
  }
  return hex32(state, false);
}

function sha1Step(i: number, b: number, c: number, d: number): [number, number] {
  if (i < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (i < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (i < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

const PRIMES = primes(80);
const K256 = PRIMES.slice(0, 64).map((p) => Number(fraction(p, 3n, 32n)) | 0);
const H256 = PRIMES.slice(0, 8).map((p) => Number(fraction(p, 2n, 32n)) | 0);

/** SHA-256 in hexadecimal. FIPS 180-4 section 6.2 */
export function sha256(data: Uint8Array): string {
  const view = padded(data, 64, false);
  const state = [...H256];
  const w = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15] as number, w[i - 2] as number];
      const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
      const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
      w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1;
    }
    sha256Block(state, w);
  }
  return hex32(state, false);
}

function sha256Block(state: number[], w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K256[i] as number) + (w[i] as number)) | 0;
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((v, i) => {
    state[i] = ((state[i] as number) + v) | 0;
  });
}

const K512 = PRIMES.map((p) => fraction(p, 3n, 64n));
const H512 = PRIMES.slice(0, 8).map((p) => fraction(p, 2n, 64n));
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotr64 = (x: bigint, n: bigint): bigint => u64((x >> n) | (x << (64n - n)));

/** SHA-512 in hexadecimal. FIPS 180-4 section 6.4 */
export function sha512(data: Uint8Array): string {
  const view = padded(data, 128, false);
  let state = [...H512];
  for (let at = 0; at < view.byteLength; at += 128) {
    const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + i * 8));
    for (let i = 16; i < 80; i++) {
      const [x, y] = [w[i - 15] as bigint, w[i - 2] as bigint];
      const s0 = rotr64(x, 1n) ^ rotr64(x, 8n) ^ (x >> 7n);
      const s1 = rotr64(y, 19n) ^ rotr64(y, 61n) ^ (y >> 6n);
      w.push(u64((w[i - 16] as bigint) + s0 + (w[i - 7] as bigint) + s1));
    }
    const after = sha512Block(state, w);
    state = state.map((v, i) => u64(v + (after[i] as bigint)));
  }
  return state.map((v) => v.toString(16).padStart(16, '0')).join('');
}

function sha512Block(state: readonly bigint[], w: readonly bigint[]): bigint[] {
  let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
  for (let i = 0; i < 80; i++) {
    const s1 = rotr64(e, 14n) ^ rotr64(e, 18n) ^ rotr64(e, 41n);
    const t1 = u64(h + s1 + ((e & f) ^ (u64(~e) & g)) + (K512[i] as bigint) + (w[i] as bigint));
    const s0 = rotr64(a, 28n) ^ rotr64(a, 34n) ^ rotr64(a, 39n);
    const t2 = u64(s0 + ((a & b) ^ (a & c) ^ (b & c)));
    [h, g, f, e, d, c, b, a] = [g, f, e, u64(d + t1), c, b, a, u64(t1 + t2)];
  }
  return [a, b, c, d, e, f, g, h];
}
