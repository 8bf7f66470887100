import type { ServerKind } from '../../config/index.ts';
import type { DomainServer } from './domain-server.ts';

/** In which order the rules of one domain stand. */
const KIND_ORDER: readonly ServerKind[] = [
  'addr6',
  'addr4',
  'zeros',
  'resolv',
  'upstream',
  'local',
];

/** What a search is for. */
export interface ServerWish {
  /** An IPv4, an IPv6 address. */
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  /** Only servers that are asked. F_SERVER */
  readonly upstream?: boolean;
  /** Only a server for a domain. F_DOMAINSRV */
  readonly domainOnly?: boolean;
  /** Only rules that answer with an address. F_CONFIG */
  readonly addressOnly?: boolean;
}

/** The rules `[first, last)` of the table that hold. */
export interface ServerRange {
  readonly first: number;
  readonly last: number;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Longer domains first, then by name; those for names without dots last. order_servers() */
function compareDomains({ rule: a }: DomainServer, { rule: b }: DomainServer): number {
  if (a.noDots || b.noDots) return Number(a.noDots) - Number(b.noDots);
  if (a.domain.length !== b.domain.length) return b.domain.length - a.domain.length;
  return compareText(a.domain, b.domain) || Number(a.wildcard) - Number(b.wildcard);
}

function compareServers(a: DomainServer, b: DomainServer): number {
  const byDomain = compareDomains(a, b);
  if (byDomain !== 0) return byDomain;
  const byKind = KIND_ORDER.indexOf(a.rule.kind) - KIND_ORDER.indexOf(b.rule.kind);
  return byKind !== 0 || a.rule.kind !== 'upstream' ? byKind : a.serial - b.serial;
}

const isAddress = ({ rule }: DomainServer) =>
  rule.kind === 'addr4' || rule.kind === 'addr6' || rule.kind === 'zeros';

/** Which rules hold for a name: those of the longest domain that it is in. dnsmasq src/domain-match.c */
export class ServerTable {
  readonly all: readonly DomainServer[];
  readonly #starts = new Map<string, number>();
  readonly #hasWildcard: boolean;

  /** @param servers upstream ones in their order, then the others, the newest first */
  constructor(servers: readonly DomainServer[]) {
    for (const [i, server] of servers.entries()) server.serial = i;
    this.all = [...servers].sort(compareServers);
    for (const [i, server] of this.all.entries()) {
      server.position = i;
      if (server.rule.kind === 'upstream') server.lastServer = -1;
      const key = keyOf(server);
      if (!this.#starts.has(key)) this.#starts.set(key, i);
    }
    this.#hasWildcard = this.all.some((s) => s.rule.wildcard);
  }

  /** Finds the rules for a name. lookup_domain() @returns undefined if none holds */
  lookup(name: string, wish: ServerWish): ServerRange | undefined {
    const lower = name.toLowerCase();
    let found: ServerRange | undefined;
    let wanted = wish;
    for (let at = 0; at <= lower.length && found === undefined; ) {
      const range = this.#rangeAt(lower, at, wanted);
      if (range !== undefined && this.all[range.first]?.rule.kind === 'resolv') {
        wanted = { ...wanted, upstream: true };
        at = at < lower.length ? lower.length : lower.length + 1;
        continue;
      }
      found = range;
      at = this.#next(lower, at);
    }
    if (found === undefined) return undefined;
    const noDots = !lower.includes('.') && lower !== '';
    const tail = this.all.at(-1);
    const general = this.all[found.first]?.rule.domain === '';
    if (!noDots || !general || tail?.rule.noDots !== true) return found;
    return this.filter(this.all.length - 1, wish);
  }

  #next(name: string, at: number): number {
    if (at >= name.length) return at + 1;
    if (this.#hasWildcard) return at + 1;
    const dot = name.indexOf('.', at);
    return dot < 0 ? name.length : dot + 1;
  }

  #rangeAt(name: string, at: number, wish: ServerWish): ServerRange | undefined {
    const suffix = name.slice(at);
    const atLabel = at === 0 || suffix === '' || name[at - 1] === '.';
    const plain = atLabel ? this.#starts.get(suffix) : undefined;
    const seed = plain ?? this.#starts.get(`*${suffix}`);
    return seed === undefined ? undefined : this.filter(seed, wish);
  }

  /** The rules of the same domain as that at `seed` that fit a wish, by their order. filter_servers() */
  filter(seed: number, wish: ServerWish): ServerRange | undefined {
    let low = seed;
    let high = seed + 1;
    const same = (i: number) => {
      const [a, b] = [this.all[i], this.all[seed]];
      return a !== undefined && b !== undefined && compareDomains(a, b) === 0;
    };
    while (same(low - 1)) low--;
    while (same(high)) high++;
    const group = this.all.slice(low, high);
    if (wish.addressOnly === true)
      return group.some(isAddress) ? { first: low, last: high } : undefined;
    return this.#narrow(group, low, wish);
  }

  // addresses of the other family alone: the search goes on with a shorter domain
  #narrow(group: readonly DomainServer[], low: number, wish: ServerWish): ServerRange | undefined {
    const { upstream = false, ipv4 = false, ipv6 = false, domainOnly = false } = wish;
    const only = (kind: ServerKind): ServerRange | undefined => {
      const from = group.findIndex((s) => s.rule.kind === kind);
      if (from < 0) return undefined;
      const count = group.filter((s) => s.rule.kind === kind).length;
      return { first: low + from, last: low + from + count };
    };
    const addresses =
      (ipv6 && !upstream ? only('addr6') : undefined) ??
      (ipv4 && !upstream ? only('addr4') : undefined) ??
      ((ipv4 || ipv6) && !upstream ? only('zeros') : undefined) ??
      only('resolv');
    if (addresses !== undefined) return addresses;
    const asked = only('upstream');
    if (asked !== undefined) return domainOnly && group[0]?.rule.domain === '' ? undefined : asked;
    if (domainOnly || upstream) return undefined;
    return only('local');
  }

  /** The other rules of the same domain. */
  group(seed: number): readonly DomainServer[] {
    const of = this.all[seed];
    return of === undefined ? [] : this.all.filter((s) => compareDomains(s, of) === 0);
  }
}

function keyOf({ rule }: DomainServer): string {
  if (rule.noDots) return '/';
  return rule.wildcard ? `*${rule.domain}` : rule.domain;
}
