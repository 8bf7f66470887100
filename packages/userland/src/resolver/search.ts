import type { Process } from '../machine/index.ts';
import { type DnsAnswer, NOERROR, TYPE_A, TYPE_AAAA } from './dns-message.ts';
import type { GaiError } from './gai-error.ts';
import { type ResolvConf, readResolvConf } from './resolv-conf.ts';
import { type QueryFailure, query } from './stub.ts';

/** What the search for a name came to. */
export type DnsResult = { readonly answers: readonly DnsAnswer[] } | { readonly error: GaiError };

/** What one name of the search came to. */
type Attempt =
  | { readonly answers: readonly DnsAnswer[] }
  | { readonly error: GaiError; readonly failure?: QueryFailure };

/** Asks for one fully qualified name. `__res_context_querydomain()` */
async function attempt(
  proc: Process,
  conf: ResolvConf,
  fqdn: string,
  types: readonly number[],
): Promise<Attempt> {
  // without AAAA: whether there is such a name at all
  const wanted = conf.noAaaa
    ? [...new Set(types.map((t) => (t === TYPE_AAAA ? TYPE_A : t)))]
    : types;
  const { answers, failure } = await query(proc, conf, fqdn, wanted);
  const given = answers.filter((a): a is DnsAnswer => a !== undefined);
  const has = given.some((a) => a.records.some((r) => types.includes(r.type)));
  if (has && !(conf.noAaaa && types.every((t) => t === TYPE_AAAA))) return { answers: given };
  if (given.length < wanted.length) return { error: 'EAI_AGAIN', failure };
  // an alias that leads nowhere is an answer all the same
  if (given.some((a) => a.rcode === NOERROR && a.records.length > 0)) return { answers: [] };
  return { error: given.some((a) => a.rcode === NOERROR) ? 'EAI_NODATA' : 'EAI_NONAME' };
}

/** Goes through the search list. @returns undefined if the name itself may be tried yet */
async function searchDomains(
  ask: (fqdn: string) => Promise<Attempt>,
  name: string,
  domains: readonly string[],
): Promise<Attempt | { readonly last: GaiError | undefined }> {
  let last: GaiError | undefined;
  for (const domain of domains) {
    const fqdn = domain === '.' ? name : `${name}.${domain.replace(/\.$/, '')}`;
    const found = await ask(fqdn);
    if ('answers' in found || found.failure === 'ECONNREFUSED') return found;
    if (found.error === 'EAI_NODATA') last = 'EAI_NODATA';
    else if (found.failure === 'SERVFAIL') last ??= 'EAI_AGAIN';
    else if (found.failure !== undefined) break;
  }
  return { last };
}

/**
 * Looks a name up in the DNS: as it is if it has enough dots, then with the domains of the search list, then as it is if
 * that was not yet tried. glibc resolv/res_query.c, __res_context_search()
 */
export async function searchDns(
  proc: Process,
  name: string,
  types: readonly number[],
): Promise<DnsResult> {
  const conf = readResolvConf(proc);
  const ask = (fqdn: string): Promise<Attempt> => attempt(proc, conf, fqdn, types);
  const settled = (a: Attempt): DnsResult =>
    'error' in a || a.answers.length > 0 ? a : { error: 'EAI_NODATA' };
  if (name.endsWith('.')) return settled(await ask(name.slice(0, -1)));
  const asIs = name.split('.').length - 1 >= conf.ndots ? await ask(name) : undefined;
  if (asIs !== undefined && 'answers' in asIs) return settled(asIs);
  const found = await searchDomains(ask, name, conf.search);
  if (!('last' in found)) return 'error' in found && asIs !== undefined ? asIs : settled(found);
  if (asIs !== undefined) return asIs;
  const late = await ask(name);
  return 'error' in late && found.last !== undefined ? { error: found.last } : settled(late);
}
