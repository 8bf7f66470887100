/** Sets as `list` and `save` show them. lib/session.c, lib/print.c */
import type { IpSet, IpSetEntry, IpSets } from '@labwire/devices/netfilter';
import { formatAddr, formatElement } from './element.ts';
import type { IpsetNames } from './names.ts';

/** What of sets is shown, and how. */
export interface Shown {
  readonly sets: IpSets;
  readonly names: IpsetNames;
  readonly now: number;
  readonly sorted: boolean;
}

const SECOND = 1e9;

/** What a set was made with, as `create` takes it. */
export function headerText(s: IpSet): string {
  const { options: o } = s;
  const out: string[] = [];
  if (o.range !== undefined) {
    const one = (v: bigint): string =>
      s.type.dims[0] === 'port' ? v.toString() : formatAddr(v, o.family);
    out.push(`range ${one(o.range[0])}-${one(o.range[1])}`);
    if (o.netmask !== undefined) out.push(`netmask ${o.netmask}`);
  } else if (o.size !== undefined) out.push(`size ${o.size}`);
  else {
    if (s.type.dims[0] !== 'mac') out.push(`family ${o.family}`);
    out.push(`hashsize ${o.hashsize}`, `maxelem ${o.maxelem}`);
    if (o.netmask !== undefined) out.push(`netmask ${o.netmask}`);
  }
  if (o.timeout !== undefined) out.push(`timeout ${o.timeout}`);
  if (o.counters) out.push('counters');
  if (o.comment) out.push('comment');
  if (o.forceadd) out.push('forceadd');
  if (o.range === undefined && o.size === undefined) {
    const hex = s.initval.toString(16).padStart(8, '0');
    out.push('bucketsize 12', `initval 0x${hex}`);
  }
  return out.join(' ');
}

function entryText(e: IpSetEntry, s: IpSet, v: Shown): string {
  let out = formatElement(e.parts, s, v.names);
  if (s.options.timeout !== undefined) {
    const left =
      e.expires === undefined ? 0 : Math.max(1, Math.floor((e.expires - v.now) / SECOND));
    out += ` timeout ${left}`;
  }
  if (e.nomatch) out += ' nomatch';
  if (s.options.counters) out += ` packets ${e.packets} bytes ${e.bytes}`;
  return e.comment === undefined ? out : `${out} comment "${e.comment}"`;
}

/** By the first part alone, an address in most types. */
function order(a: IpSetEntry, b: IpSetEntry): number {
  const [x, y] = [a.parts[0], b.parts[0]];
  if (x === undefined || y === undefined || x.value === y.value) return 0;
  return x.value < y.value ? -1 : 1;
}

function members(s: IpSet, v: Shown): string[] {
  v.sets.collect(s);
  const list = [...s.entries.values()];
  if (v.sorted) list.sort((a, b) => order(a, b));
  return list.map((e) => entryText(e, s, v));
}

/** `list` */
export function listText(s: IpSet, v: Shown, terse: boolean): string {
  const entries = members(s, v);
  const [empty, each] = s.type.memory;
  const head = [
    `Name: ${s.name}`,
    `Type: ${s.type.name}`,
    `Revision: ${s.type.revision}`,
    `Header: ${headerText(s)}`,
    `Size in memory: ${empty + each * entries.length}`,
    `References: ${v.sets.references(s)}`,
    `Number of entries: ${entries.length}`,
  ];
  const lines = terse ? head : [...head, 'Members:', ...entries];
  return lines.map((l) => `${l}\n`).join('');
}

/** `save`, and `list -o save` */
export function saveText(s: IpSet, v: Shown): string {
  const entries = members(s, v).map((e) => `add ${s.name} ${e}\n`);
  return `create ${s.name} ${s.type.name} ${headerText(s)}\n${entries.join('')}`;
}
