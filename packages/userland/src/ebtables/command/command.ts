import type { EbtPolicy, EbtRule, EbtTableName } from '@labwire/devices/bridge';

/** What to do. -C is here for what it is refused with. */
export type EbtLetter =
  | 'A'
  | 'I'
  | 'D'
  | 'check'
  | 'C'
  | 'P'
  | 'N'
  | 'E'
  | 'X'
  | 'L'
  | 'F'
  | 'Z'
  | 'init'
  | 'help'
  | 'version';

/** A command line that was understood. */
export interface EbtCommand {
  readonly letter: EbtLetter;
  readonly table: EbtTableName;
  /** The chain, or undefined for all. */
  readonly chain: string | undefined;
  /** -N CHAIN -P POLICY: the chain is made first. */
  readonly makesChain: boolean;
  /** -I: the place of the rule, from 1. */
  readonly at: number;
  /** -D by numbers: the first and the last; -1 for the last rule of the chain. */
  readonly numbers: readonly [number, number] | undefined;
  readonly policy: EbtPolicy | undefined;
  /** -E: the new name. */
  readonly newName: string | undefined;
  readonly rule: EbtRule;
  /** -Z beside -L. */
  readonly zeroes: boolean;
  /** --Lc, --Ln */
  readonly counters: boolean;
  readonly lineNumbers: boolean;
  readonly verbose: boolean;
  /** What is said on standard error before anything else. */
  readonly warnings: readonly string[];
}
