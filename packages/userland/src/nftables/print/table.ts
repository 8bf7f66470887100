/** Tables and what is in them, as listings show them. src/rule.c, the print functions. */
import type {
  NftBase,
  NftChain,
  NftFlowtable,
  NftKeyPart,
  NftObject,
  NftRule,
  NftSet,
  NftTable,
} from '@labwire/devices/netfilter';
import { formatTime, type Style } from '../type/index.ts';
import { sortedElements, textElement } from './expr.ts';
import { priorityText } from './priority.ts';
import { textLimit, textQuota } from './stateful.ts';
import { textStmt } from './stmt.ts';

function handleText(handle: number, style: Style): string {
  return style.handles ? ` # handle ${handle}` : '';
}

/** A rule without its indentation. */
export function textRule(r: NftRule, style: Style): string {
  const stmts = r.stmts
    .filter((s) => !(s.kind === 'match' && s.hidden === true))
    .map((s) => textStmt(s, style));
  const comment = r.comment === undefined ? '' : ` comment "${r.comment}"`;
  return `${stmts.join(' ')}${comment}${handleText(r.handle, style)}`;
}

function textDevices(b: NftBase): string {
  if (b.devices.length === 0) return '';
  if (b.devices.length === 1) return ` device "${b.devices[0]}"`;
  return ` devices = { ${b.devices.map((d) => `"${d}"`).join(', ')} }`;
}

/** The line that says where a base chain hangs. */
export function textHook(t: NftTable, b: NftBase, style: Style): string {
  const prio = priorityText(t.family, b, style.numericPriority);
  return `\t\ttype ${b.type} hook ${b.hook}${textDevices(b)} priority ${prio}; policy ${b.policy};\n`;
}

/** A chain; `rules` false leaves out its rules. */
export function textChain(t: NftTable, c: NftChain, style: Style, rules = true): string {
  let out = `\tchain ${c.name} {${handleText(c.handle, style)}\n`;
  if (c.comment !== undefined) out += `\t\tcomment "${c.comment}"\n`;
  if (c.base !== undefined) out += textHook(t, c.base, style);
  if (rules) for (const r of c.rules) out += `\t\t${textRule(r, style)}\n`;
  return `${out}\t}\n`;
}

function typeText(parts: readonly NftKeyPart[] | undefined): string {
  return (parts ?? []).map((p) => p.type).join(' . ');
}

function typeLine(s: NftSet): string {
  if (s.typeof !== undefined)
    return `\t\ttypeof ${s.typeof}${s.data === undefined ? '' : ` : ${s.dataInterval === true ? 'interval ' : ''}${s.typeofData}`}\n`;
  let out = `\t\ttype ${typeText(s.key)}`;
  if (s.objectType !== undefined) out += ` : ${s.objectType}`;
  else if (s.data !== undefined)
    out += ` : ${s.dataInterval === true ? 'interval ' : ''}${typeText(s.data)}`;
  return `${out}\n`;
}

function setOptions(s: NftSet, style: Style): string {
  let out = '';
  if (s.policy !== undefined) out += `\t\tpolicy ${s.policy}\n`;
  if (s.size !== undefined) out += `\t\tsize ${s.size}\n`;
  const flags = [
    ...(s.constant ? ['constant'] : []),
    ...(s.dynamic ? ['dynamic'] : []),
    ...(s.interval ? ['interval'] : []),
  ];
  if (s.hasTimeout && (s.timeout === undefined || flags.length > 0)) flags.push('timeout');
  if (flags.length > 0) out += `\t\tflags ${flags.join(',')}\n`;
  if (s.timeout !== undefined) out += `\t\ttimeout ${formatTime(s.timeout, style.seconds)}\n`;
  if (s.gcInterval !== undefined)
    out += `\t\tgc-interval ${formatTime(s.gcInterval, style.seconds)}\n`;
  if (s.autoMerge) out += '\t\tauto-merge\n';
  for (const stmt of s.stmts) out += `\t\t${textStmt(stmt, { ...style, stateless: true })}\n`;
  return out;
}

const FIVE: readonly string[] =
  'nf_proto integer arp_op inet_proto inet_service tcp_flag dccp_pkttype mark iface_index classid uid gid ct_dir'.split(
    ' ',
  );
const TWO: readonly string[] = ['ipv4_addr', 'ct_state', 'ct_status', 'pkt_type'];

/** How many elements stand on a line. */
function perLine(s: NftSet): number {
  const [first, second] = s.key;
  if (first === undefined || second !== undefined) return 1;
  if (FIVE.includes(first.type)) return 5;
  return TWO.includes(first.type) ? 2 : 1;
}

/** The elements, broken into lines as listings do. `calculate_delim()` */
function textElements(s: NftSet, style: Style): string {
  const list = sortedElements(s);
  if (list.length === 0 || style.terse) return '';
  const each = perLine(s);
  let out = '\t\telements = { ';
  list.forEach((e, i) => {
    if (i > 0) out += i % each === 0 ? ',\n\t\t\t     ' : ', ';
    out += textElement(e, s, style);
  });
  return `${out} }\n`;
}

/** A set or a map. */
export function textSet(s: NftSet, style: Style): string {
  const plain = s.meter === true ? 'meter' : 'set';
  const word = s.data === undefined && s.objectType === undefined ? plain : 'map';
  let out = `\t${word} ${s.name} {${handleText(s.handle, style)}\n${typeLine(s)}${setOptions(s, style)}`;
  if (s.comment !== undefined) out += `\t\tcomment "${s.comment}"\n`;
  return `${out}${textElements(s, style)}\t}\n`;
}

function objectLines(o: NftObject, style: Style): string[] {
  const d = o.data;
  switch (d.kind) {
    case 'counter':
      return style.stateless ? [] : [`packets ${d.packets} bytes ${d.bytes}`];
    case 'quota':
      return [textQuota(d, style)];
    case 'limit':
      return [textLimit(d)];
    case 'secmark':
      return [`"${d.context}"`];
    case 'synproxy': {
      const first = [
        d.mss === undefined ? '' : `mss ${d.mss}`,
        d.wscale === undefined ? '' : `wscale ${d.wscale}`,
      ];
      return [
        ...first,
        [d.timestamp ? 'timestamp' : '', d.sackPerm ? 'sack-perm' : '']
          .filter((x) => x !== '')
          .join(' '),
      ].filter((x) => x !== '');
    }
    case 'ct helper':
      return [`type "${d.helper}" protocol ${d.protocol}`, `l3proto ${d.l3proto}`];
    case 'ct timeout':
      return [
        `protocol ${d.protocol}`,
        `l3proto ${d.l3proto}`,
        `policy = { ${d.policy.map(([k, v]) => `${k} : ${v}`).join(', ')} }`,
      ];
    case 'ct expectation':
      return [
        `protocol ${d.protocol}`,
        `dport ${d.dport}`,
        `timeout ${formatTime(d.timeout, style.seconds)}`,
        `size ${d.size}`,
        `l3proto ${d.l3proto}`,
      ];
  }
}

/** A named object. */
export function textObject(o: NftObject, style: Style): string {
  const lines = objectLines(o, style);
  if (o.comment !== undefined) lines.unshift(`comment "${o.comment}"`);
  return `\t${o.type} ${o.name} {${handleText(o.handle, style)}\n${lines.map((l) => `\t\t${l}\n`).join('')}\t}\n`;
}

/** A flowtable. */
export function textFlowtable(f: NftFlowtable, style: Style): string {
  const prio = priorityText(
    'inet',
    { hook: 'ingress', priority: f.priority },
    style.numericPriority,
  );
  const devices = f.devices.length === 0 ? '' : `\t\tdevices = { ${f.devices.join(', ')} }\n`;
  const more = `${f.offload ? '\t\tflags offload\n' : ''}${f.counter ? '\t\tcounter\n' : ''}`;
  return `\tflowtable ${f.name} {${handleText(f.handle, style)}\n\t\thook ingress priority ${prio}\n${devices}${more}\t}\n`;
}

/** A table with everything in it. */
export function textTable(t: NftTable, style: Style): string {
  const blocks: string[] = [];
  for (const o of t.objects.values()) blocks.push(textObject(o, style));
  for (const s of t.sets.values()) if (s.meter !== true) blocks.push(textSet(s, style));
  for (const f of t.flowtables.values()) blocks.push(textFlowtable(f, style));
  for (const c of t.chains.values()) blocks.push(textChain(t, c, style));
  let out = `table ${t.family} ${t.name} {${handleText(t.handle, style)}\n`;
  const head = `${t.dormant ? '\tflags dormant\n' : ''}${t.comment === undefined ? '' : `\tcomment "${t.comment}"\n`}`;
  out += head;
  if (t.dormant && blocks.length > 0) out += '\n';
  return `${out}${blocks.join('\n')}}\n`;
}
