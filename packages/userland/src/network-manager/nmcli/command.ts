import { MS } from '@labwire/core/sim';
import type { Process } from '../../machine/index.ts';
import type { NetworkManager } from '../daemon/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import type { NmcliOptions } from './options.ts';

/** What a command of nmcli has to work with. */
export interface Context {
  readonly proc: Process;
  readonly options: NmcliOptions;
  /** The daemon. @throws NmcliError if it does not run */
  readonly manager: () => NetworkManager;
}

/** A command, given the words behind it. @returns the exit status @throws NmcliError */
export type Command = (ctx: Context, words: readonly string[]) => Promise<number>;

/** A word by any of its beginnings: the first in the list that begins so. */
export function matchWord<W extends string>(word: string, words: readonly W[]): W | undefined {
  return word === '' ? undefined : words.find((each) => each.startsWith(word));
}

export function notUnderstood(word: string): NmcliError {
  return new NmcliError(
    Exit.userInput,
    `argument '${word}' not understood. Try passing --help instead.`,
  );
}

/** Waits until something holds. @returns whether it does; false once `seconds` are over */
export async function waitUntil(
  ctx: Context,
  manager: NetworkManager,
  seconds: number,
  holds: () => boolean,
): Promise<boolean> {
  const { proc } = ctx;
  const on = { poll: () => (holds() ? 1 : 0), wq: manager.changed };
  const done = await proc.poll([{ on, events: 1 }], seconds * 1000 * MS, 'NetworkManager');
  return done;
}
