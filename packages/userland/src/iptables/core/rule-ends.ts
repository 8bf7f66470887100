/** What -s, -d, -i and -o say. libxtables, xtables_ipparse_multiple() and its neighbours. */
import type { IfaceMatch, Masked } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { maskAddr, maskOf, parseAddr, plenOf } from './address.ts';
import { parameterProblem } from './error.ts';
import { strtoui } from './numbers.ts';

/** Addresses of a name; none if it is not known. */
export type ResolveHost = (host: string) => readonly Masked['addr'][];

/** The addresses of a list like `10.0.0.1,10.1.0.0/16,name`, those of one name each once; undefined stands for any. @throws IptablesError */
export function parseEnds(
  text: string | undefined,
  family: Family,
  resolve: ResolveHost,
): (Masked | undefined)[] {
  if (text === undefined) return [undefined];
  const all: Masked[] = [];
  for (const part of text.split(',')) {
    const seen: Masked[] = [];
    for (const m of parseEnd(part.trim(), family, resolve)) {
      if (!seen.some((x) => JSON.stringify(x) === JSON.stringify(m))) seen.push(m);
    }
    all.push(...seen);
  }
  return all;
}

function parseEnd(text: string, family: Family, resolve: ResolveHost): Masked[] {
  const slash = text.lastIndexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const mask =
    slash < 0
      ? maskOf(family === 'inet' ? 32 : 128, family)
      : parseMask(text.slice(slash + 1), family);
  if (plenOf(mask) === 0) return [{ addr: maskAddr(mask, mask), mask }];
  const numeric = parseAddr(host, family);
  const addrs = numeric === undefined ? resolve(host) : [numeric];
  if (addrs.length === 0) throw parameterProblem(`host/network \`${host}' not found`);
  return addrs.map((a) => ({ addr: maskAddr(a, mask), mask }));
}

function parseMask(text: string, family: Family): Masked['mask'] {
  const dotted = /^\d+$/.test(text) ? undefined : parseAddr(text, family);
  if (dotted !== undefined) return dotted;
  const plen = strtoui(text, 0, family === 'inet' ? 32 : 128);
  if (plen === undefined) throw parameterProblem(`invalid mask \`${text}' specified`);
  return maskOf(plen, family);
}

/** An interface's name, `+` at its end for any that begins so; undefined for any. */
export function ifaceMatch(text: string, invert: boolean): IfaceMatch | undefined {
  if (text === '' || (text === '+' && !invert)) return undefined;
  const wildcard = text.endsWith('+');
  return { name: wildcard ? text.slice(0, -1) : text, wildcard, invert };
}
