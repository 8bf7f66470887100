/**
 * The text of an option's argument. In a configuration file, characters between quotes lose their meaning: they are
 * hidden until the argument has been split. dnsmasq src/option.c, hide_meta()
 */

const META = '\x0a3456 \b\t\n78\r90abcdefABCDE\x1bF:,.';
const HIDDEN = 0xe000;

/** Takes its meaning from a character, if it has one. */
export function hideMeta(c: string): string {
  return META.includes(c) ? String.fromCharCode(HIDDEN + c.charCodeAt(0)) : c;
}

/** Gives hidden characters back. */
export function unhide(text: string): string {
  return text.replace(/[\ue000-\ue0ff]/g, (c) => String.fromCharCode(c.charCodeAt(0) - HIDDEN));
}

/** Cuts a text at the first `c`, without the spaces around it. @returns what is before and behind it; undefined behind if there is none */
export function splitAt(text: string, c: string): readonly [string, string | undefined] {
  const at = text.indexOf(c);
  if (at < 0) return [text, undefined];
  return [text.slice(0, at).replace(/ +$/, ''), text.slice(at + 1).replace(/^ +/, '')];
}

/** Cuts at the first comma. */
export function split(text: string): readonly [string, string | undefined] {
  return splitAt(text, ',');
}

/** All parts between commas. */
export function splitAll(text: string): string[] {
  const parts: string[] = [];
  for (let rest: string | undefined = text; rest !== undefined; ) {
    const [head, tail]: readonly [string, string | undefined] = split(rest);
    parts.push(head);
    rest = tail;
  }
  return parts;
}

/** A number of digits alone, as atoi(3) of 32 bits reads it. @returns undefined if it is none. atoi_check() */
export function parseInteger(text: string): number | undefined {
  const digits = unhide(text);
  if (!/^\d*$/.test(digits)) return undefined;
  const value = Number(digits);
  return value > Number.MAX_SAFE_INTEGER ? -1 : value | 0;
}

/** A number of 16 bits. @returns undefined if it is none. atoi_check16() */
export function parseInteger16(text: string): number | undefined {
  const value = parseInteger(text);
  return value === undefined || value < 0 || value > 0xffff ? undefined : value;
}

const MAX_NAME = 1025;
const MAX_LABEL = 63;

/** A domain name without its last dot, in lower case if it has capitals. @returns undefined if it can be none. dnsmasq src/util.c, canonicalise() */
export function canonicalise(text: string): string | undefined {
  if (text === '' || text.length > MAX_NAME) return undefined;
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  for (const label of name.split('.')) if (label.length > MAX_LABEL) return undefined;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || code >= 0x7f) return undefined;
  }
  if (name === text && /^[ .]*$/.test(name) && !name.includes('.')) return undefined;
  return name.toLowerCase();
}

/** A domain name as an option's argument holds it; an empty one stays empty. canonicalise_opt() */
export function optionName(text: string): string | undefined {
  return text === '' ? '' : canonicalise(unhide(text));
}
