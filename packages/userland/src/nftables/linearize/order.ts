/** Neighbouring comparisons of neighbouring bytes, which the kernel gets as one and which are listed in the packet's order. src/rule.c, stmt_reduce() */
import type { NftMatch, NftPayload, NftStmt } from '@labwire/devices/netfilter';
import { isProtocolKey } from './protocol-key.ts';

type PayloadMatch = NftMatch & { readonly left: NftPayload };

interface Run {
  readonly stmt: PayloadMatch;
  /** Those that stand in its place, in order. */
  members: PayloadMatch[];
  offset: number;
  bits: number;
  isProtocol: boolean;
}

const BASES = ['link', 'network', 'transport', 'inner'];
const MAX_BITS = 128;

function mergeable(s: NftStmt): s is PayloadMatch {
  return (
    s.kind === 'match' &&
    s.left.kind === 'payload' &&
    s.right.kind === 'value' &&
    (s.op === '==' || s.op === '!=') &&
    s.left.offset % 8 === 0 &&
    s.left.bits % 8 === 0
  );
}

function canMerge(a: Run, b: Run): boolean {
  const total = a.bits + b.bits;
  if (
    a.stmt.left.base !== b.stmt.left.base ||
    a.offset + a.bits !== b.offset ||
    a.stmt.op !== b.stmt.op
  )
    return false;
  if (total > MAX_BITS) return false;
  return total <= 32 || a.stmt.left.base === 'link' || a.bits > 32 || b.bits > 32;
}

function byOffset(a: Run, b: Run): number {
  const base = BASES.indexOf(a.stmt.left.base) - BASES.indexOf(b.stmt.left.base);
  return base !== 0 ? base : a.offset - b.offset;
}

/** Puts runs together; `gone` gets what moves into another's place. `payload_do_merge()` */
function mergeRuns(runs: Run[]): Run[] {
  const sorted = [...runs].sort(byOffset);
  const kept: Run[] = [];
  let last: Run | undefined;
  for (const run of sorted) {
    if (last === undefined || !canMerge(last, run)) {
      last = run;
      kept.push(run);
      continue;
    }
    const members = [...last.members, ...run.members];
    const place: Run = run.isProtocol ? run : last;
    const joined: Run = {
      stmt: place.stmt,
      members,
      offset: last.offset,
      bits: last.bits + run.bits,
      isProtocol: last.isProtocol || run.isProtocol,
    };
    kept[kept.length - 1] = joined;
    last = joined;
  }
  return kept;
}

/** The statements in the order in which they are kept. */
export function orderStmts(stmts: readonly NftStmt[]): NftStmt[] {
  const places = new Map<NftStmt, readonly NftStmt[]>();
  let runs: Run[] = [];
  const flush = (): void => {
    if (runs.length > 1) {
      for (const r of runs) places.set(r.stmt, []);
      for (const k of mergeRuns(runs)) places.set(k.stmt, k.members);
    }
    runs = [];
  };
  for (const s of stmts) {
    if (s.kind !== 'match') {
      if (runs.length >= 2) flush();
    } else if (mergeable(s)) {
      runs.push({
        stmt: s,
        members: [s],
        offset: s.left.offset,
        bits: s.left.bits,
        isProtocol: isProtocolKey(s.left),
      });
    }
  }
  flush();
  return stmts.flatMap((s) => places.get(s) ?? [s]);
}

const NAMES: Readonly<Record<number, string>> = {
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  132: 'sctp',
  136: 'udplite',
};

/** Ports of a transport that the rule has named are its ports: `meta l4proto tcp th sport 5` is `tcp sport 5`. */
export function nameTransports(stmts: readonly NftStmt[]): NftStmt[] {
  let proto: string | undefined;
  return stmts.map((s) => {
    if (s.kind !== 'match') return s;
    const { left, right, op } = s;
    if (left.kind === 'meta' && left.key === 'l4proto' && op === '==' && right.kind === 'value')
      proto = NAMES[Number(right.value)];
    if (left.kind !== 'payload' || left.proto !== 'th' || proto === undefined) return s;
    return { ...s, left: { ...left, proto } };
  });
}

/** Whether nobody has named the protocol of a payload's transport. */
function isNameless({ left }: PayloadMatch): boolean {
  return left.base === 'transport' && (left.proto === 'th' || left.proto === '');
}

/** Neighbours that are kept as one are listed as one where no protocol says what they are. */
export function joinNameless(stmts: readonly NftStmt[]): NftStmt[] {
  const out: NftStmt[] = [];
  for (const s of stmts) {
    const last = out.at(-1);
    const joins =
      last !== undefined &&
      mergeable(last) &&
      mergeable(s) &&
      isNameless(last) &&
      isNameless(s) &&
      canMerge(runOf(last), runOf(s));
    if (joins) out[out.length - 1] = joined(last, s);
    else out.push(s);
  }
  return out;
}

function runOf(stmt: PayloadMatch): Run {
  const { offset, bits } = stmt.left;
  return { stmt, members: [stmt], offset, bits, isProtocol: false };
}

function joined(a: PayloadMatch, b: PayloadMatch): PayloadMatch {
  const bits = a.left.bits + b.left.bits;
  const number = ({ right }: PayloadMatch): bigint => (right.kind === 'value' ? right.value : 0n);
  const value = (number(a) << BigInt(b.left.bits)) | number(b);
  const left = { ...a.left, bits, type: 'xinteger', proto: '', field: '' };
  return { ...a, left, right: { kind: 'value', type: 'xinteger', bits, value } };
}
