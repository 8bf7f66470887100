import { formatMac, type MacAddr } from '@labwire/core/addr';
import type { EbtArpreply, EbtDnat, EbtRedirect, EbtSnat } from '@labwire/devices/bridge';
import { parameterProblem } from '../../iptables/index.ts';
import { defineExtension, type EbtExtension, typeOf } from '../extension.ts';
import { etherAton } from '../values.ts';
import { readVerdict } from './verdict.ts';

const ETH_P_ARP = 0x0806;

function readAddress(text: string, option: string): MacAddr {
  const mac = etherAton(text);
  if (mac === undefined) throw parameterProblem(`Problem with specified --${option} mac`);
  return mac;
}

function needArguments(given: ReadonlySet<string>): void {
  if (given.size === 0) throw parameterProblem('You must specify proper arguments');
}

/** `-j snat`. extensions/libebt_snat.c */
export const snat: EbtExtension = defineExtension<EbtSnat>({
  name: 'snat',
  options: [
    { names: ['to-source', 'to-src'], key: 'mac', once: true },
    { names: ['snat-target'], key: 'verdict', once: true },
    { names: ['snat-arp'], key: 'arp', flag: true, once: true },
  ],
  init: () => ({ kind: 'snat', mac: 0 as MacAddr, arp: false, verdict: 'ACCEPT' }),
  parse(t, { key, text }) {
    if (key === 'mac') t.mac = readAddress(text, 'to-source');
    else if (key === 'verdict') t.verdict = readVerdict(text, 'snat-target');
    else t.arp = true;
  },
  finalCheck: needArguments,
  fits: (_t, _rule, table) => table === 'nat',
  print: (t) =>
    `--to-src ${formatMac(t.mac)}${t.arp ? ' --snat-arp' : ''} --snat-target ${t.verdict}`,
});

/** `-j dnat`. extensions/libebt_dnat.c */
export const dnat: EbtExtension = defineExtension<EbtDnat>({
  name: 'dnat',
  options: [
    { names: ['to-destination', 'to-dst'], key: 'mac', once: true },
    { names: ['dnat-target'], key: 'verdict', once: true },
  ],
  init: () => ({ kind: 'dnat', mac: 0 as MacAddr, verdict: 'ACCEPT' }),
  parse(t, { key, text }) {
    if (key === 'mac') t.mac = readAddress(text, 'to-destination');
    else t.verdict = readVerdict(text, 'dnat-target');
  },
  finalCheck: needArguments,
  fits: (_t, _rule, table) => table === 'nat',
  print: (t) => `--to-dst ${formatMac(t.mac)} --dnat-target ${t.verdict}`,
});

/** `-j redirect`. extensions/libebt_redirect.c */
export const redirect: EbtExtension = defineExtension<EbtRedirect>({
  name: 'redirect',
  options: [{ names: ['redirect-target'], key: 'verdict', once: true }],
  init: () => ({ kind: 'redirect', verdict: 'ACCEPT' }),
  parse(t, { text }) {
    t.verdict = readVerdict(text, 'redirect-target');
  },
  fits: (_t, _rule, table) => table === 'nat',
  print: (t) => (t.verdict === 'ACCEPT' ? '' : `--redirect-target ${t.verdict}`),
});

/** `-j arpreply`. extensions/libebt_arpreply.c */
export const arpreply: EbtExtension = defineExtension<EbtArpreply>({
  name: 'arpreply',
  options: [
    { names: ['arpreply-mac'], key: 'mac', once: true },
    { names: ['arpreply-target'], key: 'verdict', once: true },
  ],
  init: () => ({ kind: 'arpreply', mac: 0 as MacAddr, verdict: 'DROP' }),
  parse(t, { key, text }) {
    if (key === 'mac') t.mac = readAddress(text, 'arpreply-mac');
    else t.verdict = readVerdict(text, 'arpreply-target');
  },
  fits: (_t, rule, table) => table === 'nat' && typeOf(rule) === ETH_P_ARP,
  print: (t) =>
    `--arpreply-mac ${formatMac(t.mac)}${t.verdict === 'DROP' ? '' : ` --arpreply-target ${t.verdict}`}`,
});
