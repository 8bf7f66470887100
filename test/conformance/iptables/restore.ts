import type { Row, RowResult } from '../conformance-set.ts';
import { host, isRefusal } from './host.ts';

/** A dump that is loaded and saved again. */
export interface RestoreRow extends Row {
  readonly family: number;
  readonly tool: string;
  readonly stdin: string;
  readonly rc: number;
  readonly expected_save: string;
}

/** A dump without comments, its counters zero. */
function bare(dump: string): string {
  return dump
    .split('\n')
    .filter((l) => l !== '' && !l.startsWith('#'))
    .map((l) => l.replace(/\[\d+:\d+\]/, '[0:0]'))
    .join('\n');
}

/** Plays a dump. */
export async function playRestore(row: RestoreRow): Promise<RowResult> {
  const netns = host.freshNetns();
  const ran = await host.run(netns, [row.tool], row.stdin);
  const saved = bare((await host.run(netns, [row.tool.replace('-restore', '-save')])).out);
  const want = bare(row.expected_save);
  const right = ran.code === row.rc && saved === want;
  const result = right ? 'right' : isRefusal(ran) ? 'refused' : 'wrong';
  const got = `exit ${ran.code}: ${ran.err}${saved}`;
  return { result, got, want: `exit ${row.rc}: ${want}`, group: `IPv${row.family}`, figures: {} };
}
