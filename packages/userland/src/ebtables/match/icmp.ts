import type { EbtIcmp, Span } from '@labwire/devices/bridge';
import { ICMP_TYPES, ICMPV6_TYPES, parseIcmpSpans } from '../../iptables/index.ts';
import { spanText } from '../values.ts';

type Row = readonly [name: string, type: number, code?: number];

/** Names of IGMP's messages. extensions/libxt_icmp.h */
const IGMP_TYPES: readonly Row[] = [
  ['membership-query', 0x11],
  ['membership-report-v1', 0x12],
  ['membership-report-v2', 0x16],
  ['leave-group', 0x17],
  ['membership-report-v3', 0x22],
];

/** A message of ICMP or ICMPv6, by name or numbers. @throws {@link IptablesError} */
export function readIcmp(text: string, version: 4 | 6): EbtIcmp {
  const { types, codes } =
    version === 4
      ? parseIcmpSpans(text, ICMP_TYPES, 'ICMP')
      : parseIcmpSpans(text, ICMPV6_TYPES, 'ICMPv6');
  return { types: [types.min, types.max], codes: [codes.min, codes.max] };
}

/** A message of IGMP. @throws {@link IptablesError} */
export function readIgmp(text: string): Span {
  const { types } = parseIcmpSpans(text.replace(/\/.*/, ''), IGMP_TYPES, 'IGMP');
  return [types.min, types.max];
}

/** {@link readIcmp} back: by name if there is one for just this. */
export function icmpText({ types, codes }: EbtIcmp, version: 4 | 6): string {
  const rows = version === 4 ? ICMP_TYPES : ICMPV6_TYPES;
  const named = rows.find(([, type, code]) => {
    const [from, to] = code === undefined ? [0, 255] : [code, code];
    return type === types[0] && from === codes[0] && to === codes[1];
  });
  if (named !== undefined && types[0] === types[1]) return named[0];
  return `${spanText(types)}/${spanText(codes)}`;
}

/** {@link readIgmp} back. */
export function igmpText(types: Span): string {
  const named = IGMP_TYPES.find(([, type]) => type === types[0]);
  return named !== undefined && types[0] === types[1] ? `${named[0]} ` : spanText(types);
}
