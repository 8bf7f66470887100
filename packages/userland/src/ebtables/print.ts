import {
  EBT_BASE_CHAINS,
  type EbtChain,
  type EbtRule,
  type EbtTarget,
} from '@labwire/devices/bridge';
import { etherTypeName } from './ethertypes.ts';
import type { Names } from './names.ts';
import { ARP_OPS } from './rule-options.ts';
import { ipText, macText, portsText, shown } from './values.ts';

/** How rules are listed. */
export interface Listing {
  readonly counters: boolean;
  readonly numbers: boolean;
}

function hex(n: number, digits = 0): string {
  return `0x${n.toString(16).padStart(digits, '0')}`;
}

function protoText(type: number): string {
  return type === 0 ? 'Length' : (etherTypeName(type) ?? hex(type, 4));
}

function ifaceText(option: string, m: EbtRule['iif']): string {
  if (m === undefined) return '';
  return `${option} ${m.invert ? '! ' : ''}${m.name}${m.wildcard ? '+' : ''} `;
}

function ipMatch({ ip }: EbtRule, names: Names): string {
  if (ip === undefined) return '';
  return [
    shown('--ip-src', ip.src, ipText),
    shown('--ip-dst', ip.dst, ipText),
    shown('--ip-tos', ip.tos, (n) => hex(n, 2)),
    shown('--ip-proto', ip.proto, (n) => names.protocolName(n) ?? String(n)),
    shown('--ip-sport', ip.sport, portsText),
    shown('--ip-dport', ip.dport, portsText),
  ].join('');
}

function arpMatch({ arp }: EbtRule): string {
  if (arp === undefined) return '';
  const gratuitous = arp.gratuitous;
  return [
    shown('--arp-op', arp.op, (n) => ARP_OPS[n - 1] ?? String(n)),
    shown('--arp-htype', arp.htype, String),
    shown('--arp-ptype', arp.ptype, (n) => hex(n)),
    shown('--arp-ip-src', arp.ipSrc, ipText),
    shown('--arp-ip-dst', arp.ipDst, ipText),
    shown('--arp-mac-src', arp.macSrc, macText),
    shown('--arp-mac-dst', arp.macDst, macText),
    gratuitous === undefined ? '' : `${gratuitous.invert ? '! ' : ''}--arp-gratuitous `,
  ].join('');
}

function targetText(target: EbtTarget): string {
  return typeof target === 'string' ? target : target.jump;
}

/** A rule as it is listed, and as it would be typed. */
export function ruleText(rule: EbtRule, names: Names): string {
  return [
    shown('-p', rule.proto, protoText),
    shown('-s', rule.src, macText),
    shown('-d', rule.dst, macText),
    ifaceText('-i', rule.iif),
    ifaceText('-o', rule.oif),
    ifaceText('--logical-in', rule.logicalIn),
    ifaceText('--logical-out', rule.logicalOut),
    ipMatch(rule, names),
    arpMatch(rule),
    `-j ${targetText(rule.target)}`,
  ].join('');
}

function ruleLine(rule: EbtRule, no: number, how: Listing, names: Names): string {
  const { packets, bytes } = rule.counters;
  const number = how.numbers ? `${no} ` : '';
  const counters = how.counters ? ` , pcnt = ${packets} -- bcnt = ${bytes}` : '';
  return `${number}${ruleText(rule, names)}${counters}\n`;
}

/** The policy that is listed. For an own chain 1.8.9 says RETURN, whatever is at its end. */
function policyText({ name, policy }: EbtChain): string {
  return (EBT_BASE_CHAINS as readonly string[]).includes(name) ? policy : 'RETURN';
}

/** `ebtables -L` */
export function listing(chains: readonly EbtChain[], how: Listing, names: Names): string {
  const blocks = chains.map((chain) => {
    const { name, rules } = chain;
    const head = `Bridge chain: ${name}, entries: ${rules.length}, policy: ${policyText(chain)}\n`;
    return head + rules.map((r, i) => ruleLine(r, i + 1, how, names)).join('');
  });
  return `Bridge table: filter\n\n${blocks.join('\n')}`;
}
