import { MS } from '@labwire/core/sim';
import type { OpenFile, Process } from '../machine/index.ts';

/** An opened address: what is read from, what is written to, and how its sending side is ended. */
export interface Channel {
  readonly read: OpenFile | undefined;
  readonly write: OpenFile | undefined;
  /** Tells the other side that nothing more comes. */
  readonly endWrite: () => void;
  readonly crnl: boolean;
  /** A child that socat waits for at the end. */
  readonly child?: Process;
  /** What is left to do at the very end: unlinking a socket's file. */
  readonly close?: () => void;
}

/** Runs `serve` in a child for each connection; {@link openAddress} of a listener with `fork` never returns but by a signal. */
export type Serve = (proc: Process, channel: Channel) => Promise<number>;

/** How long socat goes on after one side has ended. Option -t */
export const DEFAULT_LINGER: number = 500 * MS;
