import type { Row, RowResult } from '../conformance-set.ts';
import { ConformanceHost, type Ran } from '../host.ts';

/** One rule of one family: is it taken, and how is it listed? */
export interface RuleRow extends Row {
  readonly tier: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly setup: readonly string[];
  readonly rule: string;
  readonly ok: boolean;
  readonly expected_list: string;
  readonly oracle: 'both' | 'real' | 'upstream';
  readonly real_rc: number;
  readonly real_list: string | null;
  readonly real_err: string | null;
}

const host = new ConformanceHost();

/** Quotes a word for the shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The rule's text: all lines of the chain but its braces and its hook. */
function ruleText(listing: string): string {
  const lines = listing.split('\n').map((l) => l.trim());
  return lines
    .filter((l) => l !== '' && l !== '}' && !/^(table|chain) .*\{$|^type \w+ hook /.test(l))
    .join(' ');
}

/** What upstream's own tests compare: blanks within braces, and the order of elements, are free. */
function loose(text: string): string {
  const sets = text.replace(/\{([^{}]*)\}/g, (_, inner: string) => {
    const elements = inner.split(',').map((e) => e.trim().replace(/\s*:\s*/g, ' : '));
    return `{ ${elements.sort().join(', ')} }`;
  });
  return sets.replace(/\s+/g, ' ').replace(/counter packets \d+ bytes \d+/g, 'counter');
}

/** Whether Labwire named what it does not do. */
function isRefusal(ran: Ran): boolean {
  return ran.code !== 0 && ran.err.includes('Labwire');
}

function wantsFailure(row: RuleRow): boolean {
  return row.oracle === 'upstream' ? !row.ok : row.real_rc !== 0;
}

function same(row: RuleRow, text: string): boolean {
  if (row.oracle === 'upstream') return loose(text) === loose(row.expected_list);
  return text === row.real_list;
}

/** Adds a rule and lists its chain. */
export async function playRule(row: RuleRow): Promise<RowResult> {
  const netns = host.freshNetns();
  for (const line of row.setup) await host.shell(netns, `nft ${quoted(line)}`);
  const { family, table, chain, rule } = row;
  const ran = await host.run(netns, ['nft', `add rule ${family} ${table} ${chain} ${rule}`]);
  const list = await host.run(netns, ['nft', 'list', 'chain', family, table, chain]);
  const text = ruleText(list.out);
  const fails = wantsFailure(row);
  const right = fails ? ran.code !== 0 : ran.code === 0 && same(row, text);
  const figures: Record<string, boolean> = {};
  if (fails && row.real_err !== null && row.oracle !== 'upstream')
    figures['error text'] = ran.err.trimEnd() === row.real_err.trimEnd();
  const got = ran.code === 0 ? text : ran.err.trimEnd();
  const wanted = fails ? (row.real_err ?? 'fails') : (row.real_list ?? row.expected_list);
  return {
    result: isRefusal(ran) ? 'refused' : right ? 'right' : 'wrong',
    got,
    want: `${rule}\n${wanted}`,
    group: row.tier,
    figures,
  };
}
