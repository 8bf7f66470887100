/** Commands that only look. src/rule.c, do_command_list() */
import type { NfTables, NftObject, NftSet, NftTable } from '@labwire/devices/netfilter';
import { NftFault } from '@labwire/devices/netfilter';
import { NftError } from '../lex/index.ts';
import type { Command, Ident } from '../parse/index.ts';
import { textChain, textFlowtable, textObject, textSet, textTable } from '../print/index.ts';
import type { Style } from '../type/index.ts';
import type { Batch } from './batch.ts';
import { kernelError } from './complain.ts';

const ENOENT = 'No such file or directory';

/** What of the tables a listing shows. */
export interface Listed {
  readonly nf: NfTables;
  /** All tables, those of other programs too. */
  readonly tables: readonly NftTable[];
  /** Whether it is a table of iptables in which modules have a part, or one of its chains. */
  hasModules(t: NftTable, chain?: string): boolean;
}

/** Tells of which program a table is. */
function warn(l: Listed, t: NftTable, batch: Batch, chain?: string): void {
  if (l.hasModules(t, chain))
    batch.warnings += `# Warning: table ${t.family} ${t.name} is managed by iptables-nft, do not touch!\n`;
}

function whole(l: Listed, t: NftTable, batch: Batch): string {
  warn(l, t, batch);
  return textTable(t, batch.style);
}

function find(l: Listed, c: Command): NftTable {
  const name = c.table as Ident;
  const t = l.tables.find((x) => x.family === c.family && x.name === name.text);
  if (t === undefined) throw new NftError(ENOENT, name.loc);
  return t;
}

function headed(t: NftTable, text: string): string {
  return `table ${t.family} ${t.name} {\n${text}}\n`;
}

function isMap(s: NftSet): boolean {
  return s.data !== undefined || s.objectType !== undefined;
}

function ofFamily(l: Listed, c: Command): NftTable[] {
  return l.tables.filter(
    (t) =>
      (c.family === undefined || t.family === c.family) &&
      (c.table === undefined || t.name === c.table.text),
  );
}

/** The text of a listing. @throws NftError if there is no such thing */
export function listing(l: Listed, c: Command, batch: Batch): string {
  const { style } = batch;
  switch (c.subject) {
    case 'ruleset':
      return ofFamily(l, c)
        .map((t) => whole(l, t, batch))
        .join('');
    case 'tables':
      return ofFamily(l, c)
        .map((t) => `table ${t.family} ${t.name}\n`)
        .join('');
    case 'table': {
      return whole(l, find(l, c), batch);
    }
    case 'chain':
      return listChain(l, c, batch);
    case 'chains':
      return ofFamily(l, c)
        .map((t) =>
          headed(t, [...t.chains.values()].map((ch) => textChain(t, ch, style, false)).join('')),
        )
        .join('');
    case 'set':
    case 'map':
    case 'meter':
      return listSet(l, c, style);
    case 'sets':
    case 'maps':
    case 'meters':
      return listSets(l, c, style);
    default:
      return listMore(l, c, style);
  }
}

function listChain(l: Listed, c: Command, batch: Batch): string {
  const t = find(l, c);
  const name = c.name as Ident;
  const chain = t.chains.get(name.text);
  if (chain === undefined) throw new NftError(ENOENT, name.loc);
  warn(l, t, batch, chain.name);
  return headed(t, textChain(t, chain, batch.style));
}

function listSet(l: Listed, c: Command, style: Style): string {
  const t = find(l, c);
  const name = c.name as Ident;
  const s = t.sets.get(name.text);
  if (s === undefined) throw new NftError(ENOENT, name.loc);
  if (
    c.subject === 'meter'
      ? s.meter !== true
      : s.meter === true || isMap(s) !== (c.subject === 'map')
  )
    throw new NftError(ENOENT, name.loc);
  return headed(t, textSet(s, style));
}

function listSets(l: Listed, c: Command, style: Style): string {
  const wanted = (s: NftSet): boolean =>
    c.subject === 'meters'
      ? s.meter === true
      : s.meter !== true && isMap(s) === (c.subject === 'maps');
  return ofFamily(l, c)
    .map((t) =>
      headed(
        t,
        [...t.sets.values()]
          .filter(wanted)
          .map((s) => textSet(s, style))
          .join(''),
      ),
    )
    .join('');
}

function listMore(l: Listed, c: Command, style: Style): string {
  if (c.subject === 'object') {
    const t = find(l, c);
    const o = t.objects.get(`${c.objectType} ${(c.name as Ident).text}`);
    if (o === undefined) throw new NftError(ENOENT, (c.name as Ident).loc);
    return headed(t, textObject(o, style));
  }
  if (c.subject === 'objects') {
    if (c.table !== undefined) find(l, c);
    return ofFamily(l, c)
      .filter((t) => t.objects.size > 0)
      .map((t) =>
        headed(
          t,
          [...t.objects.values()]
            .filter((o) => o.type === c.objectType)
            .map((o) => textObject(o, style))
            .join(''),
        ),
      )
      .join('');
  }
  if (c.subject === 'flowtable') {
    const t = find(l, c);
    const f = t.flowtables.get((c.name as Ident).text);
    if (f === undefined) throw new NftError(ENOENT, (c.name as Ident).loc);
    return headed(t, textFlowtable(f, style));
  }
  if (c.subject === 'flowtables')
    return ofFamily(l, c)
      .map((t) =>
        headed(t, [...t.flowtables.values()].map((f) => textFlowtable(f, style)).join('')),
      )
      .join('');
  throw new NftError(`Labwire's nft has no list ${c.subject}`, c.loc);
}

/** `get element`: the elements that are there. */
export function getElements(l: Listed, c: Command, batch: Batch): string {
  const t = find(l, c);
  const name = c.name as Ident;
  const set = t.sets.get(name.text);
  if (set === undefined) throw new NftError(ENOENT, name.loc);
  try {
    const { comment: _, ...plain } = set;
    return headed(t, textSet({ ...plain, elements: batch.get(c, set) }, batch.style));
  } catch (e) {
    if (e instanceof NftFault) throw kernelError(l.nf, c, e);
    throw e;
  }
}

/** The objects that `reset` is about. */
export function resetObjects(l: Listed, c: Command): NftObject[] {
  const wanted = (o: NftObject): boolean =>
    o.type === c.objectType && (c.subject === 'objects' || o.name === c.name?.text);
  return ofFamily(l, c).flatMap((t) => [...t.objects.values()].filter(wanted));
}
