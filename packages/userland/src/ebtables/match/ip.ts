import type { EbtIp, EbtIp6, EbtRule, Is } from '@labwire/devices/bridge';
import { parameterProblem, strtoui } from '../../iptables/index.ts';
import {
  asked,
  type Draft,
  defineExtension,
  type EbtExtension,
  type EbtOptionCall,
  typeOf,
} from '../extension.ts';
import type { Names } from '../names.ts';
import { ipText, readIp, readIp6, readIpProto, readPorts, shown, spanText } from '../values.ts';
import { icmpText, igmpText, readIcmp, readIgmp } from './icmp.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const PROTO_ICMP = 1;
const PROTO_IGMP = 2;
const PROTO_ICMPV6 = 58;
/** Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const PORT_PROTOCOLS = [6, 17, 33, 132, 136];

/** The options that both have, with what the names begin with. */
function sharedOptions(prefix: 'ip' | 'ip6'): EbtExtension['options'] {
  return [
    { names: [`${prefix}-source`, `${prefix}-src`], key: 'src' },
    { names: [`${prefix}-destination`, `${prefix}-dst`], key: 'dst' },
    { names: [`${prefix}-protocol`, `${prefix}-proto`], key: 'proto' },
    { names: [`${prefix}-source-port`, `${prefix}-sport`], key: 'sport' },
    { names: [`${prefix}-destination-port`, `${prefix}-dport`], key: 'dport' },
    { names: [`${prefix}-icmp-type`], key: 'icmp' },
  ];
}

function needArguments(given: ReadonlySet<string>): void {
  if (given.size === 0) throw parameterProblem('You must specify proper arguments');
}

/** What both read in the same way. @returns whether it was such an option */
function parseShared(m: Draft<EbtIp> | Draft<EbtIp6>, call: EbtOptionCall): boolean {
  const { key, text, names } = call;
  if (key === 'proto') m.proto = asked(readIpProto(text, names), call);
  else if (key === 'sport') m.sport = asked(readPorts(text, names), call);
  else if (key === 'dport') m.dport = asked(readPorts(text, names), call);
  else return false;
  return true;
}

/** Whether what is asked of a transport header is what the protocol has. */
function transportFits(m: EbtIp | EbtIp6, icmp: number): boolean {
  const has = (...protos: number[]): boolean =>
    m.proto?.invert === false && protos.includes(m.proto.value);
  if ((m.sport ?? m.dport) !== undefined && !has(...PORT_PROTOCOLS)) return false;
  return m.icmp === undefined || has(icmp);
}

function protoText(names: Names): (proto: number) => string {
  return (proto) => names.protocolName(proto) ?? String(proto);
}

function upperHex(n: number): string {
  return `0x${n.toString(16).toUpperCase().padStart(2, '0')}`;
}

function readTos(text: string): number {
  const tos = strtoui(text, 0, 255);
  if (tos === undefined) throw parameterProblem('Problem with specified IP tos');
  return tos;
}

/** `--ip-src` … extensions/libebt_ip.c */
export const ip: EbtExtension = defineExtension<EbtIp>({
  name: 'ip',
  options: [
    ...sharedOptions('ip'),
    { names: ['ip-tos'], key: 'tos' },
    { names: ['ip-igmp-type'], key: 'igmp' },
  ],
  init: () => ({ kind: 'ip' }),
  parse(m, call) {
    if (parseShared(m, call)) return;
    const { key, text } = call;
    if (key === 'src') m.src = asked(readIp(text), call);
    else if (key === 'dst') m.dst = asked(readIp(text), call);
    else if (key === 'tos') m.tos = asked(readTos(text), call);
    else if (key === 'icmp') m.icmp = asked(readIcmp(text, 4), call);
    else m.igmp = asked(readIgmp(text), call);
  },
  finalCheck: needArguments,
  fits(m, rule: EbtRule) {
    if (typeOf(rule) !== ETH_P_IP || !transportFits(m, PROTO_ICMP)) return false;
    return m.igmp === undefined || (m.proto?.invert === false && m.proto.value === PROTO_IGMP);
  },
  print: (m, names) =>
    shown('--ip-src', m.src, ipText) +
    shown('--ip-dst', m.dst, ipText) +
    shown('--ip-tos', m.tos, upperHex) +
    shown('--ip-proto', m.proto, protoText(names)) +
    shown('--ip-sport', m.sport, spanText) +
    shown('--ip-dport', m.dport, spanText) +
    shown('--ip-icmp-type', m.icmp, (t) => icmpText(t, 4)) +
    igmpShown(m.igmp),
});

/** A type without a name has no blank behind it: 1.8.9 prints the next word right there. */
function igmpShown(m: EbtIp['igmp']): string {
  return m === undefined ? '' : `--ip-igmp-type ${m.invert ? '! ' : ''}${igmpText(m.value)}`;
}

function readTclass(text: string): number {
  const tclass = strtoui(text, 0, 255);
  if (tclass === undefined)
    throw parameterProblem(`Problem with specified IPv6 traffic class '${text}'`);
  return tclass;
}

/** `--ip6-src` … extensions/libebt_ip6.c */
export const ip6: EbtExtension = defineExtension<EbtIp6>({
  name: 'ip6',
  options: [...sharedOptions('ip6'), { names: ['ip6-tclass'], key: 'tclass' }],
  init: () => ({ kind: 'ip6' }),
  parse(m, call) {
    if (parseShared(m, call)) return;
    const { key, text } = call;
    if (key === 'src') m.src = asked(readIp6(text), call);
    else if (key === 'dst') m.dst = asked(readIp6(text), call);
    else if (key === 'tclass') m.tclass = asked(readTclass(text), call);
    else m.icmp = asked(readIcmp(text, 6), call);
  },
  finalCheck: needArguments,
  fits: (m, rule) => typeOf(rule) === ETH_P_IPV6 && transportFits(m, PROTO_ICMPV6),
  print: (m, names) =>
    shown('--ip6-src', m.src, ipText) +
    shown('--ip6-dst', m.dst, ipText) +
    shown('--ip6-tclass', m.tclass, upperHex) +
    shown('--ip6-proto', m.proto, protoText(names)) +
    shown('--ip6-sport', m.sport, spanText) +
    shown('--ip6-dport', m.dport, spanText) +
    shown('--ip6-icmp-type', m.icmp as Is<never> | undefined, (t) => icmpText(t, 6)),
});
