import { type Case, type Observed, UNCOUNTED_RULE } from '../model/case.ts';
import { compareConntrack } from './conntrack.ts';
import { Unifier } from './unify.ts';

/** How two runs of a case differ. */
export interface Difference {
  /** What sort of thing it is, for counting and for shrinking. */
  readonly kind: 'storm' | 'refused' | 'frames' | 'counters' | 'conntrack' | 'snmp' | 'sockets';
  /** More of what it is: what a smaller case must show, too. */
  readonly what: string;
  readonly text: string;
}

/** Columns that the real kernel counts by what this side cannot see: sockets' timers, the qdisc. */
const UNCOUNTED = new Set(['Ip.DefaultTTL', 'Ip.Forwarding']);
/** A router without an IPv4 address cannot send the reports of its multicast groups, and counts how often. */
const UNCOUNTED_INET6 = 'Ip.OutNoRoutes';

/** The first difference between two runs of a case; undefined for none. */
export function compare(test: Case, linux: Observed, labwire: Observed): Difference | undefined {
  const names = new Unifier(test);
  if (linux.storm !== undefined || labwire.storm !== undefined) return storm(linux, labwire);
  return (
    refused(linux, labwire) ??
    frames(test, linux, labwire, names) ??
    counters(linux.save, labwire.save) ??
    conntrack(linux, labwire, names) ??
    received(linux, labwire, names) ??
    snmp(test, linux, labwire)
  );
}

/** Packets go round without end: how often, real time decides. */
function storm(linux: Observed, labwire: Observed): Difference {
  const both = linux.storm !== undefined && labwire.storm !== undefined;
  const what = both ? 'both' : linux.storm === undefined ? 'Labwire' : 'Linux';
  return { kind: 'storm', what, text: `${what}: ${linux.storm ?? ''} ${labwire.storm ?? ''}` };
}

function refused(linux: Observed, labwire: Observed): Difference | undefined {
  const theirs = new Map(linux.failed.map((f) => [f[0], f]));
  const ours = new Map(labwire.failed.map((f) => [f[0], f]));
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    if (theirs.has(name) === ours.has(name)) continue;
    const who = theirs.has(name) ? 'Linux' : 'Labwire';
    const text = `${who} refuses ${name}: ${(theirs.get(name) ?? ours.get(name))?.[2]}`;
    return { kind: 'refused', what: name, text };
  }
  return undefined;
}

function frames(
  test: Case,
  linux: Observed,
  labwire: Observed,
  names: Unifier,
): Difference | undefined {
  for (const { id, note } of test.steps) {
    const [a, b] = [linux.frames.get(id) ?? [], labwire.frames.get(id) ?? []];
    const why = names.frames(a, b);
    if (why === undefined) continue;
    const show = (side: typeof a): string =>
      side.map(([dev, hex]) => `eth${dev} ${hex}`).join('\n');
    const what = why.replace(/\d{3,}/g, 'N').replace(/ is .*/, '');
    const text = `after step ${id} (${note}): ${why}\nLinux:\n${show(a)}\nLabwire:\n${show(b)}`;
    return { kind: 'frames', what, text };
  }
  return undefined;
}

const ruleLines = (save: string): string[] =>
  save.split('\n').filter((l) => !l.startsWith('#') && l !== '' && !l.endsWith(UNCOUNTED_RULE));

function byTable(save: string): Map<string, string[]> {
  const tables = new Map<string, string[]>();
  let now: string[] = [];
  for (const line of ruleLines(save)) {
    if (line.startsWith('*')) tables.set(line, (now = []));
    else now.push(line);
  }
  return tables;
}

function counters(linux: string, labwire: string): Difference | undefined {
  const [a, b] = [byTable(linux), byTable(labwire)];
  for (const [table, lines] of a) {
    const ours = b.get(table) ?? [];
    for (const [i, line] of lines.entries()) {
      if (line === ours[i]) continue;
      const what = line.replace(/^(:\w+|\[\d+:\d+\] -A).*/, '$1').replace(/\d+/g, 'N');
      return { kind: 'counters', what, text: `${table}\n${line}\nLabwire:\n${ours[i]}` };
    }
  }
  const more = [...b.keys()].find((t) => !a.has(t));
  return more === undefined
    ? undefined
    : { kind: 'counters', what: 'table', text: `Labwire also has ${more}` };
}

function conntrack(linux: Observed, labwire: Observed, names: Unifier): Difference | undefined {
  const text = compareConntrack(linux.conntrack, labwire.conntrack, names);
  return text === undefined ? undefined : { kind: 'conntrack', what: '', text };
}

function received(linux: Observed, labwire: Observed, names: Unifier): Difference | undefined {
  for (const [i, theirs] of linux.received.entries()) {
    const ours = labwire.received[i] ?? [];
    const same =
      theirs.length === ours.length &&
      theirs.every(([addr, port, data], n) => {
        const [ourAddr, ourPort, ourData] = ours[n] as readonly [string, number, string];
        return addr === ourAddr && data === ourData && names.port(port, ourPort);
      });
    if (same) continue;
    const text = `socket ${i}: ${JSON.stringify(theirs)}\nLabwire: ${JSON.stringify(ours)}`;
    return { kind: 'sockets', what: '', text };
  }
  return undefined;
}

/** `Title: names` and `Title: values` lines as one map. */
function columns(text: string): Map<string, string> {
  const all = new Map<string, string>();
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [title = '', ...names] = (lines[i] as string).split(' ');
    const [, ...values] = (lines[i + 1] as string).split(' ');
    for (const [n, name] of names.entries())
      all.set(`${title.slice(0, -1)}.${name}`, values[n] ?? '');
  }
  return all;
}

function snmp({ family }: Case, linux: Observed, labwire: Observed): Difference | undefined {
  for (const file of ['snmp', 'netstat'] as const) {
    const [a, b] = [columns(linux[file]), columns(labwire[file])];
    for (const [name, value] of b) {
      const theirs = a.get(name);
      if (family === 'inet6' && name === UNCOUNTED_INET6) continue;
      if (UNCOUNTED.has(name) || theirs === undefined || theirs === value) continue;
      return { kind: 'snmp', what: name, text: `${name} is ${theirs}, in Labwire ${value}` };
    }
  }
  return undefined;
}
