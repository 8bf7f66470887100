/** The networks around a rule set: who stands where, so that its rules fit. */
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';

/** A network by its first address. */
export interface Net {
  readonly base: Ipv4Addr;
  readonly plen: number;
}

/** Addresses from one to another, both of them included. */
export interface Range {
  readonly low: Ipv4Addr;
  readonly high: Ipv4Addr;
}

const DEFAULT_OUTER = parseIpv4('203.0.113.10') as Ipv4Addr;
const FAR = ['198.51.100.0', '192.0.2.0', '203.0.113.0'].map((t) => parseIpv4(t) as Ipv4Addr);
/** Outer addresses that the router's device has; what else a pool has leads to the router by routes. */
const ON_DEVICE = 4;

export const at = (base: Ipv4Addr, n: number): Ipv4Addr => ((base + n) | 0) as Ipv4Addr;
const contains = ({ base, plen }: Net, a: Ipv4Addr): boolean => (a & (-1 << (32 - plen))) === base;
const spans = ({ low, high }: Range, a: Ipv4Addr): boolean =>
  a >>> 0 >= low >>> 0 && a >>> 0 <= high >>> 0;

export function addressOf(text: string | undefined): Ipv4Addr | undefined {
  return parseIpv4((text ?? '').split(/[/-]/)[0] ?? '');
}

/** A network of hosts as a rule names it; of a few addresses or one: the 256 around it. */
export function networkOf(text: string | undefined): Net | undefined {
  const net = exactly(text);
  return net === undefined || net.plen <= 30
    ? net
    : { base: (net.base & -256) as Ipv4Addr, plen: 24 };
}

/** Addresses as a rule names them. */
export function exactly(text: string | undefined): Net | undefined {
  const addr = addressOf(text);
  if (addr === undefined) return undefined;
  const plen = Number(text?.split('/')[1] ?? 32);
  if (!Number.isInteger(plen) || plen > 32 || plen < 1) return { base: addr, plen: 32 };
  return { base: (addr & (-1 << (32 - plen))) as Ipv4Addr, plen };
}

export const isWithin = (inner: Net, outer: Net): boolean =>
  inner.plen >= outer.plen && contains(outer, inner.base);

/** The pool that a rule gives, or the one address that packets must be for. */
export function rangeOf(pool: string | undefined, destination: string | undefined): Range {
  const [low, high] = (pool?.split(':')[0] ?? destination?.split('/')[0] ?? '').split('-');
  const first = addressOf(low) ?? DEFAULT_OUTER;
  return { low: first, high: addressOf(high) ?? first };
}

/** The router's outside. */
export interface Outside {
  /** Addresses of its device. */
  readonly outer: readonly Ipv4Addr[];
  readonly plen: number;
  /** Commands that make the rest of a pool the router's. */
  readonly routes: readonly string[];
  /** Hosts there, the first of which is its gateway. */
  readonly servers: readonly Ipv4Addr[];
  /** Those of them that the rule is about. */
  readonly peers: readonly Ipv4Addr[];
}

/** The outside of a router with some addresses, of which a rule may name the peers. */
export function outsideOf(pool: Range, inside: Net, named: Net | undefined): Outside {
  const size = Math.max((pool.high >>> 0) - (pool.low >>> 0), 0) + 1;
  const outer = Array.from({ length: Math.min(size, ON_DEVICE) }, (_, i) => at(pool.low, i));
  const { near, net } = neighboursOf(pool);
  const far = FAR.filter((a) => !contains(net, a) && !contains(inside, at(a, 8))).map((a) =>
    at(a, 8),
  );
  const usual = [...near, ...far.slice(0, 1)];
  const peers = named === undefined ? usual : hostsIn(named).filter((a) => !spans(pool, a));
  const rest = { low: at(pool.low, ON_DEVICE), high: pool.high };
  return {
    outer,
    plen: net.plen,
    routes: size <= ON_DEVICE ? [] : blocksOf(rest).map((b) => `ip route add local ${b} dev lo`),
    servers: [...new Set([...usual, ...peers])],
    peers: peers.length === 0 ? usual : peers,
  };
}

/** The smallest network around a pool that has two addresses to spare, from /24 on. */
function neighboursOf(pool: Range): { readonly near: Ipv4Addr[]; readonly net: Net } {
  for (let plen = 24; ; plen--) {
    const base = (pool.low & (-1 << (32 - plen))) as Ipv4Addr;
    const last = at(base, 2 ** (32 - plen) - 1);
    const candidates = [1, 2, 3].flatMap((n) => [at(base, n), at(pool.high, n)]);
    const free = candidates.filter(
      (a) => contains({ base, plen }, a) && a !== base && a !== last && !spans(pool, a),
    );
    const near = [...new Set(free)].slice(0, 2);
    if (near.length === 2 || plen === 8) return { near, net: { base, plen } };
  }
}

/** Up to three hosts of a network. */
function hostsIn({ base, plen }: Net): Ipv4Addr[] {
  if (plen > 30) return [base];
  return Array.from({ length: Math.min(2 ** (32 - plen) - 2, 3) }, (_, i) => at(base, i + 1));
}

/** A range as the fewest networks: `198.51.100.20/30`. */
function blocksOf({ low, high }: Range): string[] {
  const blocks: string[] = [];
  for (let first = low >>> 0; first <= high >>> 0; ) {
    let bits = 0;
    while (bits < 32 && first % 2 ** (bits + 1) === 0 && first + 2 ** (bits + 1) - 1 <= high >>> 0)
      bits++;
    blocks.push(`${formatIpv4((first | 0) as Ipv4Addr)}/${32 - bits}`);
    first += 2 ** bits;
  }
  return blocks;
}

/** The host that rules lead to, and its neighbours. */
export function hostsOf(net: Net, gateway: Ipv4Addr, target: Ipv4Addr | undefined): Ipv4Addr[] {
  const size = Math.min(2 ** (32 - net.plen), 256) - 2;
  const all = Array.from({ length: Math.min(size, 8) }, (_, i) => at(net.base, i + 1));
  const others = all.filter((a) => a !== gateway && a !== target).slice(0, 3);
  return target === undefined ? others : [target, ...others.slice(0, 2)];
}
