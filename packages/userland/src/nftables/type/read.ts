/** Values from text. src/datatype.c, the parse functions of the data types. */
import { type Loc, NftError } from '../lex/index.ts';
import { ipv4Value, ipv6Value, ones, stringValue } from './bytes.ts';
import type { Names } from './names.ts';
import { parseDate, parseHour, parseTime } from './time.ts';
import { type DataType, dataType } from './types.ts';

/** A number in C's notation. */
function integer(text: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text) || /^\d+$/.test(text)) return BigInt(text);
  return undefined;
}

function fail(t: DataType, loc: Loc): never {
  throw new NftError(`Could not parse ${t.desc}`, loc);
}

type Reader = (text: string, names: Names, loc: Loc) => bigint;

function limited(text: string, max: bigint, loc: Loc, what: string): bigint | undefined {
  const v = integer(text);
  if (v !== undefined && v > max) throw new NftError(what, loc);
  return v;
}

function fromTable(path: string, type: string): Reader {
  return (text, names, loc) => {
    const n = names.table(path).get(text);
    return n === undefined ? (integer(text) ?? fail(dataType(type), loc)) : BigInt(n);
  };
}

const HOST_ERROR = 'Could not resolve hostname: ';

const READERS: Readonly<Record<string, Reader>> = {
  ipv4_addr: (text, _names, loc) => {
    const v = ipv4Value(text) ?? (/^\d+$/.test(text) ? BigInt(text) : undefined);
    if (v !== undefined) return v;
    const family = ipv6Value(text) !== undefined;
    throw new NftError(
      HOST_ERROR +
        (family ? 'Address family for hostname not supported' : 'Name or service not known'),
      loc,
    );
  },
  ipv6_addr: (text, _names, loc) => {
    const v = ipv6Value(text.replace(/^\[(.*)\]$/, '$1'));
    if (v !== undefined) return v;
    const family = ipv4Value(text) !== undefined;
    throw new NftError(
      HOST_ERROR +
        (family ? 'Address family for hostname not supported' : 'Name or service not known'),
      loc,
    );
  },
  ether_addr: (text, _names, loc) => lladdr(text) ?? fail(dataType('ether_addr'), loc),
  ll_addr: (text, _names, loc) => lladdr(text) ?? fail(dataType('ll_addr'), loc),
  inet_proto: (text, names, loc) => {
    const v = limited(text, 255n, loc, 'Protocol out of range');
    if (v !== undefined) return v;
    const n = names.protocolNumber(text);
    if (n === undefined) throw new NftError('Could not resolve protocol name', loc);
    return BigInt(n);
  },
  inet_service: (text, names, loc) => {
    const v = limited(text, 65535n, loc, 'Service out of range');
    if (v !== undefined) return v;
    const port = names.servicePort(text);
    if (port === undefined)
      throw new NftError('Could not resolve service: Servname not supported for ai_socktype', loc);
    return BigInt(port);
  },
  time: (text, _names, loc) => {
    const v = integer(text);
    if (v !== undefined) return v * 1000n;
    const ms = parseTime(text);
    return ms === undefined ? fail(dataType('time'), loc) : BigInt(ms);
  },
  date: (text, _names, loc) => {
    const v = parseDate(text) ?? (/^\d+$/.test(text) ? BigInt(text) * 1_000_000_000n : undefined);
    if (v === undefined) throw new NftError('Cannot parse date', loc);
    return v;
  },
  hour: (text, _names, loc) => {
    const v = parseHour(text) ?? (/^\d+$/.test(text) ? Number(text) : undefined);
    return v === undefined ? fail(dataType('hour'), loc) : BigInt(v);
  },
  iface_index: (text, names, loc) => {
    const index = names.ifindex(text) ?? (/^\d+$/.test(text) ? Number(text) : undefined);
    if (index === undefined) throw new NftError('Interface does not exist', loc);
    return BigInt(index);
  },
  uid: (text, names, loc) => {
    const id = names.userId(text);
    const v = id === undefined ? integer(text) : BigInt(id);
    if (v === undefined) throw new NftError('User does not exist', loc);
    return v;
  },
  gid: (text, names, loc) => {
    const id = names.groupId(text);
    const v = id === undefined ? integer(text) : BigInt(id);
    if (v === undefined) throw new NftError('Group does not exist', loc);
    return v;
  },
  mark: fromTable('/etc/iproute2/rt_marks', 'mark'),
  devgroup: fromTable('/etc/iproute2/group', 'devgroup'),
  realm: fromTable('/etc/iproute2/rt_realms', 'realm'),
  ct_label: (text, names, loc) => {
    const named = names.table('/etc/connlabel.conf').get(text);
    const bit = named === undefined ? integer(text) : BigInt(named);
    if (bit === undefined)
      throw new NftError(`/etc/connlabel.conf: could not parse conntrack label "${text}"`, loc);
    if (bit >= 128n) throw new NftError(`${text}: bit ${bit} out of range (128 max)`, loc);
    return 1n << bit;
  },
  classid: (text, _names, loc) => {
    if (text === 'root') return 0xffffffffn;
    if (text === 'none') return 0n;
    const m = /^([0-9a-fA-F]*):([0-9a-fA-F]*)$/.exec(text);
    if (m !== null)
      return (
        (BigInt(Number.parseInt(m[1] || '0', 16)) << 16n) | BigInt(Number.parseInt(m[2] || '0', 16))
      );
    return integer(text) ?? fail(dataType('classid'), loc);
  },
};

function lladdr(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2})*$/.test(text)) return undefined;
  return text.split(':').reduce((v, b) => (v << 8n) | BigInt(Number.parseInt(b, 16)), 0n);
}

/** Reads a value of a type. @throws NftError */
export function readValue(
  type: string,
  bits: number,
  text: string,
  names: Names,
  loc: Loc,
): bigint {
  const t = dataType(type);
  if (t.base === 'string') return stringValue(text, bits === 0 ? text.length * 8 + 8 : bits);
  const reader = READERS[type];
  if (reader !== undefined) return reader(text, names, loc);
  const symbol = t.symbols?.find(
    ([name]) => name.toLowerCase() === text.toLowerCase() && (type === 'day' || name === text),
  );
  if (symbol !== undefined) return BigInt(symbol[1]);
  return integer(text) ?? fail(t, loc);
}

/** Whether a number is too large for what it is compared with. @throws NftError */
export function checkWidth(v: bigint, bits: number, loc: Loc, max?: number): void {
  if (max !== undefined && v > BigInt(max))
    throw new NftError(`Value ${v} exceeds valid range 0-${max}`, loc);
  const most = ones(bits);
  if (v > most) throw new NftError(`Value ${v} exceeds valid range 0-${most}`, loc);
}
