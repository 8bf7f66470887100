import type { Netns } from '@labwire/devices/netns';
import type { SockInfo } from '@labwire/devices/sock';
import { type Process, Tty } from '../../machine/index.ts';
import { type Context, runTool } from '../context/index.ts';
import { Exit, incompleteCommand } from '../parse/index.ts';
import { FilterParser, type SockTable } from './filter.ts';
import { parseSsOptions, type SsOptions } from './options.ts';
import { sockRow } from './row.ts';
import { isSingle, parseStates, SS_ALL, SS_CONNECTED, stateBit } from './states.ts';
import { summary } from './summary.ts';
import { renderTable } from './table.ts';
import { UNIX_TABLES, unixRows } from './unix.ts';

const INET_TABLES = ['raw', 'udp', 'tcp'] as const;
const ALL_TABLES = [...UNIX_TABLES, ...INET_TABLES];

/** Sockets of one table, IPv4 first, as two dumps tell them. */
function dump(netns: Netns, table: SockTable): SockInfo[] {
  const all = {
    tcp: () => netns.tcp.dump(),
    udp: () => netns.udp.dump(),
    raw: () => netns.ipv4.raw?.dump() ?? [],
  }[table]();
  const own = all.filter((s) => s.netid === table);
  return [...own.filter((s) => s.family === 'inet'), ...own.filter((s) => s.family === 'inet6')];
}

/** Reads `state` and `exclude`. @returns what is left: the expression */
function readStates(options: SsOptions, words: readonly string[]): readonly string[] {
  let at = 0;
  let given = false;
  for (; at < words.length; at += 2) {
    const word = words[at] as string;
    const excluding = word === 'exclude' || word === 'excl';
    if (word !== 'state' && !excluding) break;
    const name = words[at + 1];
    if (name === undefined) throw incompleteCommand();
    if (!given) options.states = excluding ? SS_ALL : 0;
    given = true;
    const states = parseStates(name);
    options.states = excluding ? options.states & ~states : options.states | states;
  }
  return words.slice(at);
}

/** What the options leave open. Source: iproute2 misc/ss.c, filter_merge_defaults(). */
function fillIn(options: SsOptions): void {
  if (options.isDefault) {
    options.states ||= SS_CONNECTED;
    for (const table of ALL_TABLES) options.tables.add(table);
  }
  options.states ||= options.defaultStates;
  if (options.tables.size === 0) for (const table of INET_TABLES) options.tables.add(table);
  if (options.families.size === 0) options.families = new Set(['inet', 'inet6']);
}

/** Whether the Netid column is left out: one table is asked for, and by itself. */
function showsNetid(options: SsOptions): boolean {
  return options.tables.size > 1;
}

function screenWidth(proc: Process): number | undefined {
  const file = proc.fds.get(1);
  return file instanceof Tty ? file.size.columns : undefined;
}

function main(ctx: Context): number {
  const { options, operands } = parseSsOptions(ctx);
  const { proc } = ctx;
  const everything = INET_TABLES.flatMap((t) => dump(proc.netns, t));
  if (options.summary) {
    ctx.output.out(summary(everything));
    if (options.isDefault && operands.length === 0) return 0;
  }
  const expression = readStates(options, operands);
  fillIn(options);
  if (options.states === 0) throw new Exit(0, 'ss: no socket states to show with such filter.\n');
  const onlyUnix = !INET_TABLES.some((t) => options.tables.has(t));
  const parser = new FilterParser(proc, onlyUnix ? [] : expression, options.tables);
  const passes = parser.parse();
  if (passes !== undefined) for (const table of UNIX_TABLES) options.tables.delete(table);
  if (parser.family !== undefined) options.families = new Set([parser.family]);
  const shown = everything.filter(
    (s) =>
      options.tables.has(s.netid as SockTable) &&
      options.families.has(s.family) &&
      (options.states & stateBit(s.state)) !== 0 &&
      (passes === undefined || passes(s)),
  );
  const layout = {
    header: options.header,
    netid: showsNetid(options),
    state: !isSingle(options.states),
    screenWidth: screenWidth(proc),
  };
  const rows = [
    ...unixRows(proc, options, onlyUnix ? expression : []),
    ...shown.map((s) => sockRow(proc, s, options)),
  ];
  ctx.output.out(renderTable(rows, layout));
  return 0;
}

/** ss(8) */
export function ss(proc: Process): Promise<number> {
  return runTool(proc, main);
}
