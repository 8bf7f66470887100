import { Tracepoint } from '@labwire/core/sim';

/** What messages of rtnetlink's groups are about: what is told is the layer's own record of it. RTNLGRP_* */
export type RtnlSubject =
  | 'link'
  | 'addr4'
  | 'addr6'
  | 'route4'
  | 'route6'
  | 'rule4'
  | 'rule6'
  | 'nexthop';

/** Who listens to what is changed in a namespace. `rtnl_notify()` */
export class RtnlGroups {
  #news: Tracepoint<[subject: RtnlSubject, deleted: boolean, what: unknown]> | null = null;

  /** Calls `hear` at each change. @returns what stops that */
  listen(hear: (subject: RtnlSubject, deleted: boolean, what: unknown) => void): () => void {
    this.#news ??= new Tracepoint();
    return this.#news.listen(hear);
  }

  /** Something came, is another, or has gone. */
  tell(subject: RtnlSubject, deleted: boolean, what: unknown): void {
    if (this.#news?.active === true) this.#news.emit(subject, deleted, what);
  }
}
