/** The options that say which frames a rule is for. Source: iptables xtables-eb.c, extensions/libebt_ip.c, libebt_arp.c. */
import type { EbtArp, EbtIp, EbtRule, Is } from '@labwire/devices/bridge';
import { etherTypeByName } from './ethertypes.ts';
import { badParameter, type EbtFailure } from './failure.ts';
import { type Names, unsigned } from './names.ts';
import { readIp, readMac, readPorts } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/** A rule while it is being read. */
export interface RuleDraft extends Omit<Mutable<EbtRule>, 'ip' | 'arp'> {
  ip?: Mutable<EbtIp>;
  arp?: Mutable<EbtArp>;
}

/** Takes an option's value into a rule. @throws {@link EbtFailure} */
export type RuleOption = (rule: RuleDraft, value: string, invert: boolean, names: Names) => void;

/** ARP operations by number, from 1. */
export const ARP_OPS: readonly string[] = [
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
/** Lengths end here, types begin. */
const LEAST_TYPE = 0x600;
const IFNAMSIZ = 16;

function readProto(text: string): number {
  if (text.toLowerCase() === 'length') return 0;
  const type = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : undefined;
  const found = type ?? etherTypeByName(text);
  if (found === undefined)
    throw badParameter(
      `Problem with the specified Ethernet protocol '${text}', perhaps /etc/ethertypes is missing`,
    );
  if (found < LEAST_TYPE)
    throw badParameter('Sorry, protocols have values above or equal to 0x0600');
  return found;
}

function iface(key: 'iif' | 'oif' | 'logicalIn' | 'logicalOut'): RuleOption {
  return (rule, value, invert) => {
    if (value.length >= IFNAMSIZ)
      throw badParameter(
        `interface name \`${value}' must be shorter than IFNAMSIZ (${IFNAMSIZ - 1})`,
      );
    const wildcard = value.endsWith('+');
    rule[key] = { name: wildcard ? value.slice(0, -1) : value, wildcard, invert };
  };
}

function mac(key: 'src' | 'dst', what: string): RuleOption {
  return (rule, text, invert) => {
    const value = readMac(text);
    if (value === undefined) throw badParameter(`Problem with specified ${what} mac '${text}'`);
    rule[key] = { value, invert };
  };
}

function ip<K extends keyof EbtIp>(
  key: K,
  read: (text: string, names: Names) => Required<EbtIp>[K]['value'],
): RuleOption {
  return (rule, text, invert, names) => {
    rule.ip ??= {};
    rule.ip[key] = { value: read(text, names), invert } as EbtIp[K] & object;
  };
}

function arp<K extends keyof EbtArp>(
  key: K,
  read: (text: string) => Required<EbtArp>[K]['value'],
): RuleOption {
  return (rule, text, invert) => {
    rule.arp ??= {};
    rule.arp[key] = { value: read(text), invert } as EbtArp[K] & object;
  };
}

function readIpProto(text: string, names: Names): number {
  const proto = names.protocolNumber(text);
  if (proto === undefined) throw badParameter(`unknown protocol "${text}" specified`);
  return proto;
}

function readOp(text: string): number {
  const named = ARP_OPS.findIndex((op) => op.toLowerCase() === text.toLowerCase());
  const op = named >= 0 ? named + 1 : unsigned(text, 65_535);
  if (op === undefined) throw badParameter('Problem with specified ARP opcode');
  return op;
}

function readArpType(text: string): number {
  const type = text.toLowerCase() === 'ethernet' ? 1 : unsigned(text, 65_535);
  if (type === undefined) throw badParameter('Problem with specified ARP hardware type');
  return type;
}

function readArpProtocol(text: string): number {
  const type = unsigned(text, 65_535) ?? etherTypeByName(text);
  if (type === undefined) throw badParameter('Problem with specified ARP protocol type');
  return type;
}

function readArpMac(text: string): NonNullable<ReturnType<typeof readMac>> {
  const found = readMac(text);
  if (found === undefined) throw badParameter('Problem with ARP MAC address argument');
  return found;
}

const setProto: RuleOption = (rule, text, invert) => {
  rule.proto = { value: readProto(text), invert };
};
const setTos = ip('tos', (text) => {
  const tos = unsigned(/^0x/i.test(text) ? text : `0x${text}`, 255);
  if (tos === undefined) throw badParameter(`Problem with specified IP tos`);
  return tos;
});
const setSport = ip('sport', readPorts);
const setDport = ip('dport', readPorts);

/** All that take a value, under each of their names. */
export const RULE_OPTIONS: ReadonlyMap<string, RuleOption> = new Map(
  (
    [
      [['-p', '--proto', '--protocol'], setProto],
      [['-s', '--src', '--source'], mac('src', 'source')],
      [['-d', '--dst', '--destination'], mac('dst', 'destination')],
      [['-i', '--in-if', '--in-interface'], iface('iif')],
      [['-o', '--out-if', '--out-interface'], iface('oif')],
      [['--logical-in'], iface('logicalIn')],
      [['--logical-out'], iface('logicalOut')],
      [['--ip-src', '--ip-source'], ip('src', readIp)],
      [['--ip-dst', '--ip-destination'], ip('dst', readIp)],
      [['--ip-tos'], setTos],
      [['--ip-proto', '--ip-protocol'], ip('proto', readIpProto)],
      [['--ip-sport', '--ip-source-port'], setSport],
      [['--ip-dport', '--ip-destination-port'], setDport],
      [['--arp-op', '--arp-opcode'], arp('op', readOp)],
      [['--arp-htype'], arp('htype', readArpType)],
      [['--arp-ptype'], arp('ptype', readArpProtocol)],
      [['--arp-ip-src'], arp('ipSrc', readIp)],
      [['--arp-ip-dst'], arp('ipDst', readIp)],
      [['--arp-mac-src'], arp('macSrc', readArpMac)],
      [['--arp-mac-dst'], arp('macDst', readArpMac)],
    ] as const
  ).flatMap(([words, option]) => words.map((w) => [w, option] as const)),
);

/** `--arp-gratuitous`, which takes none. */
export function setGratuitous(rule: RuleDraft, invert: boolean): void {
  rule.arp ??= {};
  rule.arp.gratuitous = { value: true, invert } satisfies Is<true>;
}

/** What is asked of a packet must be of the protocol that the rule is for. @returns why the kernel would refuse it */
export function unfit(rule: RuleDraft): string | undefined {
  const type = rule.proto?.invert === false ? rule.proto.value : undefined;
  if (rule.src?.value.mask === 0 || rule.dst?.value.mask === 0) return 'Invalid argument';
  if (rule.ip !== undefined && type !== 0x0800) return 'Invalid argument';
  if (rule.arp !== undefined && type !== 0x0806 && type !== 0x8035) return 'Invalid argument';
  const ports = rule.ip?.sport ?? rule.ip?.dport;
  const proto = rule.ip?.proto;
  if (
    ports !== undefined &&
    (proto === undefined || proto.invert || ![6, 17, 33, 132, 136].includes(proto.value))
  )
    return 'Invalid argument';
  return undefined;
}

/** Options of interfaces belong to chains where there is one. @throws {@link EbtFailure} */
export function checkChain(rule: RuleDraft, chain: string): void {
  const onlyOut = 'OUTPUT, FORWARD and POSTROUTING chains';
  const onlyIn = 'INPUT, FORWARD, PREROUTING and BROUTING chains';
  const fail = (option: string, where: string): EbtFailure =>
    badParameter(`Use ${option} only in ${where}`);
  if (chain === 'INPUT') {
    if (rule.oif !== undefined) throw fail('-o', onlyOut);
    if (rule.logicalOut !== undefined) throw fail('--logical-out', onlyOut);
  } else if (chain === 'OUTPUT') {
    if (rule.iif !== undefined) throw fail('-i', onlyIn);
    if (rule.logicalIn !== undefined) throw fail('--logical-in', onlyIn);
  }
}
