/** How errors of the kernel are told. src/cmd.c, nft_cmd_error() */
import { strerror } from '@labwire/core/error';
import type { NfTables, NftFault, NftTable } from '@labwire/devices/netfilter';
import { type Loc, NftError } from '../lex/index.ts';
import type { Command } from '../parse/index.ts';
import { closest } from './fuzzy.ts';

/** The word that the kernel found fault with. */
function placeOf(c: Command, fault: NftFault): Loc | undefined {
  switch (fault.attr) {
    case 'table':
      return c.table?.loc;
    case 'chain':
    case 'set':
    case 'object':
    case 'flowtable':
      return c.name?.loc;
    case 'policy':
      return c.chain?.policy?.loc;
    case 'handle':
      return c.handle?.loc ?? c.position?.loc;
    case 'position':
      return c.position?.loc ?? c.index?.loc;
    default:
      return undefined;
  }
}

/** A table of that name in another family, or of a name like it. */
export function tableLike(nf: NfTables, name: string): NftTable | undefined {
  return closest(
    name,
    nf.tables.map((t) => [t.name, t] as const),
  );
}

function tableHint(t: NftTable): string {
  return `No such file or directory; did you mean table ‘${t.name}’ in family ${t.family}?`;
}

/** What is like a name in all tables, by what it is. */
function like(
  nf: NfTables,
  of: (t: NftTable) => Iterable<readonly [string, string]>,
  name: string,
): readonly [NftTable, string, string] | undefined {
  return closest(
    name,
    nf.tables.flatMap((t) =>
      [...of(t)].map(([own, word]) => [own, [t, own, word] as const] as const),
    ),
  );
}

const KINDS: Readonly<Record<string, (t: NftTable) => Iterable<readonly [string, string]>>> = {
  chain: (t) => [...t.chains.keys()].map((n) => [n, 'chain'] as const),
  rule: (t) => [...t.chains.keys()].map((n) => [n, 'chain'] as const),
  set: (t) =>
    [...t.sets.values()].map((s) => [s.name, s.data === undefined ? 'set' : 'map'] as const),
  object: (t) => [...t.objects.values()].map((o) => [o.name, 'obj'] as const),
  flowtable: (t) => [...t.flowtables.keys()].map((n) => [n, 'flowtable'] as const),
};

/** `…; did you mean …?`, if something is like what was named. */
export function hintFor(nf: NfTables, c: Command, subject: string): string | undefined {
  if (subject === 'table') {
    const t = c.table === undefined ? undefined : tableLike(nf, c.table.text);
    return t === undefined ? undefined : tableHint(t);
  }
  const of = KINDS[subject];
  if (of === undefined || c.name === undefined || c.table === undefined || c.family === undefined)
    return undefined;
  const found = like(nf, of, c.name.text);
  if (found === undefined) return undefined;
  const [table, name, word] = found;
  const known = nf.find(c.family, c.table.text) !== undefined;
  if (!known && (table.name !== c.table.text || table.family !== c.family)) return tableHint(table);
  if (subject === 'rule' && name === c.name.text) return undefined;
  return `No such file or directory; did you mean ${word} ‘${name}’ in table ${table.family} ‘${table.name}’?`;
}

/** What nft says of a request that the kernel refused. */
export function kernelError(nf: NfTables, c: Command, fault: NftFault, rule?: Loc): NftError {
  const place = placeOf(c, fault);
  if (fault.extack !== undefined) return new NftError(fault.extack, place ?? rule ?? c.loc);
  const text = `Could not process rule: ${strerror(fault.errno)}`;
  if (place === undefined) return new NftError(text, rule ?? c.loc);
  const hint = fault.errno === 'ENOENT' ? hintFor(nf, c, c.subject) : undefined;
  const at = hint?.includes('did you mean table') === true ? (c.table?.loc ?? place) : place;
  return new NftError(hint ?? text, at);
}
