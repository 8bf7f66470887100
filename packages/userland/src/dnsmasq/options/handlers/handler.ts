import type { Process } from '../../../machine/index.ts';
import type { Config } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';

/** In which circumstances an option is read. */
export interface OptionContext {
  readonly proc: Process;
  readonly config: Config;
  /** What an error says that has no words of its own: `try --help` on the command line, `error` in a file. */
  readonly genericError: string;
  /** The file may hold nothing but servers: --servers-file. */
  readonly serversOnly: boolean;
}

/**
 * Takes one option over into the configuration.
 * @param arg its argument, empty without one; characters that were between quotes are still hidden
 * @param key the option's letter, or its long name
 * @throws OptionError in dnsmasq's words
 */
export type OptionHandler = (c: OptionContext, arg: string, key: string) => void | Promise<void>;

/** Handlers by the option's letter or long name. */
export type OptionHandlers = Readonly<Record<string, OptionHandler>>;

/** `value` unless it is undefined. @throws OptionError saying `message` */
export function need<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new OptionError(message);
  return value;
}
