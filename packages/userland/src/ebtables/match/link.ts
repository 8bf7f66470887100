/** Matches of what stands between the Ethernet header and the packet. */
import type { Ebt8023, EbtVlan } from '@labwire/devices/bridge';
import { parameterProblem } from '../../iptables/index.ts';
import { etherTypeByName } from '../ethertypes.ts';
import { asked, defineExtension, type EbtExtension, typeOf } from '../extension.ts';
import { hexText, shown } from '../values.ts';

const ETH_P_8021Q = 0x8100;
const MAX_VLAN = 4094;
/** The least that an encapsulated type may be. */
const ETH_ZLEN = 60;

/** A decimal number up to a limit. @throws {@link IptablesError} */
function readUpTo(text: string, max: number, option: string): number {
  const n = /^\d+$/.test(text) ? Number(text) : undefined;
  if (n === undefined || n > max) throw parameterProblem(`Invalid --${option} range ('${text}')`);
  return n;
}

function readEncap(text: string): number {
  const type = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) & 0xffff : undefined;
  const found = type ?? etherTypeByName(text);
  if (found === undefined) throw parameterProblem(`Unknown --vlan-encap value ('${text}')`);
  if (found < ETH_ZLEN) throw parameterProblem(`Invalid --vlan-encap range ('${text}')`);
  return found;
}

/** `--vlan-id` … extensions/libebt_vlan.c */
export const vlan: EbtExtension = defineExtension<EbtVlan>({
  name: 'vlan',
  options: [
    { names: ['vlan-id'], key: 'id', once: true },
    { names: ['vlan-prio'], key: 'prio', once: true },
    { names: ['vlan-encap'], key: 'encap', once: true },
  ],
  init: () => ({ kind: 'vlan' }),
  parse(m, call) {
    const { key, text } = call;
    if (key === 'id') m.id = asked(readUpTo(text, MAX_VLAN, 'vlan-id'), call);
    else if (key === 'prio') m.prio = asked(readUpTo(text, 7, 'vlan-prio'), call);
    else m.encap = asked(readEncap(text), call);
  },
  fits: (_m, rule) => typeOf(rule) === ETH_P_8021Q,
  /** A frame of a VLAN is not asked for its priority. `ebt_vlan_mt_check()` */
  kept(m) {
    if (m.id === undefined || m.id.value === 0) return m;
    const { prio: _prio, ...rest } = m;
    return rest;
  },
  print: (m) =>
    shown('--vlan-id', m.id, String) +
    shown('--vlan-prio', m.prio, String) +
    shown('--vlan-encap', m.encap, (n) => n.toString(16).toUpperCase().padStart(4, '0')),
});

function readHex(text: string, max: number, what: string): number {
  const n = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : 0;
  if (n > max || !/^(0x)?[0-9a-f]+$/i.test(text))
    throw parameterProblem(`Problem with ${what} hex value, ${n.toString(16)}`);
  return n;
}

/** `--802_3-sap`, `--802_3-type`. extensions/libebt_802_3.c */
export const llc: EbtExtension = defineExtension<Ebt8023>({
  name: '802_3',
  options: [
    { names: ['802_3-sap'], key: 'sap' },
    { names: ['802_3-type'], key: 'type' },
  ],
  init: () => ({ kind: '802_3' }),
  parse(m, call) {
    if (call.key === 'sap') m.sap = asked(readHex(call.text, 0xff, 'specified sap'), call);
    else m.type = asked(readHex(call.text, 0xffff, 'the specified type'), call);
  },
  print: (m) =>
    shown('--802_3-sap', m.sap, (n) => hexText(n, 2)) +
    shown('--802_3-type', m.type, (n) => hexText(n, 4)),
});
