import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Query } from '../packet.ts';
import type { QueryLog } from '../query-log.ts';

/** The net through which a question came, for --localise-queries. */
export interface LocalNet {
  readonly addr: InetAddr;
  readonly prefixLength: number;
}

/** One question, and what an answer to it needs. */
export interface Asked {
  readonly query: Query;
  readonly log: QueryLog;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Bytes that the asker takes. */
  readonly limit: number;
  /** Answers change the order of those that follow; a process for one TCP connection only changes its own copy. */
  readonly rotates: boolean;
  /** Undefined: answers do not depend on it. */
  readonly localNet: LocalNet | undefined;
}

/** An answer from what is known here. */
export interface LocalAnswer {
  readonly reply: Uint8Array;
  /** It is from an entry that has expired: the question goes on too. */
  readonly stale: boolean;
}
