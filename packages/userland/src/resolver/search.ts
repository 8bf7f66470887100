import type { Process } from '../machine/index.ts';
import { type DnsAnswer, NOERROR, TYPE_A, TYPE_AAAA } from './dns-message.ts';
import type { GaiError } from './gai-error.ts';
import { readResolvConf } from './resolv-conf.ts';
import { query } from './stub.ts';

/** What the search for a name came to. */
export type DnsResult = { readonly answers: readonly DnsAnswer[] } | { readonly error: GaiError };

/** The fully qualified names to try, in order. glibc resolv/res_query.c, res_nsearch() */
export function candidates(name: string, search: readonly string[], ndots: number): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = search.map((domain) =>
    domain === '.' ? name : `${name}.${domain.replace(/\.$/, '')}`,
  );
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/** Looks a name up in the DNS by the search list. EAI_AGAIN as soon as no server answers. */
export async function searchDns(
  proc: Process,
  name: string,
  types: readonly number[],
): Promise<DnsResult> {
  const conf = readResolvConf(proc);
  // without AAAA: whether there is such a name at all
  const wanted = conf.noAaaa
    ? [...new Set(types.map((t) => (t === TYPE_AAAA ? TYPE_A : t)))]
    : types;
  let sawName = false;
  for (const fqdn of candidates(name, conf.search, conf.ndots)) {
    const answers = await query(proc, conf, fqdn, wanted);
    const given = answers.filter((a): a is DnsAnswer => a !== undefined);
    const has = given.some((a) => a.records.some((r) => types.includes(r.type)));
    if (has && !(conf.noAaaa && types.every((t) => t === TYPE_AAAA))) return { answers: given };
    if (given.length < wanted.length) return { error: 'EAI_AGAIN' };
    if (given.some((a) => a.rcode === NOERROR && a.records.length > 0))
      return { error: 'EAI_NODATA' };
    if (given.some((a) => a.rcode === NOERROR)) sawName = true;
  }
  return { error: sawName ? 'EAI_NODATA' : 'EAI_NONAME' };
}
