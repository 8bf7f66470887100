/** Targets of xtables modules as nft lists them. iptables, extensions/libxt_*.c, xlate functions */
import type { MarkTarget, NatTarget, XtTarget } from '@labwire/devices/netfilter';
import { formatInet } from '../../libc-net/index.ts';
import { rangeText } from './words.ts';

const REJECT_WORDS: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'icmp type net-unreachable',
  'icmp-host-unreachable': 'icmp type host-unreachable',
  'icmp-proto-unreachable': 'icmp type prot-unreachable',
  'icmp-net-prohibited': 'icmp type net-prohibited',
  'icmp-host-prohibited': 'icmp type host-prohibited',
  'icmp-admin-prohibited': 'icmp type admin-prohibited',
  'icmp6-no-route': 'icmpv6 type no-route',
  'icmp6-adm-prohibited': 'icmpv6 type admin-prohibited',
  'icmp6-addr-unreachable': 'icmpv6 type addr-unreachable',
  'icmp6-policy-fail': 'icmpv6 type policy-fail',
  'icmp6-reject-route': 'icmpv6 type reject-route',
  'tcp-reset': 'tcp reset',
};

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function logText(t: Extract<XtTarget, { kind: 'LOG' }>): string {
  let out = 'log';
  if (t.prefix !== '') out += ` prefix "${t.prefix}"`;
  if (t.level !== 4) out += ` level ${LEVELS[t.level]}`;
  const tcp = [...(t.tcpSequence ? ['sequence'] : []), ...(t.tcpOptions ? ['options'] : [])];
  if (tcp.length > 0) out += ` flags tcp ${tcp.join(',')}`;
  if (t.ipOptions) out += ' flags ip options';
  if (t.uid) out += ' flags skuid';
  return t.macdecode ? `${out} flags ether` : out;
}

function nflogText(t: Extract<XtTarget, { kind: 'NFLOG' }>): string {
  let out = 'log';
  if (t.prefix !== '') out += ` prefix "${t.prefix}"`;
  out += ` group ${t.group}`;
  if (t.size !== undefined) out += ` snaplen ${t.size}`;
  return t.threshold > 1 ? `${out} queue-threshold ${t.threshold}` : out;
}

function hex(n: number): string {
  return `0x${(n >>> 0).toString(16)}`;
}

/** What becomes of the packet's mark: `and`, `or`, `xor` where one of them is enough. */
function markText(t: MarkTarget): string {
  const [value, mask] = [t.value >>> 0, t.mask >>> 0];
  if (mask === 0) return `meta mark set mark xor ${hex(value)}`;
  if (mask === 0xffffffff) return `meta mark set ${hex(value)}`;
  if (value === 0) return `meta mark set mark and ${hex(~mask)}`;
  if (mask === value) return `meta mark set mark or ${hex(value)}`;
  return `meta mark set mark and ${hex(~mask)} xor ${hex(value)}`;
}

function connmarkText(t: MarkTarget): string {
  const [value, mask] = [t.value >>> 0, t.mask >>> 0];
  const all = mask === 0xffffffff;
  if (t.op === 'save') return all ? 'ct mark set mark' : `ct mark set mark and ${hex(mask)}`;
  if (t.op === 'restore')
    return all ? 'meta mark set ct mark' : `meta mark set ct mark and ${hex(mask)}`;
  if (all) return `ct mark set ${hex(value)}`;
  if (mask === 0) return `ct mark set ct mark xor ${hex(value)}`;
  if (value === 0) return `ct mark set ct mark and ${hex(~mask)}`;
  if (mask === value) return `ct mark set ct mark or ${hex(value)}`;
  return `ct mark set ct mark xor ${hex(value)} and ${hex(~mask)}`;
}

const NAT_WORDS: Readonly<Record<string, string>> = {
  SNAT: 'snat',
  DNAT: 'dnat',
  MASQUERADE: 'masquerade',
  REDIRECT: 'redirect',
};

function natText(t: NatTarget): string | undefined {
  const word = NAT_WORDS[t.kind];
  if (word === undefined) return undefined;
  const { addrs, ports } = t;
  let to = '';
  if (addrs !== undefined) {
    const six = typeof addrs.min !== 'number' && ports !== undefined;
    const one = (a: typeof addrs.min): string => (six ? `[${formatInet(a)}]` : formatInet(a));
    const [min, max] = [one(addrs.min), one(addrs.max)];
    to = min === max ? min : `${min}-${max}`;
  }
  if (ports !== undefined) to += `:${rangeText(ports)}`;
  const flags = [
    ...(t.random ? ['random'] : []),
    ...(t.randomFully ? ['fully-random'] : []),
    ...(t.persistent ? ['persistent'] : []),
  ].join(',');
  return `${word}${to === '' ? '' : ` to ${to}`}${flags === '' ? '' : ` ${flags}`}`;
}

/** TOS is written of IPv6 whatever the family. `tos_xlate()` */
function tosText(t: Extract<XtTarget, { kind: 'TOS' }>): string | undefined {
  const dscp = (n: number): string => `0x${(n >> 2).toString(16).padStart(2, '0')}`;
  const mask = t.mask & 0xff;
  if (mask === 0xff || mask === 0x3f) return `ip6 dscp set ${dscp(t.value)}`;
  if (t.value === 0) return `ip6 dscp set ip6 dscp and ${dscp(~mask & 0xff)}`;
  if (t.value === mask) return `ip6 dscp set ip6 dscp or ${dscp(t.value)}`;
  if (mask === 0) return `ip6 dscp set ip6 dscp xor ${dscp(t.value)}`;
  return undefined;
}

/** @returns undefined where the module has no translation: its name stands for it then */
export function targetText(t: XtTarget): string | undefined {
  switch (t.kind) {
    case 'verdict':
      return t.verdict.toLowerCase();
    case 'jump':
    case 'goto':
      return `${t.kind} ${t.chain}`;
    case 'REJECT': {
      const words = REJECT_WORDS[t.with];
      return words === undefined ? 'reject' : `reject with ${words}`;
    }
    case 'LOG':
      return logText(t);
    case 'NFLOG':
      return nflogText(t);
    case 'MARK':
      return markText(t);
    case 'CONNMARK':
      return t.shift === undefined ? connmarkText(t) : undefined;
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return natText(t);
    default:
      return rareText(t);
  }
}

function rareText(t: XtTarget): string | undefined {
  switch (t.kind) {
    case 'TCPMSS':
      return `tcp option maxseg size set ${t.mss ?? 'rt mtu'}`;
    case 'TOS':
      return tosText(t);
    case 'DSCP':
      return `ip dscp set 0x${t.dscp.toString(16).padStart(2, '0')}`;
    case 'CLASSIFY':
      return `meta priority set ${(t.priority >>> 16).toString(16)}:${(t.priority & 0xffff).toString(16)}`;
    case 'TRACE':
      return 'meta nftrace set 1';
    case 'TEE':
      return `dup to ${formatInet(t.gateway)}${t.oif === undefined ? '' : ` device ${t.oif}`}`;
    case 'NFQUEUE':
      return `queue num ${rangeText(t.queues)}${t.bypass ? ' bypass' : ''}${t.cpuFanout ? `${t.bypass ? ',' : ' '}fanout` : ''}`;
    case 'CT':
      return t.notrack ? 'notrack' : undefined;
    default:
      return undefined;
  }
}
