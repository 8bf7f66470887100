import type { EbtArp } from '@labwire/devices/bridge';
import { parameterProblem } from '../../iptables/index.ts';
import { etherTypeByName } from '../ethertypes.ts';
import { asked, defineExtension, type EbtExtension, typeOf } from '../extension.ts';
import { hexText, ipText, plainMac, readIp, readMac, shown } from '../values.ts';

const ETH_P_ARP = 0x0806;
const ETH_P_RARP = 0x8035;

/** ARP operations by number, from 1. */
const OPS: readonly string[] = [
  'Request',
  'Reply',
  'Request_Reverse',
  'Reply_Reverse',
  'DRARP_Request',
  'DRARP_Reply',
  'DRARP_Error',
  'InARP_Request',
  'ARP_NAK',
];

/** A number of 16 bits in a base; undefined for anything else. strtol(3) */
function number16(text: string, base: 10 | 16): number | undefined {
  const isNumber = base === 10 ? /^\d+$/ : /^(0x)?[0-9a-f]+$/i;
  const n = isNumber.test(text) ? Number.parseInt(text, base) : undefined;
  return n !== undefined && n <= 0xffff ? n : undefined;
}

function readOp(text: string): number {
  const named = OPS.findIndex((op) => op.toLowerCase() === text.toLowerCase());
  const op = number16(text, 10) ?? (named >= 0 ? named + 1 : undefined);
  if (op === undefined) throw parameterProblem('Problem with specified ARP opcode');
  return op;
}

function readHtype(text: string): number {
  const type = number16(text, 10) ?? (text.toLowerCase() === 'ethernet' ? 1 : undefined);
  if (type === undefined) throw parameterProblem('Problem with specified ARP hardware type');
  return type;
}

function readPtype(text: string): number {
  const type = number16(text, 16) ?? etherTypeByName(text);
  if (type === undefined) throw parameterProblem('Problem with specified ARP protocol type');
  return type;
}

function readArpMac(text: string): NonNullable<ReturnType<typeof readMac>> {
  const found = readMac(text);
  if (found === undefined) throw parameterProblem('Problem with ARP MAC address argument');
  return found;
}

/** `--arp-op` … extensions/libebt_arp.c */
export const arp: EbtExtension = defineExtension<EbtArp>({
  name: 'arp',
  options: [
    { names: ['arp-opcode', 'arp-op'], key: 'op', once: true },
    { names: ['arp-htype'], key: 'htype', once: true },
    { names: ['arp-ptype'], key: 'ptype', once: true },
    { names: ['arp-ip-src'], key: 'ipSrc', once: true },
    { names: ['arp-ip-dst'], key: 'ipDst', once: true },
    { names: ['arp-mac-src'], key: 'macSrc', once: true },
    { names: ['arp-mac-dst'], key: 'macDst', once: true },
    { names: ['arp-gratuitous'], key: 'gratuitous', once: true, flag: true },
  ],
  init: () => ({ kind: 'arp' }),
  parse(m, call) {
    const { key, text } = call;
    if (key === 'op') m.op = asked(readOp(text), call);
    else if (key === 'htype') m.htype = asked(readHtype(text), call);
    else if (key === 'ptype') m.ptype = asked(readPtype(text), call);
    else if (key === 'ipSrc') m.ipSrc = asked(readIp(text), call);
    else if (key === 'ipDst') m.ipDst = asked(readIp(text), call);
    else if (key === 'macSrc') m.macSrc = asked(readArpMac(text), call);
    else if (key === 'macDst') m.macDst = asked(readArpMac(text), call);
    else m.gratuitous = asked(true, call);
  },
  fits: (_m, rule) => typeOf(rule) === ETH_P_ARP || typeOf(rule) === ETH_P_RARP,
  print: (m) =>
    shown('--arp-op', m.op, (n) => OPS[n - 1] ?? String(n)) +
    shown('--arp-htype', m.htype, String) +
    shown('--arp-ptype', m.ptype, (n) => hexText(n)) +
    shown('--arp-ip-src', m.ipSrc, ipText) +
    shown('--arp-ip-dst', m.ipDst, ipText) +
    shown('--arp-mac-src', m.macSrc, plainMac) +
    shown('--arp-mac-dst', m.macDst, plainMac) +
    (m.gratuitous === undefined ? '' : `${m.gratuitous.invert ? '! ' : ''}--arp-gratuitous `),
});
