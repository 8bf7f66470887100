import type { Range } from '@labwire/devices/netfilter';
import { type IptablesError, parameterProblem } from '../core/error.ts';

/** ` !` before an option that is inverted. */
export function not(m: { readonly invert: boolean }): string {
  return m.invert ? ' !' : '';
}

/** `!` before a value that is inverted. */
export function bang(m: { readonly invert: boolean }): string {
  return m.invert ? '!' : '';
}

/** `5` or `5:9`. */
export function rangeText({ min, max }: Range): string {
  return min === max ? String(min) : `${min}:${max}`;
}

/** The range that an option of one or two numbers asks for. */
export function rangeOf(numbers: readonly number[]): Range {
  const [min = 0, max = min] = numbers;
  return { min, max };
}

/** XTF_BAD_VALUE of xtables_param_act() */
export function badValue(ext: string, option: string, text: string): IptablesError {
  return parameterProblem(`${ext}: Bad value for "${option}" option: "${text}"`);
}

/** Whether a word is the beginning of a name, whatever its case: `strncasecmp(name, word, strlen(word))`. */
export function abbreviates(word: string, name: string): boolean {
  return name.toUpperCase().startsWith(word.toUpperCase());
}

/** Two digits at least, in hexadecimal: `0x0a`. */
export function hex2(n: number): string {
  return `0x${n.toString(16).padStart(2, '0')}`;
}
