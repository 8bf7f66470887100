import { formatIpv4, type Ipv4Addr, type Ipv6Addr } from '@labwire/core/addr';
import {
  type CtInfo,
  ctDump,
  IPS_ASSURED,
  IPS_SEEN_REPLY,
  isIcmp,
  TCP_CT_NAMES,
  type Tuple,
  ZONE_DIR_BOTH,
} from '@labwire/devices/conntrack';
import type { Netns } from '@labwire/devices/netns';

const NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  47: 'gre',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};
const SCTP_STATES =
  'NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT';
const GRE = 47;

/** Linux net/netfilter/nf_conntrack_standalone.c, ct_seq_show() */
export function nfConntrack(netns: Netns): string {
  return ctDump(netns, {})
    .map((ct) => `${entry(netns, ct)}\n`)
    .join('');
}

function entry(netns: Netns, ct: CtInfo): string {
  const { proto } = ct.orig;
  const family = ct.family === 'inet' ? 'ipv4     2' : 'ipv6     10';
  const seen = (ct.status & IPS_SEEN_REPLY) !== 0;
  const words = [
    `${family} ${(NAMES[proto] ?? 'unknown').padEnd(8)} ${proto} ${ct.timeout}`,
    stateOf(netns, ct),
    direction(ct, 0),
    seen ? '' : '[UNREPLIED]',
    direction(ct, 1),
    (ct.status & IPS_ASSURED) !== 0 ? '[ASSURED]' : '',
    `mark=${ct.mark}`,
    ct.zoneDirs === ZONE_DIR_BOTH ? `zone=${ct.zone}` : '',
    ct.startedAt === undefined
      ? ''
      : `delta-time=${Math.floor((netns.sim.now - ct.startedAt) / 1e9)}`,
    'use=2',
  ];
  return words.filter((w) => w !== '').join(' ');
}

function stateOf(netns: Netns, ct: CtInfo): string {
  if (ct.orig.proto === GRE) {
    const { conf } = netns.netfilter.conntrack;
    return `timeout=${conf.gre_timeout}, stream_timeout=${conf.gre_timeout_stream}`;
  }
  if (ct.state === undefined) return '';
  return (ct.orig.proto === 6 ? TCP_CT_NAMES : SCTP_STATES.split(' '))[ct.state] ?? 'NONE';
}

function direction(ct: CtInfo, dir: 0 | 1): string {
  const t = dir === 0 ? ct.orig : ct.reply;
  const counters = ct.counters?.[dir];
  const own = dir === 0 ? 1 : 2;
  const words = [
    `src=${address(t.src)} dst=${address(t.dst)}`,
    ends(t),
    ct.zoneDirs === own ? `zone-${dir === 0 ? 'orig' : 'reply'}=${ct.zone}` : '',
    counters === undefined ? '' : `packets=${counters.packets} bytes=${counters.bytes}`,
  ];
  return words.filter((w) => w !== '').join(' ');
}

function ends(t: Tuple): string {
  if (t.proto === GRE) return `srckey=0x${t.sport.toString(16)} dstkey=0x${t.dport.toString(16)}`;
  if (isIcmp(t.proto)) return `type=${t.dport >>> 8} code=${t.dport & 0xff} id=${t.sport}`;
  return t.proto in NAMES ? `sport=${t.sport} dport=${t.dport}` : '';
}

/** IPv6 addresses stand in full. */
function address(a: Ipv4Addr | Ipv6Addr): string {
  if (typeof a === 'number') return formatIpv4(a);
  return [a.w0, a.w1, a.w2, a.w3]
    .map((w) => (w >>> 0).toString(16).padStart(8, '0'))
    .map((h) => `${h.slice(0, 4)}:${h.slice(4)}`)
    .join(':');
}

const STAT_HEAD =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n';

/** One line for the one processor. ct_cpu_seq_show() */
export function statNfConntrack(netns: Netns): string {
  const { stats: s, expectations, table } = netns.netfilter.conntrack;
  const hex = (n: number): string => n.toString(16).padStart(8, '0');
  const { clashResolve, found, invalid, chainToolong, insert, insertFailed, drop, earlyDrop } = s;
  const columns = [
    [table.count],
    [
      clashResolve,
      found,
      0,
      invalid,
      0,
      0,
      chainToolong,
      insert,
      insertFailed,
      drop,
      earlyDrop,
      s.error,
    ],
    [0, expectations.created, expectations.deleted, s.searchRestart],
  ];
  return `${STAT_HEAD}${columns.map((c) => c.map(hex).join(' ')).join('  ')}\n`;
}
