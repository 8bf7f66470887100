import type { TcOptions } from '../../qdisc/index.ts';

/** Counters that `tc -s` prints. */
export interface TcStatsInfo {
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly overlimits: number;
  readonly requeues: number;
  readonly qlen: number;
  /** Bytes. */
  readonly backlog: number;
}

/** What RTM_GETQDISC answers about one qdisc. */
export interface QdiscInfo {
  readonly ifindex: number;
  readonly kind: string;
  readonly handle: number;
  readonly parent: number;
  /** 1 is not shown. */
  readonly refcnt: number;
  readonly options: TcOptions | undefined;
  readonly stats: TcStatsInfo;
  readonly xstats: TcOptions | undefined;
}

/** What RTM_GETTCLASS answers about one class. */
export interface ClassInfo {
  readonly ifindex: number;
  /** Of its qdisc. */
  readonly kind: string;
  readonly handle: number;
  readonly parent: number;
  /** Handle of the qdisc in it; 0 for one that is not shown. */
  readonly leaf: number;
  readonly options: TcOptions | undefined;
  readonly stats: TcStatsInfo | undefined;
  readonly xstats: TcOptions | undefined;
}

/** What RTM_GETTFILTER answers about one filter. */
export interface TcFilterInfo {
  readonly ifindex: number;
  readonly parent: number;
  readonly protocol: number;
  readonly prio: number;
  readonly kind: string;
  readonly handle: number;
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/** RTM_NEWQDISC, RTM_NEWTCLASS and their deletions: `struct tcmsg` and TCA_*. */
export interface TcRequest {
  readonly ifindex: number;
  readonly handle?: number;
  readonly parent?: number;
  readonly kind?: string;
  readonly options?: TcOptions;
}

/** RTM_NEWTFILTER and RTM_DELTFILTER. */
export interface TcFilterRequest extends TcRequest {
  readonly prio?: number;
  readonly protocol?: number;
}
