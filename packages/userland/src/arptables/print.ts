/** Rules as text. Source: iptables/nft-arp.c, nft_arp_print_rule_details() */
import { formatIpv4, formatMac, type MacAddr } from '@labwire/core/addr';
import type { ArpRule, ArpTarget } from '@labwire/devices/arptables';
import type { Bits, Is } from '@labwire/devices/bridge';
import { ipText, plainMac } from '../ebtables/index.ts';
import { ARP_OPS } from './rule-parser.ts';

/** How rules are printed. */
export interface ArpFormat {
  readonly numeric: boolean;
  /** Interfaces that are not asked for, too. */
  readonly interfaces: boolean;
}

/** As arptables-save prints them. */
export const SAVED: ArpFormat = { numeric: true, interfaces: false };
const ARPHRD_ETHER = 1;
const ETH_P_IP = 0x0800;

function part<T>(option: string, is: Is<T> | undefined, text: (value: T) => string): string[] {
  return is === undefined ? [] : [`${is.invert ? '! ' : ''}${option} ${text(is.value)}`];
}

function iface(option: string, m: ArpRule['iif'], f: ArpFormat): string[] {
  if (m !== undefined)
    return [`${m.invert ? '! ' : ''}${option} ${m.name}${m.wildcard ? '+' : ''}`];
  return f.interfaces ? [`${option} ${f.numeric ? '*' : 'any'}`] : [];
}

/** A mask of whole bytes in front is one that 1.8.9 does not find again in what the kernel keeps. */
function isLost(mask: MacAddr): boolean {
  return /^(ff:)+(00:)*00$/.test(formatMac(mask));
}

function mac(option: string, is: Is<Bits<MacAddr>> | undefined): string[] {
  return is !== undefined && isLost(is.value.mask) ? [] : part(option, is, plainMac);
}

function hex(n: number): string {
  return (n >>> 0).toString(16);
}

/** The options of a target, behind everything else. */
function targetOptions(t: ArpTarget | undefined): string[] {
  if (typeof t !== 'object' || t.kind === 'jump') return [];
  if (t.kind === 'CLASSIFY')
    return [`--set-class ${hex(t.priority >>> 16)}:${hex(t.priority & 0xffff)}`];
  if (t.kind === 'MARK') {
    if (t.value === 0) return [`--and-mark ${hex(~t.mask)}`];
    return [t.value === t.mask ? `--or-mark ${hex(t.value)}` : `--set-mark ${hex(t.value)}`];
  }
  return [
    ...(t.ipSrc === undefined ? [] : [`--mangle-ip-s ${formatIpv4(t.ipSrc)}`]),
    ...(t.macSrc === undefined ? [] : [`--mangle-mac-s ${formatMac(t.macSrc)}`]),
    ...(t.ipDst === undefined ? [] : [`--mangle-ip-d ${formatIpv4(t.ipDst)}`]),
    ...(t.macDst === undefined ? [] : [`--mangle-mac-d ${formatMac(t.macDst)}`]),
    ...(t.verdict === 'ACCEPT' ? [] : [`--mangle-target ${t.verdict}`]),
  ];
}

/** The name behind -j. */
function targetName(t: ArpTarget | undefined): string | undefined {
  if (typeof t !== 'object') return t;
  return t.kind === 'jump' ? t.chain : t.kind;
}

/** A rule as its options. */
export function ruleText(rule: ArpRule, f: ArpFormat): string {
  const { arp, target } = rule;
  const name = targetName(target);
  const op = (n: number): string => (f.numeric ? undefined : ARP_OPS[n - 1]) ?? String(n);
  const ptype = (n: number): string => (n === ETH_P_IP && !f.numeric ? 'IPv4' : `0x${hex(n)}`);
  const htype = arp.htype?.value === ARPHRD_ETHER ? undefined : arp.htype;
  return [
    ...(name === undefined ? [] : [`-j ${name}`]),
    ...iface('-i', rule.iif, f),
    ...iface('-o', rule.oif, f),
    ...part('-s', arp.ipSrc, ipText),
    ...mac('--src-mac', arp.macSrc),
    ...part('-d', arp.ipDst, ipText),
    ...mac('--dst-mac', arp.macDst),
    ...part('--opcode', arp.op, op),
    ...part('--h-type', htype, String),
    ...part('--proto-type', arp.ptype, ptype),
    ...targetOptions(target),
  ].join(' ');
}
