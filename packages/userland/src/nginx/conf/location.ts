import { ConfError } from './conf-error.ts';
import { inPlace } from './lexer.ts';
import type { Directive } from './parse.ts';
import { Scope } from './scope.ts';

/** How a location matches: the text itself, what begins with it, the same without regular expressions after it, one of those, or a name. */
export type LocationKind = 'exact' | 'prefix' | 'prefix-first' | 'regex' | 'named';

/** A location block. */
export interface Location {
  readonly kind: LocationKind;
  readonly pattern: string;
  readonly regex: RegExp | undefined;
  readonly scope: Scope;
  readonly children: readonly Location[];
}

const MODIFIERS: Readonly<Record<string, LocationKind>> = {
  '=': 'exact',
  '^~': 'prefix-first',
  '~': 'regex',
  '~*': 'regex',
};

/** The modifier may be glued to the pattern: `=/x`. */
function splitModifier(d: Directive): [modifier: string, pattern: string] {
  const [first = '', second] = d.args;
  if (second !== undefined) {
    if (MODIFIERS[first] === undefined)
      throw new ConfError(`invalid location modifier "${first}"${inPlace(d.place)}`);
    return [first, second];
  }
  const m = /^(=|\^~|~\*|~)(.+)$/.exec(first);
  return m === null ? ['', first] : [m[1] as string, m[2] as string];
}

function compile(pattern: string, flags: string, d: Directive): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new ConfError(`regular expression "${pattern}" cannot be compiled${inPlace(d.place)}`);
  }
}

/** Reads the location blocks of a server or a location. @throws ConfError */
export function readLocations(scope: Scope): Location[] {
  const found: Location[] = [];
  for (const d of scope.own('location')) {
    const [modifier, pattern] = splitModifier(d);
    const named = modifier === '' && pattern.startsWith('@');
    const kind = named ? 'named' : (MODIFIERS[modifier] ?? 'prefix');
    if (found.some((l) => l.pattern === pattern && same(l.kind, kind)))
      throw new ConfError(`duplicate location "${pattern}"${inPlace(d.place)}`);
    const own = new Scope(d.block ?? [], scope);
    const flags = modifier === '~*' ? 'iu' : 'u';
    const regex = kind === 'regex' ? compile(pattern, flags, d) : undefined;
    found.push({ kind, pattern, regex, scope: own, children: readLocations(own) });
  }
  return found;
}

function same(a: LocationKind, b: LocationKind): boolean {
  const plain = (k: LocationKind) => (k === 'prefix-first' ? 'prefix' : k);
  return a !== 'regex' && plain(a) === plain(b);
}

/** Chooses the location of a path: exact, else the longest prefix unless a regular expression matches. ngx_http_core_find_location() */
export function findLocation(locations: readonly Location[], path: string): Location | undefined {
  const exact = locations.find((l) => l.kind === 'exact' && l.pattern === path);
  if (exact !== undefined) return exact;
  const prefixes = locations.filter(
    (l) => (l.kind === 'prefix' || l.kind === 'prefix-first') && path.startsWith(l.pattern),
  );
  const longest = prefixes.reduce<Location | undefined>(
    (best, l) => (best === undefined || l.pattern.length > best.pattern.length ? l : best),
    undefined,
  );
  const nested = longest === undefined ? undefined : findLocation(longest.children, path);
  if (nested !== undefined && nested.kind !== 'prefix') return nested;
  if (longest?.kind === 'prefix-first') return nested ?? longest;
  const regex = locations.find((l) => l.regex?.test(path) === true);
  return regex ?? nested ?? longest;
}

/** Whether a path is that of a proxied location but for the slash at its end, which a redirect then adds. auto_redirect */
export function lacksSlash(locations: readonly Location[], path: string): boolean {
  return locations.some(
    (l) =>
      (l.kind !== 'regex' && l.pattern === `${path}/` && l.scope.own('proxy_pass').length > 0) ||
      lacksSlash(l.children, path),
  );
}
