import type { Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { strtouiPrefix } from '../../core/numbers.ts';
import { abbreviates } from '../format.ts';

/** A message of ICMP: its type, and which of its codes. */
export interface IcmpType {
  readonly type: number;
  readonly codes: Range;
}

const ANY_CODE: Range = { min: 0, max: 255 };
type Row = readonly [name: string, type: number, code?: number];

/** Names in the order in which iptables knows them, which settles what is printed. extensions/libxt_icmp.h */
export const ICMP_TYPES: readonly Row[] = [
  ['any', 255],
  ['echo-reply', 0],
  ['pong', 0],
  ['destination-unreachable', 3],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4],
  ['redirect', 5],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8],
  ['ping', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['ttl-exceeded', 11],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['parameter-problem', 12],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
  ['address-mask-request', 17],
  ['address-mask-reply', 18],
];

/** The same for ICMPv6. */
export const ICMPV6_TYPES: readonly Row[] = [
  ['destination-unreachable', 1],
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['failed-policy', 1, 5],
  ['reject-route', 1, 6],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['ttl-exceeded', 3],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['parameter-problem', 4],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128],
  ['ping', 128],
  ['echo-reply', 129],
  ['pong', 129],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['neighbor-advertisement', 136],
  ['redirect', 137],
];

function codesOf(row: Row): Range {
  const [, , code] = row;
  return code === undefined ? ANY_CODE : { min: code, max: code };
}

/** Messages of ICMP: a range of types, and which of their codes. */
export interface IcmpSpans {
  readonly types: Range;
  readonly codes: Range;
}

/** One type of message, by name or number. `ipt_parse_icmp()` */
export function parseIcmpType(text: string, rows: readonly Row[], protocol: string): IcmpType {
  const { types, codes } = parseIcmpSpans(text, rows, protocol);
  if (types.min !== types.max) throw parameterProblem(`${protocol} type range not supported`);
  return { type: types.min, codes };
}

/** A name, its beginning if no other begins so, `type` or `type/code`, either of which may be a range. `parse_icmp()` */
export function parseIcmpSpans(text: string, rows: readonly Row[], protocol: string): IcmpSpans {
  const named = rows.filter(([name]) => abbreviates(text, name));
  const [first, second] = named;
  if (first !== undefined && second !== undefined) {
    throw parameterProblem(
      `Ambiguous ${protocol} type \`${text}': \`${first[0]}' or \`${second[0]}'?`,
    );
  }
  if (first !== undefined)
    return { types: { min: first[1], max: first[1] }, codes: codesOf(first) };
  return parseNumbers(text, protocol);
}

/** `a` or `a:b` at the start of a text; undefined if there is none. `parse_range()` */
function parseRange(text: string): (Range & { readonly rest: string }) | undefined {
  const first = strtouiPrefix(text, 0, 255);
  if (first === undefined || !first.rest.startsWith(':'))
    return first && { min: first.value, max: first.value, rest: first.rest };
  const second = strtouiPrefix(first.rest.slice(1), 0, 255);
  return second && { min: first.value, max: second.value, rest: second.rest };
}

function parseNumbers(text: string, protocol: string): IcmpSpans {
  const types = parseRange(text);
  if (types === undefined) throw parameterProblem(`Unknown ${protocol} type \`${text}'`);
  const hasCode = types.rest.startsWith('/');
  const codes = hasCode ? parseRange(types.rest.slice(1)) : { ...ANY_CODE, rest: types.rest };
  if (codes === undefined) throw parameterProblem(`Unknown ${protocol} code \`${text}'`);
  if (codes.rest !== '') throw parameterProblem(`unknown character ${codes.rest[0]}`);
  const { min, max } = types;
  return { types: { min, max }, codes: { min: codes.min, max: codes.max } };
}

/** As a listing shows it; `invert` comes with it since its place depends on the form. `print_icmptype()` */
export function printIcmpType(
  m: IcmpType & { readonly invert: boolean },
  rows: readonly Row[],
  numeric: boolean,
): string {
  const { type, codes } = m;
  const named = rows.find(
    (r) => r[1] === type && codesOf(r).min === codes.min && codesOf(r).max === codes.max,
  );
  if (!numeric && named !== undefined) return ` ${m.invert ? '!' : ''}${named[0]}`;
  const not = m.invert ? ' !' : '';
  if (codes.min === codes.max) return `${not}type ${type} code ${codes.min}`;
  const some = codes.min !== 0 || codes.max !== 255;
  return `${not}type ${type}${some ? ` codes ${codes.min}-${codes.max}` : ''}`;
}

/** `8` or `3/1`, as an option's argument. */
export function saveIcmpType({ type, codes }: IcmpType): string {
  return codes.min !== 0 || codes.max !== 255 ? `${type}/${codes.min}` : String(type);
}
