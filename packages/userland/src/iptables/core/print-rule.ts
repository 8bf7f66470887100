/** Rules as `iptables -L` lists them. iptables/xshared.c, print_header() and print_rule_details(). */
import type { IfaceMatch, XtChain, XtRule } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { listAddr } from './address.ts';
import type { PrintContext } from './extension.ts';
import { matchFor, targetFor } from './registry.ts';

/** What -L, -n, -v, -x and --line-numbers ask for. */
export interface ListFormat extends PrintContext {
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
  /** Names of addresses, by their text. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** A counter in five columns, shortened by thousands unless -x asks for all of it. `xtables_print_num()` */
export function counter(n: number, exact: boolean): string {
  if (exact) return `${String(n).padStart(8)} `;
  if (n <= 99_999) return `${String(n).padStart(5)} `;
  let v = n;
  for (const unit of ['K', 'M', 'G', 'T']) {
    v = Math.floor((v + 500) / 1000);
    if (v <= 9999 || unit === 'T') return `${String(v).padStart(4)}${unit} `;
  }
  return '';
}

/** A counter in a chain's heading: no padding. */
function headCounter(n: number, exact: boolean): string {
  return counter(n, exact).trimStart();
}

/** The two lines above a chain's rules. */
export function chainHeading(c: XtChain, references: number, f: ListFormat): string {
  const { packets, bytes } = c.counters;
  const counts = f.verbose
    ? ` ${headCounter(packets, f.exact)}packets, ${headCounter(bytes, f.exact)}bytes`
    : '';
  const kind = c.policy === undefined ? `${references} references` : `policy ${c.policy}${counts}`;
  let columns = '';
  if (f.lineNumbers) columns += 'num  ';
  if (f.verbose) columns += f.exact ? '    pkts      bytes ' : ' pkts bytes ';
  columns += 'target     prot opt';
  if (f.verbose) columns += ' in     out    ';
  columns += ' source               destination         ';
  return `Chain ${c.name} (${kind})\n${columns}\n`;
}

function iface(m: IfaceMatch | undefined, numeric: boolean): string {
  if (m === undefined) return numeric ? '*' : 'any';
  return `${m.invert ? '!' : ''}${m.name}${m.wildcard ? '+' : ''}`;
}

/** The target's name as the column shows it. */
export function targetName(r: XtRule): string {
  const t = r.target;
  if (t === undefined) return '';
  switch (t.kind) {
    case 'verdict':
      return t.verdict;
    case 'jump':
    case 'goto':
      return t.chain;
    default:
      return t.kind;
  }
}

function protocol(r: XtRule, ctx: PrintContext): string {
  if (r.proto === undefined) return ' all ';
  const name = ctx.names.protocolName(r.proto.number, !ctx.numeric) ?? String(r.proto.number);
  return `${r.proto.invert ? '!' : ' '}${name.padEnd(4)}`;
}

function fragment(r: XtRule, family: Family): string {
  if (family === 'inet6' || r.fragment === undefined) return '--';
  return r.fragment.invert ? '!f' : '-f';
}

function ends(r: XtRule, f: ListFormat): string {
  const end = (m: XtRule['src']): string =>
    `${m?.invert === true ? '!' : ' '}${listAddr(m, f.family, f.numeric, f.hosts).padEnd(19)} `;
  return end(r.src) + end(r.dst);
}

/** What a rule's matches and target add at the end of its line. */
export function ruleDetails(r: XtRule, f: PrintContext): string {
  let text = r.target?.kind === 'goto' ? '[goto] ' : '';
  const proto = r.proto?.number ?? 0;
  for (const m of r.matches) text += matchFor(m, f.family).print(m, { ...f, proto });
  const target = r.target === undefined ? undefined : targetFor(r.target, f.family);
  if (target !== undefined) text += target.print(r.target, f);
  return text;
}

/** One rule's line. */
export function ruleLine(r: XtRule, number: number, f: ListFormat): string {
  let line = f.lineNumbers ? `${String(number).padEnd(4)} ` : '';
  if (f.verbose) line += counter(r.counters.packets, f.exact) + counter(r.counters.bytes, f.exact);
  line += `${targetName(r).padEnd(9)} ${protocol(r, f)} ${fragment(r, f.family)} `;
  if (f.verbose)
    line += ` ${iface(r.iif, f.numeric).padEnd(6)} ${iface(r.oif, f.numeric).padEnd(6)} `;
  return `${line}${ends(r, f)}${ruleDetails(r, f)}\n`;
}
