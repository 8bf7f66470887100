import type { Nanos } from '@labwire/core/sim';
import { HashlimitTable } from './match/hashlimit.ts';
import { RecentTable } from './match/recent.ts';
import type { HashlimitMatch } from './match.ts';
import type { XtRule } from './rule.ts';

/** The lists of `-m recent` of one namespace, which both families' rules share, by name. Linux `struct recent_net` */
export type RecentTables = Map<string, RecentTable>;

/** What matches of several rules share in one namespace and family. */
export class XtShared {
  readonly recent: RecentTables;
  readonly hashlimit: Map<string, HashlimitTable> = new Map();
  readonly isIpv6: boolean;
  /** Seconds since 1970 at simulated time 0. */
  readonly epoch: () => number;
  readonly now: () => Nanos;

  constructor(isIpv6: boolean, recent: RecentTables, epoch: () => number, now: () => Nanos) {
    this.isIpv6 = isIpv6;
    this.recent = recent;
    this.epoch = epoch;
    this.now = now;
  }

  /** The list of a `-m recent --name`; made when first named. */
  recentTable(name: string): RecentTable {
    let t = this.recent.get(name);
    if (t === undefined) {
      t = new RecentTable();
      this.recent.set(name, t);
    }
    t.users.add(this);
    return t;
  }

  /** The table of a `--hashlimit-name`; made when first named, as that rule asks. `htable_find_get()` */
  hashlimitTable(rule: HashlimitMatch): HashlimitTable {
    let t = this.hashlimit.get(rule.name);
    if (t === undefined) {
      t = new HashlimitTable(rule, this.now());
      this.hashlimit.set(rule.name, t);
    }
    return t;
  }

  /** Forgets what none of the family's rules names any more. `recent_mt_destroy()`, `htable_put()` */
  sweep(rules: () => Iterable<XtRule>): void {
    if (this.recent.size + this.hashlimit.size === 0) return;
    const named = { recent: new Set<string>(), hashlimit: new Set<string>() };
    for (const { matches } of rules())
      for (const m of matches)
        if (m.kind === 'recent' || m.kind === 'hashlimit') named[m.kind].add(m.name);
    for (const name of this.hashlimit.keys())
      if (!named.hashlimit.has(name)) this.hashlimit.delete(name);
    for (const [name, { users }] of this.recent) {
      if (named.recent.has(name)) continue;
      users.delete(this);
      if (users.size === 0) this.recent.delete(name);
    }
  }
}
