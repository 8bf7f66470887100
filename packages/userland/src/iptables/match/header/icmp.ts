import type { IcmpMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { not } from '../format.ts';
import {
  ICMP_TYPES,
  ICMPV6_TYPES,
  parseIcmpType,
  printIcmpType,
  saveIcmpType,
} from './icmp-types.ts';

interface State {
  match: IcmpMatch;
}

const ANY: IcmpMatch = { kind: 'icmp', type: 255, codes: { min: 0, max: 255 }, invert: false };

/** Whatever the code. */
function isAny(m: IcmpMatch): boolean {
  return m.type === ANY.type;
}

/** `-m icmp`. extensions/libipt_icmp.c */
export const icmp: MatchExtension = defineMatch<IcmpMatch, State>({
  name: 'icmp',
  family: 'inet',
  kinds: ['icmp'],
  options: [{ name: 'icmp-type', type: 'string', mandatory: true, invert: true }],
  needsProtocol: [1],
  init: () => ({ match: ANY }),
  parse({ value, invert }, state) {
    state.match = { kind: 'icmp', ...parseIcmpType(value.text, ICMP_TYPES, 'ICMP'), invert };
  },
  finish: (state) => state.match,
  print: (m, ctx) => ` icmp${printIcmpType(m, ICMP_TYPES, ctx.numeric)}`,
  save: (m) => `${not(m)} --icmp-type ${isAny(m) ? 'any' : saveIcmpType(m)}`,
});

/** `-m icmp6`. extensions/libip6t_icmp6.c */
export const icmp6: MatchExtension = defineMatch<IcmpMatch, State>({
  name: 'icmp6',
  family: 'inet6',
  kinds: ['icmp6'],
  options: [{ name: 'icmpv6-type', type: 'string', mandatory: true, invert: true }],
  needsProtocol: [58],
  init: () => ({ match: { ...ANY, kind: 'icmp6', type: 0 } }),
  parse({ value, invert }, state) {
    const type = parseIcmpType(value.text, ICMPV6_TYPES, 'ICMPv6');
    state.match = { kind: 'icmp6', ...type, invert };
  },
  finish: (state) => state.match,
  print: (m, ctx) => ` ipv6-icmp${printIcmpType(m, ICMPV6_TYPES, ctx.numeric)}`,
  save: (m) => `${not(m)} --icmpv6-type ${saveIcmpType(m)}`,
});
