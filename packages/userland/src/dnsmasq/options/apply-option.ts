import { OptionError } from '../fatal.ts';
import { dhcpOptions } from './dhcp/index.ts';
import {
  dnsOptions,
  type OptionContext,
  type OptionHandlers,
  refuseUnsupported,
} from './handlers/index.ts';
import { LONG_OPTIONS } from './option-table.ts';
import { USAGE } from './usage.ts';

const HANDLERS: OptionHandlers = { ...dnsOptions, ...dhcpOptions };

const NAME_OF_KEY: ReadonlyMap<string, string> = new Map(
  [...LONG_OPTIONS].reverse().map(({ key, name }) => [key, name]),
);
const REPEAT_OF_KEY = new Map(USAGE.map(({ key, repeat }) => [key, repeat]));

/** Where an option that may come once has been: on the command line, or in a file, which overrides that. */
export type SeenOptions = Map<string, 'command line' | 'file'>;

/** Whether an option takes effect, by its key: it sets a flag, or something handles it. */
export function isHandled(key: string): boolean {
  return REPEAT_OF_KEY.get(key) === 'flag' || HANDLERS[key] !== undefined;
}

/** Notes that an option is used. @throws OptionError if it was already */
function noteUse(seen: SeenOptions, key: string, onCommandLine: boolean): void {
  const before = seen.get(key);
  if (onCommandLine && before !== undefined) throw new OptionError('illegal repeated flag');
  if (before === 'file') throw new OptionError('illegal repeated keyword');
  seen.set(key, onCommandLine ? 'command line' : 'file');
}

/**
 * Takes one option over. dnsmasq src/option.c, one_opt()
 * @param key its letter, or its long name
 * @throws OptionError in dnsmasq's words, or naming what is not supported
 */
export async function applyOption(
  c: OptionContext,
  seen: SeenOptions,
  key: string,
  arg: string,
  onCommandLine: boolean,
): Promise<void> {
  const name = NAME_OF_KEY.get(key) ?? key;
  const repeat = REPEAT_OF_KEY.get(key);
  if (repeat === 'once') noteUse(seen, key, onCommandLine);
  refuseUnsupported(key, name);
  if (repeat === 'flag') {
    c.config.flags.add(name);
    return;
  }
  const handler = HANDLERS[key];
  if (handler === undefined) throw new OptionError(`--${name} is not supported`);
  await handler(c, arg, key);
}
