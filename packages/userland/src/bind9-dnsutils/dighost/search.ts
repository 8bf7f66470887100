import { nameLabels, normalName } from '@labwire/devices/dns';
import type { Lookup } from './lookup.ts';
import type { Session } from './session.ts';
import { LookupFatal } from './setup.ts';

const NAME_ERRORS: Readonly<Record<string, string>> = {
  'empty label': 'empty label',
  'label too long': 'label too long',
  'name too long': 'ran out of space',
  'bad escape': 'bad escape',
};

function dots(text: string): number {
  return text.split('.').length - 1;
}

/** Begins with the search list, or with the name as it is. setup_lookup() */
function beginSearch(session: Session, lookup: Lookup): void {
  if (!lookup.newSearch) return;
  lookup.newSearch = false;
  if (dots(lookup.text) >= session.ndots || !session.useSearch) {
    lookup.origin = undefined;
    lookup.doneAsIs = true;
    lookup.needSearch = session.useSearch;
  } else if (lookup.origin === undefined && session.search.length > 0) {
    lookup.origin = 0;
    lookup.needSearch = false;
  }
}

/** The name that a lookup asks for, with the domain of the search list that it is at. @throws LookupFatal */
export function nameToAsk(session: Session, lookup: Lookup): string {
  beginSearch(session, lookup);
  const { text, origin } = lookup;
  const domain = origin === undefined ? undefined : session.search[origin];
  const full = domain === undefined || text.endsWith('.') ? text : `${text}.${domain}`;
  const name = normalName(full);
  if (name !== undefined) return name;
  const why = NAME_ERRORS[String(nameLabels(full))] ?? 'bad name';
  throw new LookupFatal(`'${text}' is not a legal name (${why})`, 10);
}

/** The same lookup with the next domain of the search list; undefined if there is none. next_origin() */
export function nextOrigin(session: Session, lookup: Lookup): Lookup | undefined {
  const { text, origin, needSearch, doneAsIs } = lookup;
  if (!session.useSearch || text.endsWith('.') || dots(text) + 1 > session.ndots) return undefined;
  if (origin === undefined && !needSearch) return undefined;
  const next = lookup.clone();
  next.needSearch = false;
  const at = origin === undefined ? 0 : origin + 1;
  next.origin = at < session.search.length ? at : undefined;
  if (next.origin === undefined && doneAsIs) return undefined;
  return next;
}
