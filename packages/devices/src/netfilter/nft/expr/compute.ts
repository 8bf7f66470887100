/** Numbers that are made, hashes, operators and concatenations. Linux net/netfilter/nft_numgen.c, nft_hash.c, nft_bitwise.c */
import { KernelError } from '@labwire/core/error';
import type { NftBinop, NftConcat, NftHash, NftNumgen } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { CompileEnv } from './env.ts';
import { jhashBytes } from './jhash-bytes.ts';
import { BREAK, bytesLoader, bytesOf, type Loader, numberLoader } from './loader.ts';

/** `nft_ng_inc_gen()`, `nft_ng_random_gen()` */
export function numgenLoader(e: NftNumgen): Loader {
  const { mod, offset } = e;
  if (e.mode === 'random')
    return numberLoader(32, (p) => p.netns.kernel.random.below(mod) + offset);
  let counter = mod - 1;
  return numberLoader(32, () => {
    counter = counter + 1 < mod ? counter + 1 : 0;
    return counter + offset;
  });
}

/** A hash of the packet's addresses and ports. `__skb_get_hash_symmetric()` */
function symmetric(p: NftPacket): number {
  const a6 = p.saddr6;
  const b6 = p.daddr6;
  const [a, b] = a6 === null || b6 === null ? [p.saddr, p.daddr] : [a6.w0 ^ a6.w3, b6.w0 ^ b6.w3];
  const sum =
    (Math.imul(a ^ b, 0x9e3779b1) ^ (p.sport < 0 ? 0 : p.sport ^ p.dport) ^ p.proto) >>> 0;
  return Math.imul(sum ^ (sum >>> 15), 0x85ebca6b) >>> 0;
}

/** `nft_jhash_eval()`, `nft_symhash_eval()` */
export function hashLoader(e: NftHash, env: CompileEnv): Loader {
  const { mod, offset } = e;
  const scale = (h: number): number => Math.floor((h / 2 ** 32) * mod) + offset;
  if (e.of === undefined) return numberLoader(32, (p) => scale(symmetric(p)));
  const of = env.loader(e.of);
  const scratch = new Uint8Array(Math.ceil(of.size / 4) * 4);
  const seed = e.seed ?? env.netfilter.netns.kernel.random.u32();
  return numberLoader(32, (p) =>
    of.bytes(p, scratch, 0) ? scale(jhashBytes(scratch, of.size, seed)) : BREAK,
  );
}

function numberOp(op: NftBinop['op'], a: number, n: number, bits: number): number {
  switch (op) {
    case '&':
      return (a & n) >>> 0;
    case '|':
      return (a | n) >>> 0;
    case '^':
      return (a ^ n) >>> 0;
    case '<<':
      return (a * 2 ** n) % 2 ** bits;
    case '>>':
      return Math.floor(a / 2 ** n);
  }
}

function byteOp(op: NftBinop['op'], a: number, b: number): number {
  return op === '&' ? a & b : op === '|' ? a | b : a ^ b;
}

/** `nft_bitwise_eval()` @throws KernelError EOPNOTSUPP */
export function binopLoader(e: NftBinop, env: CompileEnv): Loader {
  const left = env.loader(e.left);
  if (e.right.kind !== 'value')
    throw new KernelError('EOPNOTSUPP', `Labwire does not act on ${e.op} of two variables`);
  const read = left.number;
  if (read !== undefined && e.bits <= 32) {
    const n = Number(e.right.value);
    return numberLoader(e.bits, (p) => {
      const v = read(p);
      return v < 0 ? BREAK : numberOp(e.op, v, n, e.bits);
    });
  }
  if (e.op === '<<' || e.op === '>>')
    throw new KernelError('EOPNOTSUPP', `Labwire does not shift values of ${e.bits} bits`);
  const mask = bytesOf(e.right.value, e.bits);
  return bytesLoader(e.bits, (p, to, at) => {
    if (!left.bytes(p, to, at)) return false;
    for (let i = 0; i < mask.length; i++)
      to[at + i] = byteOp(e.op, to[at + i] as number, mask[i] as number);
    return true;
  });
}

/** The parts' bytes, one after the other. */
export function concatLoader(e: NftConcat, env: CompileEnv): Loader {
  const parts = e.parts.map((p) => env.loader(p));
  const size = parts.reduce((sum, p) => sum + p.size, 0);
  return {
    bits: e.bits,
    size,
    number: undefined,
    bytes: (p, to, at) => {
      let off = at;
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i] as Loader;
        if (!part.bytes(p, to, off)) return false;
        off += part.size;
      }
      return true;
    },
  };
}
