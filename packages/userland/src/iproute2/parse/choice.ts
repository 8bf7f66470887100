import { matches } from './args.ts';
import { Failure } from './exit.ts';

/**
 * Which of a list a word abbreviates. Source: iproute2 lib/utils.c, parse_one_of().
 * @param status what the program exits with if it is none of them
 */
export function parseOneOf(
  option: string,
  text: string,
  list: readonly string[],
  status: number,
): number {
  const index = list.findIndex((name) => matches(text, name));
  if (index >= 0) return index;
  const names = list.map((name) => `"${name}", `).join('');
  throw new Failure(
    status,
    `Error: argument of "${option}" must be one of ${names}not "${text}"\n`,
  );
}

/** Reads `on` or `off`, or what abbreviates them. Source: lib/utils.c, parse_on_off(). */
export function parseOnOff(option: string, text: string, status: number): boolean {
  return parseOneOf(option, text, ['off', 'on'], status) === 1;
}

/** Reads exactly `on` or `off`. Source: ip/iplink.c, on_off(). */
export function parseStrictOnOff(option: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Failure(1, `Error: argument of "${option}" must be "on" or "off", not "${text}"\n`);
}
