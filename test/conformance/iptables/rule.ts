import type { Row, RowResult } from '../conformance-set.ts';
import type { Ran } from '../host.ts';
import { host, isRefusal } from './host.ts';

/** One rule for one tool: is it taken, and how is it shown? */
export interface RuleRow extends Row {
  readonly ext: string;
  readonly tier: string;
  readonly tool: string;
  readonly table: string;
  readonly chains: readonly string[];
  readonly setup: readonly string[];
  readonly args: string;
  readonly verdict: 'OK' | 'FAIL' | 'NOMATCH';
  readonly expected_save: string;
  readonly oracle: 'both' | 'real' | 'upstream';
  readonly real_rc: number | readonly number[];
  readonly real_save: string | null | readonly (string | null)[];
  readonly real_list_nv: string | null | readonly (string | null)[];
  readonly real_check_rc: number | null | readonly (number | null)[];
  readonly real_delete_rc: number | null | readonly (number | null)[];
  readonly real_err: string | null | readonly (string | null)[];
}

/** What one chain is to show; `saved` undefined: no such line, or none is asked for. */
interface Want {
  readonly fails: boolean;
  readonly saved: string | undefined;
  /** `saved` must not be there. */
  readonly absent: boolean;
}

interface ChainRun {
  readonly ran: Ran;
  readonly refused: boolean;
  readonly dump: string;
  readonly line: string | undefined;
  /** Exit codes of -C and -D with the same arguments. */
  readonly codes?: readonly [check: number, remove: number];
}

function at<T>(value: T | readonly T[], i: number): T {
  return Array.isArray(value) ? (value[i] as T) : (value as T);
}

function wanted(row: RuleRow, i: number): Want {
  if (row.oracle === 'real') {
    const saved = at(row.real_save, i) ?? undefined;
    return { fails: at(row.real_rc, i) !== 0, saved, absent: false };
  }
  return {
    fails: row.verdict === 'FAIL',
    saved: row.verdict === 'FAIL' ? undefined : row.expected_save,
    absent: row.verdict === 'NOMATCH',
  };
}

async function playChain(row: RuleRow, chain: string): Promise<ChainRun> {
  const netns = host.freshNetns();
  for (const line of row.setup) await host.shell(netns, line);
  const ran = await host.shell(netns, `${row.tool} -A ${chain} -t ${row.table} ${row.args}`);
  if (ran.code !== 0) return { ran, refused: isRefusal(ran), dump: '', line: undefined };
  const saved = await host.run(netns, [`${row.tool}-save`]);
  const [dump, refused] = [saved.out, isRefusal(saved)];
  if (!/^ip6?tables$/.test(row.tool)) return { ran, refused, dump, line: undefined };
  const again = (command: string): Promise<Ran> =>
    host.shell(netns, `${row.tool} ${command} ${chain} -t ${row.table} ${row.args}`);
  const list = await host.run(netns, [row.tool, '-t', row.table, '-nvL', chain]);
  const codes = [(await again('-C')).code, (await again('-D')).code] as const;
  return { ran, refused, dump, line: list.out.split('\n').at(-2), codes };
}

function holds(want: Want, chain: string, run: ChainRun): boolean {
  if (want.fails) return run.ran.code !== 0;
  if (run.ran.code !== 0) return false;
  if (want.saved === undefined) return true;
  const line = `-A ${chain}${want.saved === '' ? '' : ` ${want.saved}`}`.trimEnd();
  const found = run.dump.split('\n').some((l) => l.trimEnd() === line);
  return found !== want.absent;
}

/** The protocol's column is a number in 1.8.9 and a name in others: both read alike. */
function withoutProtocol(line: string): string {
  return line.replace(/([ !])[\w-]+ +(--|-f|!f) {2}/, '$1PROTO $2  ').trimEnd();
}

/** Plays a rule on every chain that the row names. */
export async function playRule(row: RuleRow): Promise<RowResult> {
  const figures: Record<string, boolean> = {};
  const wrong: string[] = [];
  const got: string[] = [];
  let refused = false;
  for (const [i, chain] of row.chains.entries()) {
    const want = wanted(row, i);
    const run = await playChain(row, chain);
    refused ||= run.refused;
    if (!holds(want, chain, run)) wrong.push(`${chain}: ${want.fails ? 'fails' : want.saved}`);
    got.push(summary(run, chain));
    compareTexts(row, i, run, figures);
  }
  const result = refused ? 'refused' : wrong.length === 0 ? 'right' : 'wrong';
  if (result !== 'right') delete figures['-nvL line'];
  const want = [...wrong, ...textsWanted(row, figures)].join('\n');
  const asked = `${row.tool} -t ${row.table} ${row.args}`;
  return { result, got: got.join('\n'), want: `${asked}\n${want}`, group: row.tier, figures };
}

function compareTexts(
  row: RuleRow,
  i: number,
  run: ChainRun,
  figures: Record<string, boolean>,
): void {
  const { ran, line } = run;
  const listed = at(row.real_list_nv, i);
  // one text stands for all chains, and names the first
  const said = Array.isArray(row.real_err) || i === 0 ? at(row.real_err, i) : undefined;
  if (ran.code === 0 && line !== undefined && typeof listed === 'string') {
    const same = withoutProtocol(line) === withoutProtocol(listed);
    figures['-nvL line'] = same && figures['-nvL line'] !== false;
  }
  const wantCodes = [at(row.real_check_rc, i), at(row.real_delete_rc, i)];
  if (run.codes !== undefined && !wantCodes.includes(null)) {
    const same = run.codes.every((code, k) => code === wantCodes[k]);
    figures['-C and -D'] = same && figures['-C and -D'] !== false;
  }
  if (ran.code !== 0 && at(row.real_rc, i) !== 0 && typeof said === 'string') {
    const same = ran.err.trimEnd() === said.trimEnd();
    figures['error text'] = same && figures['error text'] !== false;
  }
}

function textsWanted(row: RuleRow, figures: Readonly<Record<string, boolean>>): string[] {
  return [
    ...(figures['-nvL line'] === false ? [`-nvL: ${at(row.real_list_nv, 0)}`] : []),
    ...(figures['error text'] === false ? [`error: ${at(row.real_err, 0)}`] : []),
  ];
}

function summary({ ran, dump, line }: ChainRun, chain: string): string {
  if (ran.code !== 0) return `exit ${ran.code}: ${ran.err.trimEnd()}`;
  const saved = dump.split('\n').filter((l) => l.startsWith(`-A ${chain}`));
  return [...saved, `-nvL: ${line}`].join('\n');
}
