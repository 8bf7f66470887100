/**
 * Matches that others imply are not listed: `tcp dport 22` says that the protocol is TCP. Read beside
 * src/netlink_delinearize.c, rule_parse_postprocess(), and src/payload.c, payload_dependency_kill().
 */
import type { NftExpr, NftFamily, NftMatch, NftPayload, NftStmt } from '@labwire/devices/netfilter';
import { isProtocolKey } from './protocol-key.ts';

/** Layers as the kernel counts them: what a match restricts is one above what it reads. */
const LINK = 1;
const NETWORK = 2;
const TRANSPORT = 3;
const LAYER: Readonly<Record<string, number>> = {
  link: LINK,
  network: NETWORK,
  transport: TRANSPORT,
  inner: 4,
};
const META_LAYER: Readonly<Record<string, number>> = {
  nfproto: LINK,
  protocol: LINK,
  l4proto: NETWORK,
};

const ICMP = 1;
const ICMPV6 = 58;

/** `struct payload_dep_ctx` */
class Dependencies {
  readonly family: NftFamily;
  readonly #at: (NftMatch | undefined)[] = [];
  #icmpType: number | undefined;

  constructor(family: NftFamily) {
    this.family = family;
  }

  get(layer: number): NftMatch | undefined {
    return this.#at[layer] ?? (layer === TRANSPORT ? this.#at[4] : undefined);
  }

  release(layer: number): void {
    const m = this.get(layer);
    if (m === undefined) return;
    m.hidden = true;
    this.#at[this.#at[layer] === undefined ? 4 : layer] = undefined;
  }

  /** `payload_dependency_store()` */
  store(m: NftMatch, layer: number): void {
    if (this.#storeIcmpType(m)) return;
    this.#at[layer + 1] = m;
  }

  #storeIcmpType(m: NftMatch): boolean {
    const { left, right } = m;
    if (left.kind !== 'payload' || right.kind !== 'value' || right.bits !== 8) return false;
    let type = Number(right.value);
    if (left.proto === 'icmp') {
      if (type === 0) type = 8;
      this.#icmpType = type;
      return type === 8;
    }
    if (left.proto !== 'icmpv6') return false;
    this.#icmpType = type;
    return type === 128 || type === 129;
  }

  /** Nothing behind a statement that does something implies what stands before it. `payload_dependency_reset()` */
  reset(): void {
    this.#at.length = 0;
    this.#icmpType = undefined;
  }

  /** `payload_dependency_kill()` */
  kill(e: NftPayload): void {
    if (e.proto === '') return;
    const layer = LAYER[e.base] as number;
    const dep = this.get(layer);
    if (dep !== undefined && this.#mayKill(dep, e)) this.release(layer);
  }

  #mayKill(dep: NftMatch, e: NftPayload): boolean {
    const d = dep.left;
    if (this.family === 'inet' || this.family === 'bridge' || this.family === 'netdev') {
      const network =
        d.kind === 'payload' && d.base === 'network' && (d.proto === 'ip' || d.proto === 'ip6');
      if (network && e.base === 'transport') return false;
      if (d.kind === 'payload' && dep.op === '==' && d.base === e.base) {
        if (isProtocolKey(e)) return false;
        if (e.base === 'link') return this.#mayKillLink(dep, d);
      }
    }
    if (e.base !== 'transport' || d.kind !== 'payload' || d.base !== 'transport') return true;
    if (d.proto === 'icmp' || d.proto === 'icmpv6') return this.#mayKillIcmp(d, e);
    return true;
  }

  #mayKillLink(dep: NftMatch, d: NftPayload): boolean {
    if (d.proto === 'vlan') return false;
    if (d.proto === 'ether' && dep.right.kind === 'value' && dep.right.bits === 16)
      return dep.right.value === 0x8100n;
    return true;
  }

  #mayKillIcmp(d: NftPayload, e: NftPayload): boolean {
    const type = ICMP_FIELD_TYPES[`${e.proto} ${e.field}`];
    return type !== undefined && d.proto === e.proto && this.#icmpType === type;
  }

  /** `meta_may_dependency_kill()` */
  metaMayKill(m: NftMatch): boolean {
    const dep = this.get(NETWORK);
    if (dep === undefined) return true;
    const nfproto = familyOf(dep);
    if (nfproto === undefined) return true;
    if (this.family === 'ip' || this.family === 'ip6') return this.family === nfproto;
    if (this.family === 'arp') return true;
    if (m.left.kind !== 'meta' || m.left.key !== 'l4proto') return true;
    const l4 = m.right.kind === 'value' ? Number(m.right.value) : 0;
    if (l4 !== ICMP && l4 !== ICMPV6) return false;
    return !((nfproto === 'ip' && l4 === ICMPV6) || (nfproto === 'ip6' && l4 === ICMP));
  }
}

const ICMP_FIELD_TYPES: Readonly<Record<string, number>> = {
  'icmp id': 8,
  'icmp sequence': 8,
  'icmp gateway': 5,
  'icmp mtu': 3,
  'icmpv6 id': 128,
  'icmpv6 sequence': 128,
  'icmpv6 mtu': 2,
  'icmpv6 max-delay': 130,
  'icmpv6 parameter-problem': 4,
};

/** The family that a match of the link layer asks for; undefined if it asks for something else. */
function familyOf(dep: NftMatch): string | undefined {
  const n = dep.right.kind === 'value' ? Number(dep.right.value) : 0;
  const d = dep.left;
  if (d.kind === 'meta' && d.key === 'nfproto') return n === 2 ? 'ip' : n === 10 ? 'ip6' : '';
  const ether =
    (d.kind === 'meta' && d.key === 'protocol') ||
    (d.kind === 'payload' && d.base === 'link' && d.type === 'ether_type');
  if (!ether) return undefined;
  return n === 0x0800 ? 'ip' : n === 0x86dd ? 'ip6' : '';
}

/** Every expression of a value, in the order of listing. */
function walk(e: NftExpr | undefined, visit: (e: NftExpr) => void): void {
  if (e === undefined) return;
  if (e.kind === 'concat') for (const p of e.parts) walk(p, visit);
  else if (e.kind === 'binop') for (const x of [e.left, e.right]) walk(x, visit);
  else if (e.kind === 'map') walk(e.key, visit);
  else if (e.kind === 'hash') walk(e.of, visit);
  else visit(e);
}

function killFor(deps: Dependencies, e: NftExpr): void {
  if (e.kind === 'payload') deps.kill(e);
  else if (e.kind === 'exthdr' && e.op === 'tcpopt') deps.release(TRANSPORT);
  else if (e.kind === 'exthdr' && (e.op === 'ipv6' || e.op === 'ipopt')) deps.release(NETWORK);
}

function matchDone(deps: Dependencies, m: NftMatch): void {
  const { left, right } = m;
  if (left.kind === 'payload') {
    const stacked =
      left.field === 'type' &&
      left.base === 'link' &&
      right.kind === 'value' &&
      (right.value === 0x8100n || right.value === 0x88a8n);
    deps.kill(left);
    if (m.op === '==' && right.kind === 'value' && isProtocolKey(left))
      deps.store(m, (LAYER[left.base] as number) - (stacked ? 1 : 0));
    return;
  }
  if (left.kind !== 'meta' || m.op !== '==' || right.kind !== 'value') {
    walk(left, (e) => killFor(deps, e));
    return;
  }
  const layer = META_LAYER[left.key] ?? 0;
  if (deps.get(layer) !== undefined && deps.metaMayKill(m)) deps.release(layer);
  if (isProtocolKey(left)) deps.store(m, layer);
}

function rejectDone(deps: Dependencies, s: Extract<NftStmt, { kind: 'reject' }>): void {
  if (deps.family === 'ip' || deps.family === 'ip6') {
    if (s.with === 'tcp reset') deps.release(TRANSPORT);
  } else if (s.with !== 'icmpx') deps.release(NETWORK);
}

/** Hides the matches of a rule that its others imply. */
export function hideImplied(family: NftFamily, stmts: readonly NftStmt[]): void {
  const deps = new Dependencies(family);
  for (const s of stmts) {
    if (s.kind === 'match') {
      matchDone(deps, s);
      continue;
    }
    if (s.kind === 'reject') rejectDone(deps, s);
    else
      for (const v of Object.values(s) as unknown[])
        if (typeof v === 'object' && v !== null && 'kind' in v && 'bits' in v)
          walk(v as NftExpr, (e) => killFor(deps, e));
    deps.reset();
  }
}
