/** Rules of iptables as nft lists them: what iptables-nft 1.8.9 writes with expressions, and its modules' translations. iptables/nft-ipv4.c, nft.c */
import type {
  IfaceMatch,
  LimitMatch,
  Masked,
  TcpMatch,
  UdpMatch,
  XtMatch,
  XtRule,
} from '@labwire/devices/netfilter';
import { formatInet } from '../../libc-net/index.ts';
import { textStmt } from '../print/index.ts';
import { dataType, flagNames, formatValue, type Style } from '../type/index.ts';
import { matchText } from './match.ts';
import { targetText } from './target.ts';
import { maskedText, negation, prefixLength, rangeText } from './words.ts';

function ifaceText(word: string, m: IfaceMatch | undefined): string[] {
  if (m === undefined || (m.name === '' && m.wildcard && !m.invert)) return [];
  return [`${word} ${negation(m.invert)}"${m.name}${m.wildcard ? '*' : ''}"`];
}

function addrText(word: string, m: (Masked & { readonly invert: boolean }) | undefined): string[] {
  if (m === undefined) return [];
  const ip = typeof m.addr === 'number' ? 'ip' : 'ip6';
  const length = prefixLength(m.mask);
  if (length === 0 && !m.invert) return [];
  if (length !== undefined) return [`${ip} ${word} ${negation(m.invert)}${maskedText(m)}`];
  return [`${ip} ${word} & ${formatInet(m.mask)} ${m.invert ? '!=' : '=='} ${formatInet(m.addr)}`];
}

/** Ports and flags, which are asked for without the module; `imply` that the protocol is so. */
function portTexts(m: TcpMatch | UdpMatch): string[] {
  const out: string[] = [];
  const ports = (word: string, r: TcpMatch['sports']): void => {
    if (r !== undefined && (r.min !== 0 || r.max !== 0xffff || r.invert))
      out.push(`${m.kind} ${word} ${negation(r.invert)}${rangeText(r)}`);
  };
  ports('sport', m.sports);
  ports('dport', m.dports);
  if (m.kind === 'tcp' && m.flags !== undefined) out.push(flagsText(m.flags));
  return out;
}

function flagsText({ mask, comp, invert }: NonNullable<TcpMatch['flags']>): string {
  const names = (n: number): string => (flagNames(dataType('tcp_flag'), BigInt(n)) ?? []).join(',');
  if (comp === 0) return `tcp flags ${invert ? '' : '! '}${names(mask)}`;
  if (comp === mask && (comp & (comp - 1)) === 0)
    return `tcp flags & ${names(mask)} ${invert ? '!=' : '=='} ${names(comp)}`;
  return `tcp flags ${negation(invert)}${names(comp)} / ${names(mask)}`;
}

const LIMIT_SCALE = 10_000;
const UNITS: readonly (readonly [number, string])[] = [
  [86_400 * LIMIT_SCALE, 'day'],
  [3600 * LIMIT_SCALE, 'hour'],
  [60 * LIMIT_SCALE, 'minute'],
  [LIMIT_SCALE, 'second'],
];

/** The shortest unit in which the rate is a whole number. `add_nft_limit()` */
function limitText({ avg, burst }: LimitMatch): string {
  let i = 1;
  while (i < UNITS.length) {
    const [scale] = UNITS[i] as readonly [number, string];
    if (avg > scale || Math.floor(scale / avg) < scale % avg) break;
    i++;
  }
  const [scale, unit] = UNITS[i - 1] as readonly [number, string];
  return `limit rate ${Math.floor(scale / avg)}/${unit}${burst === 5 ? '' : ` burst ${burst} packets`}`;
}

function markText(m: Extract<XtMatch, { kind: 'mark' | 'connmark' }>, style: Style): string {
  const hex = (n: number): string => formatValue('mark', 32, BigInt(n >>> 0), style);
  if (m.mask >>> 0 === 0xffffffff) return `meta mark ${negation(m.invert)}${hex(m.value)}`;
  return `meta mark & ${hex(m.mask)} ${m.invert ? '!=' : '=='} ${hex(m.value)}`;
}

/** A rule's text, and whether a module had a part in it. */
export interface XtText {
  readonly text: string;
  readonly modules: boolean;
}

/** A rule of iptables as a listing shows it. */
export function xtRuleText(r: XtRule, style: Style): XtText {
  const protocol =
    r.proto === undefined || r.proto.number === 0
      ? undefined
      : formatValue('inet_proto', 8, BigInt(r.proto.number), style);
  const head = [
    ...ifaceText('iifname', r.iif),
    ...ifaceText('oifname', r.oif),
    ...addrText('saddr', r.src),
    ...addrText('daddr', r.dst),
  ];
  const parts: string[] = [];
  let modules = false;
  let implied = false;
  const first = r.matches[0];
  for (const m of r.matches) {
    const native = nativeText(m, style);
    if (native !== undefined) {
      if ((m.kind === 'tcp' || m.kind === 'udp') && native.length > 0 && m === first)
        implied = true;
      parts.push(...native);
      continue;
    }
    modules = true;
    parts.push(
      matchText(m, protocol ?? 'th') ?? `xt match ${m.kind === 'icmp6' ? 'icmp6' : m.kind}`,
    );
  }
  const proto =
    protocol === undefined || implied
      ? []
      : [`meta l4proto ${negation(r.proto?.invert === true)}${protocol}`];
  const fragment =
    r.fragment === undefined ? [] : [`ip frag-off & 8191 ${r.fragment.invert ? '==' : '!='} 0`];
  const counter = textStmt({ kind: 'counter', ...r.counters }, style);
  const target =
    r.target === undefined ? [] : [targetText(r.target) ?? `xt target ${r.target.kind}`];
  if (
    r.target !== undefined &&
    !['verdict', 'jump', 'goto', 'NFLOG', 'TRACE'].includes(r.target.kind)
  )
    modules = true;
  return {
    text: [...head, ...proto, ...fragment, ...parts, counter, ...target].join(' '),
    modules,
  };
}

/** What iptables writes without the module; undefined of others. */
function nativeText(m: XtMatch, style: Style): string[] | undefined {
  if ((m.kind === 'tcp' && m.option === undefined) || m.kind === 'udp') return portTexts(m);
  if (m.kind === 'limit') return [limitText(m)];
  return m.kind === 'mark' ? [markText(m, style)] : undefined;
}
