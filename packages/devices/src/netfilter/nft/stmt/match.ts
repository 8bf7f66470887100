/** Comparisons. Linux net/netfilter/nft_cmp.c, nft_range.c, nft_lookup.c */
import { KernelError } from '@labwire/core/error';
import type { NftExpr, NftMatch } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { BREAK, bytesOf, type Loader, type ReadNumber } from '../expr/loader.ts';
import { NAMES } from '../expr/meta.ts';
import { NFT_BREAK, NFT_CONTINUE } from '../verdict.ts';
import { elementSteps } from './element.ts';

type Test = (p: NftPacket) => boolean;

function stepOf(test: Test): Step {
  return (p) => (test(p) ? NFT_CONTINUE : NFT_BREAK);
}

/** Names are compared as strings: no bytes are needed for that. */
function nameTest(m: NftMatch): Test | undefined {
  const { left, right, op } = m;
  if (left.kind !== 'meta' || (op !== '==' && op !== '!=')) return undefined;
  const read = NAMES[left.key];
  if (read === undefined || (right.kind !== 'value' && right.kind !== 'prefix')) return undefined;
  const text = textOfBytes(bytesOf(right.value, right.bits));
  const want = op === '==';
  if (right.kind === 'value') return (p) => isThere(read(p), (n) => n === text, want);
  return (p) => isThere(read(p), (n) => n.startsWith(text), want);
}

function isThere(
  name: string | undefined,
  holds: (name: string) => boolean,
  want: boolean,
): boolean {
  return name !== undefined && holds(name) === want;
}

function textOfBytes(bytes: Uint8Array): string {
  let out = '';
  for (const b of bytes) {
    if (b === 0) break;
    out += String.fromCharCode(b);
  }
  return out;
}

/** The two ends of a constant, and whether it is inside that holds. */
function ends(right: NftExpr): readonly [lo: bigint, hi: bigint] {
  if (right.kind === 'value') return [right.value, right.value];
  if (right.kind === 'range') return [right.from, right.to];
  if (right.kind === 'prefix')
    return [right.value, right.value | ((1n << BigInt(right.bits - right.len)) - 1n)];
  throw new KernelError('EOPNOTSUPP', `Labwire does not compare with ${right.kind}`);
}

function numberTest(read: ReadNumber, op: NftMatch['op'], right: NftExpr): Test {
  const [a, b] = ends(right);
  const [lo, hi] = [Number(a), Number(b)];
  const on =
    (test: (v: number) => boolean): Test =>
    (p) => {
      const v = read(p);
      return v !== BREAK && test(v);
    };
  switch (op) {
    case '==':
      if (lo > hi) return on((v) => v >= lo || v <= hi);
      return lo === hi ? on((v) => v === lo) : on((v) => v >= lo && v <= hi);
    case '!=':
      return lo === hi ? on((v) => v !== lo) : on((v) => v < lo || v > hi);
    case '<':
      return on((v) => v < lo);
    case '>':
      return on((v) => v > lo);
    case '<=':
      return on((v) => v <= lo);
    case '>=':
      return on((v) => v >= lo);
    case 'any':
      return on((v) => (v & lo) !== 0);
    case 'none':
      return on((v) => (v & lo) === 0);
  }
}

function order(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < b.length; i++) {
    const d = (a[i] as number) - (b[i] as number);
    if (d !== 0) return d;
  }
  return 0;
}

function shares(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (((a[i] as number) & (b[i] as number)) !== 0) return true;
  return false;
}

function bytesTest(left: Loader, op: NftMatch['op'], right: NftExpr): Test {
  const [a, b] = ends(right);
  const [lo, hi] = [bytesOf(a, left.size * 8), bytesOf(b, left.size * 8)];
  const scratch = new Uint8Array(left.size);
  const on =
    (test: () => boolean): Test =>
    (p) =>
      left.bytes(p, scratch, 0) && test();
  const inside = (): boolean => order(scratch, lo) >= 0 && order(scratch, hi) <= 0;
  switch (op) {
    case '==':
      return on(inside);
    case '!=':
      return on(() => !inside());
    case '<':
      return on(() => order(scratch, lo) < 0);
    case '>':
      return on(() => order(scratch, lo) > 0);
    case '<=':
      return on(() => order(scratch, lo) <= 0);
    case '>=':
      return on(() => order(scratch, lo) >= 0);
    case 'any':
      return on(() => shares(scratch, lo));
    case 'none':
      return on(() => !shares(scratch, lo));
  }
}

/** A concatenation and values for each of its parts. */
function concatTest(
  left: Loader,
  op: NftMatch['op'],
  right: Extract<NftExpr, { kind: 'concat' }>,
): Test {
  const want = new Uint8Array(left.size);
  let at = 0;
  for (const part of right.parts) {
    const bytes = bytesOf(ends(part)[0], part.bits);
    want.set(bytes, at);
    at += bytes.length;
  }
  const scratch = new Uint8Array(left.size);
  return (p) => left.bytes(p, scratch, 0) && (order(scratch, want) === 0) === (op === '==');
}

/** `nft_lookup_eval()`; what an element has of its own runs where it is found. */
function lookupStep(
  m: NftMatch,
  set: Extract<NftExpr, { kind: 'set' | 'setref' }>,
  env: CompileEnv,
): Step {
  const load = env.loader(m.left);
  const index = env.indexes.of(env.setOf(set));
  const own = elementSteps(env);
  const want = m.op !== '!=';
  return (p) => {
    if (!load.bytes(p, index.key, 0)) return NFT_BREAK;
    const found = index.find(p.netns.sim.now);
    if ((found !== null) !== want) return NFT_BREAK;
    return found === null ? NFT_CONTINUE : own(found, p);
  };
}

/** Makes a comparison's function. @throws KernelError EOPNOTSUPP */
export function matchStep(m: NftMatch, env: CompileEnv): Step {
  const { left, right, op } = m;
  if (right.kind === 'set' || right.kind === 'setref') return lookupStep(m, right, env);
  const load = env.loader(left);
  const name = nameTest(m);
  if (name !== undefined) return stepOf(name);
  if (right.kind === 'concat') return stepOf(concatTest(load, op, right));
  return stepOf(
    load.number === undefined ? bytesTest(load, op, right) : numberTest(load.number, op, right),
  );
}
