/** Matches of xtables modules as nft lists them: the modules' own translations. iptables, extensions/libxt_*.c, xlate functions */
import { formatMac } from '@labwire/core/addr';
import type { ConntrackMatch, Masked, Range, XtMatch } from '@labwire/devices/netfilter';
import { formatInet } from '../../libc-net/index.ts';
import { dataType } from '../type/index.ts';
import { maskedText, negation, rangeText } from './words.ts';

const STATES: readonly (readonly [string, string])[] = [
  ['INVALID', 'invalid'],
  ['NEW', 'new'],
  ['RELATED', 'related'],
  ['ESTABLISHED', 'established'],
  ['UNTRACKED', 'untracked'],
];
const STATUSES: readonly (readonly [string, string])[] = [
  ['EXPECTED', 'expected'],
  ['SEEN_REPLY', 'seen-reply'],
  ['ASSURED', 'assured'],
  ['CONFIRMED', 'confirmed'],
];

function listed(names: readonly string[], order: readonly (readonly [string, string])[]): string {
  return order
    .filter(([n]) => names.includes(n))
    .map(([, word]) => word)
    .join(',');
}

function stateText(names: readonly string[], invert: boolean): string {
  const nat = names.filter((n) => n === 'SNAT' || n === 'DNAT').map((n) => n.toLowerCase());
  if (nat.length > 0) return `ct status ${invert ? '! ' : ''}${nat.join(',')}`;
  return `ct state ${invert ? '! ' : ''}${listed(names, STATES)}`;
}

function conntrackText(m: ConntrackMatch): string {
  const out: string[] = [];
  if (m.ctdir !== undefined) out.push(`ct direction ${m.ctdir.toLowerCase()}`);
  if (m.ctstate !== undefined) out.push(stateText(m.ctstate.in, m.ctstate.invert));
  if (m.ctstatus !== undefined)
    out.push(`ct status ${negation(m.ctstatus.invert)}${listed(m.ctstatus.in, STATUSES)}`);
  if (m.ctexpire !== undefined)
    out.push(`ct expiration ${negation(m.ctexpire.invert)}${rangeText(m.ctexpire)}`);
  if (m.ctproto !== undefined)
    out.push(`ct original protocol ${negation(m.ctproto.invert)}${m.ctproto.protocol}`);
  const addr = (what: string, a: (Masked & { invert: boolean }) | undefined): void => {
    if (a !== undefined) out.push(`ct ${what} ${negation(a.invert)}${maskedText(a)}`);
  };
  addr('original saddr', m.ctorigsrc);
  addr('original daddr', m.ctorigdst);
  addr('reply saddr', m.ctreplsrc);
  addr('reply daddr', m.ctrepldst);
  const port = (what: string, r: (Range & { invert: boolean }) | undefined): void => {
    if (r !== undefined) out.push(`ct ${what} ${negation(r.invert)}${rangeText(r)}`);
  };
  port('original proto-src', m.ctorigsrcport);
  port('original proto-dst', m.ctorigdstport);
  port('reply proto-src', m.ctreplsrcport);
  port('reply proto-dst', m.ctrepldstport);
  return out.join(' ');
}

function multiportText(m: Extract<XtMatch, { kind: 'multiport' }>, proto: string): string {
  const ports = m.ports.map(rangeText);
  if (m.which === 'either') {
    const pairs = ports.flatMap((p) => [`0-65535 . ${p}`, `${p} . 0-65535`]);
    return `${proto} sport . ${proto} dport ${negation(m.invert)}{ ${pairs.join(', ')} }`;
  }
  const set = ports.length === 1 ? ports[0] : `{ ${ports.join(', ')} }`;
  return `${proto} ${m.which === 'source' ? 's' : 'd'}port ${negation(m.invert)}${set}`;
}

function icmpText(m: Extract<XtMatch, { kind: 'icmp' | 'icmp6' }>): string | undefined {
  const word = m.kind === 'icmp' ? 'icmp' : 'icmpv6';
  if (m.type === 255) return m.kind === 'icmp' ? 'ip protocol icmp' : undefined;
  if (m.codes.min !== 0 || m.codes.max < 255) return undefined;
  const name =
    dataType(`${word}_type`).symbols?.find(([, n]) => n === m.type)?.[0] ?? String(m.type);
  return `${word} type ${negation(m.invert)}${name}`;
}

function markText(m: Extract<XtMatch, { kind: 'connmark' | 'mark' }>): string {
  const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;
  if (m.mask >>> 0 === 0xffffffff) return `ct mark ${negation(m.invert)}${hex(m.value)}`;
  return `ct mark and ${hex(m.mask)} ${m.invert ? '!=' : '=='} ${hex(m.value)}`;
}

function addrtypeText(m: Extract<XtMatch, { kind: 'addrtype' }>): string {
  const dev = m.limitIfaceIn ? ' . iif' : m.limitIfaceOut ? ' . oif' : '';
  const side = m.source ?? m.dest;
  const names = side?.in.map((t) => t.toLowerCase()) ?? [];
  const types = names.length === 1 ? names[0] : `{ ${names.join(', ')} }`;
  const of = m.source === undefined ? 'daddr' : 'saddr';
  return `fib ${of}${dev} type ${negation(side?.invert === true)}${types}`;
}

function iprangeText(m: Extract<XtMatch, { kind: 'iprange' }>): string {
  const out: string[] = [];
  const side = (what: string, r: typeof m.src): void => {
    if (r === undefined) return;
    const ip = typeof r.min === 'number' ? 'ip' : 'ip6';
    out.push(`${ip} ${what} ${negation(r.invert)}${formatInet(r.min)}-${formatInet(r.max)}`);
  };
  side('saddr', m.src);
  side('daddr', m.dst);
  return out.join(' ');
}

function ttlText(m: Extract<XtMatch, { kind: 'ttl' | 'hl' }>): string {
  const op = { eq: '', ne: '!= ', lt: 'lt ', gt: 'gt ' }[m.op];
  return `${m.kind === 'ttl' ? 'ip ttl' : 'ip6 hoplimit'} ${op}${m.value}`;
}

function ownerText(m: Extract<XtMatch, { kind: 'owner' }>): string | undefined {
  if (m.uid !== undefined) return `skuid ${negation(m.uid.invert)}${rangeText(m.uid)}`;
  if (m.gid !== undefined) return `skgid ${negation(m.gid.invert)}${rangeText(m.gid)}`;
  return undefined;
}

function statisticText(m: Extract<XtMatch, { kind: 'statistic' }>): string {
  if (m.mode === 'random')
    return `meta random & 2147483647 ${m.invert ? '>=' : '<'} ${m.probability}`;
  return `numgen inc mod ${m.every} ${negation(m.invert)}${m.packet}`;
}

function connbytesText(m: Extract<XtMatch, { kind: 'connbytes' }>): string {
  const dir = m.dir === 'both' ? '' : `${m.dir} `;
  const open = m.to === 0xffffffffffffffffn;
  const range = open ? `ge ${m.from}` : `${negation(m.invert)}${m.from}-${m.to}`;
  return `ct ${dir}${m.mode} ${range}`;
}

/** @returns undefined where the module has no translation: its name stands for it then */
export function matchText(m: XtMatch, proto: string): string | undefined {
  switch (m.kind) {
    case 'conntrack':
      return conntrackText(m);
    case 'state':
      return stateText(m.in, m.invert);
    case 'comment':
      return '';
    case 'multiport':
      return multiportText(m, proto);
    case 'icmp':
    case 'icmp6':
      return icmpText(m);
    case 'connmark':
      return markText(m);
    case 'mac':
      return `ether saddr ${negation(m.invert)}${formatMac(m.source)}`;
    case 'addrtype':
      return addrtypeText(m);
    case 'iprange':
      return iprangeText(m);
    case 'length':
      return `meta length ${negation(m.invert)}${rangeText(m.range)}`;
    case 'ttl':
    case 'hl':
      return ttlText(m);
    default:
      return rareText(m);
  }
}

const DAY_SECONDS = 86_400;
const ALL_WEEKDAYS = 0xfe;
const ALL_MONTHDAYS = 0xfffffffe;

function clock(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Days of the week and times of day; dates have no short form here. `time_xlate()` */
function timeText(m: Extract<XtMatch, { kind: 'time' }>): string | undefined {
  const hasDates = m.dateStart !== 0 || m.dateStop < 0x7fffffff;
  if (hasDates || m.monthdays >>> 0 !== ALL_MONTHDAYS || m.contiguous) return undefined;
  let out = '';
  if (m.daytimeStart !== 0 || m.daytimeStop !== DAY_SECONDS - 1)
    out += ` meta hour "${clock(m.daytimeStart)}"-"${clock(m.daytimeStop)}"`;
  if (m.weekdays !== ALL_WEEKDAYS) {
    const days = [7, 1, 2, 3, 4, 5, 6]
      .filter((d) => (m.weekdays & (1 << d)) !== 0)
      .map((d) => d % 7);
    out += ` meta day { ${days.join(', ')} }`;
  }
  return out;
}

function sctpText(m: Extract<XtMatch, { kind: 'sctp' }>): string | undefined {
  if (m.chunks !== undefined) return undefined;
  const out: string[] = [];
  if (m.sports !== undefined)
    out.push(`sctp sport ${negation(m.sports.invert)}${rangeText(m.sports)}`);
  if (m.dports !== undefined)
    out.push(`sctp dport ${negation(m.dports.invert)}${rangeText(m.dports)}`);
  return out.join(' ');
}

function rareText(m: XtMatch): string | undefined {
  switch (m.kind) {
    case 'dscp':
      return `ip dscp ${negation(m.invert)}0x${m.dscp.toString(16).padStart(2, '0')}`;
    case 'owner':
      return ownerText(m);
    case 'pkttype':
      return `pkttype ${negation(m.invert)}${m.type === 'otherhost' ? 'other' : m.type}`;
    case 'statistic':
      return statisticText(m);
    case 'helper':
      return `ct helper ${negation(m.invert)}"${m.name}"`;
    case 'quota':
      return `quota ${m.invert ? 'over ' : ''}${m.quota} bytes`;
    case 'tcpmss':
      return `tcp option maxseg size ${negation(m.invert)}${rangeText(m.mss)}`;
    case 'esp':
    case 'ah':
      return `${m.kind} spi ${negation(m.spis.invert)}${rangeText(m.spis)}`;
    case 'time':
      return timeText(m);
    case 'sctp':
      return sctpText(m);
    case 'cpu':
      return `cpu ${negation(m.invert)}${m.cpu}`;
    case 'connbytes':
      return connbytesText(m);
    case 'connlabel':
      return `ct label ${m.invert ? 'and ' : ''}${m.bit}`;
    case 'rpfilter':
      return m.acceptLocal
        ? undefined
        : `fib saddr ${m.validmark ? '. mark ' : ''}${m.loose ? '' : '. iif '}oif ${m.invert ? '0' : '!= 0'}`;
    case 'devgroup':
      return m.src === undefined
        ? `oifgroup ${negation(m.dst?.invert === true)}0x${(m.dst?.group ?? 0).toString(16)}`
        : `iifgroup ${negation(m.src.invert)}0x${m.src.group.toString(16)}`;
    default:
      return undefined;
  }
}
