/** Values as text. src/datatype.c, the print functions of the data types. */
import { ipv4Text, ipv6Text, lladdrText, stringText } from './bytes.ts';
import type { Names } from './names.ts';
import { formatDate, formatHour, formatTime } from './time.ts';
import { type DataType, dataType } from './types.ts';

/** How values are to be written: the options -n -S -u -p -y -T and -t of nft. */
export interface Style {
  readonly names: Names;
  readonly numericProtocol: boolean;
  readonly numericPriority: boolean;
  readonly numericSymbol: boolean;
  readonly seconds: boolean;
  readonly serviceNames: boolean;
  readonly userNames: boolean;
  readonly stateless: boolean;
  readonly handles: boolean;
  readonly terse: boolean;
  /** Looks up what cannot be in a rule (now, in simulated Nanos). */
  readonly now: number;
}

/** A number without a name. */
function plain(t: DataType, v: bigint): string {
  if (t.format === 'dec') return v.toString();
  return `0x${v.toString(16).padStart(t.width, '0')}`;
}

function named(table: ReadonlyMap<string, number>, v: bigint): string | undefined {
  for (const [name, n] of table) if (BigInt(n) === v) return name;
  return undefined;
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** The bits of a value by name, lowest first; undefined if one has none. */
export function flagNames(t: DataType, v: bigint): string[] | undefined {
  const out: string[] = [];
  for (let bit = 0n; 1n << bit <= v; bit++) {
    if (((v >> bit) & 1n) === 0n) continue;
    const name = t.symbols?.find(([, n]) => BigInt(n) === 1n << bit)?.[0];
    if (name === undefined) return undefined;
    out.push(name);
  }
  return out;
}

/** The bits of a value by number, lowest first. */
export function flagNumbers(v: bigint): string[] {
  const out: string[] = [];
  for (let bit = 1n; bit <= v; bit <<= 1n) if ((v & bit) !== 0n) out.push(`0x${bit.toString(16)}`);
  return out;
}

/** A value of a type, as listings show it. `datatype_print()` */
export function formatValue(type: string, bits: number, v: bigint, style: Style): string {
  const special = SPECIAL[type];
  if (special !== undefined) return special(v, style, bits);
  const t = dataType(type);
  if (t.base === 'string') return quoted(stringText(v, bits).replace(/\*$/, '\\*'));
  if (t.symbols !== undefined && !style.numericSymbol) {
    const name = t.symbols.find(([, n]) => BigInt(n) === v)?.[0];
    if (name !== undefined) return name;
  }
  return plain(t, v);
}

type Formatter = (v: bigint, style: Style, bits: number) => string;

function fromTable(path: string, type: string, quotes: boolean): Formatter {
  return (v, style) => {
    const name = style.numericSymbol ? undefined : named(style.names.table(path), v);
    if (name === undefined) return plain(dataType(type), v);
    return quotes ? quoted(name) : name;
  };
}

const SPECIAL: Readonly<Record<string, Formatter>> = {
  ipv4_addr: ipv4Text,
  ipv6_addr: ipv6Text,
  ether_addr: (v, _style, bits) => lladdrText(v, bits),
  ll_addr: (v, _style, bits) => lladdrText(v, bits),
  inet_proto: (v, style) =>
    (style.numericProtocol ? undefined : style.names.protocolName(Number(v))) ?? v.toString(),
  inet_service: (v, style) => {
    const name = style.serviceNames ? style.names.serviceName(Number(v)) : undefined;
    return name === undefined ? v.toString() : quoted(name);
  },
  time: (v, style) => formatTime(Number(v), style.seconds),
  date: (v) => quoted(formatDate(v)),
  hour: (v) => quoted(formatHour(Number(v))),
  day: (v, style) => {
    const name = style.numericSymbol
      ? undefined
      : dataType('day').symbols?.find(([, n]) => BigInt(n) === v)?.[0];
    return name === undefined ? v.toString() : quoted(name);
  },
  iface_index: (v, style) => {
    const name = style.names.ifname(Number(v));
    return name === undefined ? v.toString() : quoted(name);
  },
  uid: (v, style) => {
    const name = style.userNames ? style.names.userName(Number(v)) : undefined;
    return name === undefined ? v.toString() : quoted(name);
  },
  gid: (v, style) => {
    const name = style.userNames ? style.names.groupName(Number(v)) : undefined;
    return name === undefined ? v.toString() : quoted(name);
  },
  mark: fromTable('/etc/iproute2/rt_marks', 'mark', false),
  devgroup: fromTable('/etc/iproute2/group', 'devgroup', true),
  realm: fromTable('/etc/iproute2/rt_realms', 'realm', true),
  ct_label: (v, style) => {
    let bit = 0n;
    while (v !== 0n && ((v >> bit) & 1n) === 0n) bit++;
    const name = named(style.names.table('/etc/connlabel.conf'), bit);
    return name === undefined ? bit.toString() : quoted(name);
  },
  classid: (v) => {
    if (v === 0xffffffffn) return 'root';
    if (v === 0n) return 'none';
    return `${(v >> 16n).toString(16)}:${(v & 0xffffn).toString(16)}`;
  },
};
