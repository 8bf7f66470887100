import type { EbtRule, EbtStep, Is } from '@labwire/devices/bridge';
import type { Names } from './names.ts';

/** What an extension may be told of by an option; its names mean the same. */
export interface EbtOption {
  readonly names: readonly string[];
  /** What the extension calls it. */
  readonly key: string;
  /** Takes no argument. */
  readonly flag?: boolean;
  /** May be given once. EBT_CHECK_OPTION() */
  readonly once?: boolean;
}

/** One use of an option. */
export interface EbtOptionCall {
  readonly key: string;
  readonly text: string;
  /** `!` stood before the option or its argument. */
  readonly invert: boolean;
  readonly names: Names;
  /** Keys that were given before. */
  readonly given: ReadonlySet<string>;
}

/** What is written while options are read. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A match, a watcher or a target. libxtables, `struct xtables_match` and `struct xtables_target` */
export interface EbtExtension<S extends EbtStep = EbtStep> {
  readonly name: S['kind'];
  readonly options: readonly EbtOption[];
  init(): Draft<S>;
  /** Takes an option in. @throws {@link IptablesError} */
  parse(draft: Draft<S>, call: EbtOptionCall): void;
  /** Once all options are read. @throws {@link IptablesError} */
  finalCheck?(given: ReadonlySet<string>): void;
  /** Whether the kernel takes it in a rule of a table. */
  fits?(step: S, rule: EbtRule, table: string): boolean;
  /** What the kernel keeps of it. */
  kept?(step: S): S;
  /** As listings show it; matches and watchers end with a blank. */
  print(step: S, names: Names): string;
}

/** Any extension, whatever it is of. */
export function defineExtension<S extends EbtStep>(e: EbtExtension<S>): EbtExtension {
  return e as unknown as EbtExtension;
}

/** A value and whether it is inverted. */
export function asked<T>(value: T, { invert }: EbtOptionCall): Is<T> {
  return { value, invert };
}

/** The EtherType that a rule is for; undefined for any, or for all but one. */
export function typeOf({ proto }: EbtRule): number | undefined {
  return proto?.invert === false ? proto.value : undefined;
}
