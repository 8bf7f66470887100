import { type Ipv4Addr, type Ipv6Addr, parseIpv4, parseIpv6, sameIpv6 } from '@labwire/core/addr';
import type { Config, DhcpRange, DhcpRange6 } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import type { OptionHandlers } from '../handlers/index.ts';
import { split, splitAll } from '../option-text.ts';
import { isTag, parseLeaseTime, tagToSet } from './dhcp-words.ts';

/** Seconds of a lease without a time: DEFLEASE, DEFLEASE6. */
const DEFAULT_LEASE = 3600;
const DEFAULT_LEASE6 = 86_400;
/** Parts that a range has at most. */
const MAX_PARTS = 8;
const BAD = 'bad dhcp-range';

interface Parts {
  readonly filter: readonly string[];
  readonly tag: string | undefined;
  readonly words: readonly string[];
}

/** Takes the tags off the front of a range. */
function cutTags(arg: string): Parts {
  const filter: string[] = [];
  let tag: string | undefined;
  let rest = arg;
  for (;;) {
    const [head, tail] = split(rest);
    if (tail === undefined || /^[ .:a-fA-F0-9]*$/.test(head)) break;
    if (isTag(head)) {
      if (head.length > 4) filter.unshift(head.slice(4));
    } else {
      if (tag !== undefined) throw new OptionError('only one tag allowed');
      tag = tagToSet(head);
    }
    rest = tail;
  }
  return { filter, tag, words: splitAll(rest).slice(0, MAX_PARTS) };
}

function sameNet(a: Ipv4Addr, b: Ipv4Addr, mask: Ipv4Addr): boolean {
  return (a & mask) === (b & mask);
}

/** --dhcp-range for IPv4 */
function range4({ filter, tag, words }: Parts, first: Ipv4Addr): DhcpRange {
  const second = words[1] as string;
  if (second === 'proxy')
    throw new OptionError(
      'dhcp-range with proxy is not supported: PXE clients are served with --dhcp-boot',
    );
  const kind = second === 'static' ? 'static' : 'dynamic';
  const last = kind === 'dynamic' ? parseIpv4(second) : first;
  if (last === undefined) throw new OptionError(BAD);
  const [start, end] = first >>> 0 > last >>> 0 ? [last, first] : [first, last];
  let at = 2;
  const netmask = dotted(words[at]);
  if (netmask !== undefined) at++;
  if (netmask !== undefined && !sameNet(start, end, netmask))
    throw new OptionError('inconsistent DHCP range');
  const broadcast = netmask === undefined ? undefined : dotted(words[at]);
  if (broadcast !== undefined) at++;
  return {
    start,
    end,
    kind,
    leaseTime: leaseTimeAt(words, at) ?? DEFAULT_LEASE,
    filter,
    tag,
    hasNetmask: netmask !== undefined,
    hasBroadcast: broadcast !== undefined,
    netmask: netmask ?? (0 as Ipv4Addr),
    broadcast: broadcast ?? (0 as Ipv4Addr),
    local: 0 as Ipv4Addr,
    router: 0 as Ipv4Addr,
    addrEpoch: 0,
  };
}

function dotted(word: string | undefined): Ipv4Addr | undefined {
  return word?.includes('.') === true ? parseIpv4(word) : undefined;
}

/** What stands at the end: a lease's time. @throws OptionError */
function leaseTimeAt(words: readonly string[], at: number): number | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  if (at !== words.length - 1) throw new OptionError(BAD);
  if (word === '' || word === 'deprecated') return undefined;
  const time = parseLeaseTime(word);
  if (time === undefined) throw new OptionError(BAD);
  return time;
}

interface Modes {
  dhcp: boolean;
  static: boolean;
  ra: boolean;
  raRouter: boolean;
  raStateless: boolean;
  offLink: boolean;
  end: Ipv6Addr;
}

/** Takes one mode over. @returns whether it was one */
function takeMode(modes: Modes, word: string, at: number): boolean {
  if (word === 'static') modes.static = modes.dhcp = true;
  else if (word === 'ra-only' || word === 'slaac') modes.ra = true;
  else if (word === 'ra-advrouter') modes.raRouter = modes.ra = true;
  else if (word === 'ra-stateless') modes.raStateless = modes.dhcp = modes.ra = true;
  else if (word === 'off-link') modes.offLink = true;
  else if (word === 'ra-names' || word.startsWith('constructor:'))
    throw new OptionError(`dhcp-range with ${word} is not supported`);
  else {
    const end = at === 1 ? parseIpv6(word) : undefined;
    if (end === undefined) return false;
    modes.end = end;
    modes.dhcp = true;
  }
  return true;
}

/** --dhcp-range for IPv6 */
function range6({ filter, tag, words }: Parts, start: Ipv6Addr): DhcpRange6 {
  const modes: Modes = {
    dhcp: false,
    static: false,
    ra: false,
    raRouter: false,
    raStateless: false,
    offLink: false,
    end: start,
  };
  let at = 1;
  while (at < words.length && takeMode(modes, words[at] as string, at)) at++;
  const { end, ...flags } = modes;
  const bits = /^\d+$/.test(words[at] ?? '') ? Number(words[at]) : 129;
  if (bits <= 128) at++;
  const prefixLength = bits <= 128 ? bits : 64;
  checkPrefix(modes, start, prefixLength);
  const leaseTime = leaseTimeAt(words, at);
  const any = isUnspecified(start);
  const ordered = compareHost(start, end) > 0 ? { start: end, end: start } : { start, end };
  return {
    ...ordered,
    ...flags,
    prefixLength: any ? 0 : prefixLength,
    leaseTime: leaseTime ?? DEFAULT_LEASE6,
    leaseTimeSet: leaseTime !== undefined,
    filter,
    tag,
    deprecated: words[at] === 'deprecated',
    local: undefined,
    addrEpoch: 0,
  };
}

/** @throws OptionError */
function checkPrefix(modes: Modes, start: Ipv6Addr, length: number): void {
  if (length > 64 && modes.ra)
    throw new OptionError('prefix length must be exactly 64 for RA subnets');
  if (length < 64) throw new OptionError('prefix length must be at least 64');
  if (!sameNet6(start, modes.end, length)) throw new OptionError('inconsistent DHCPv6 range');
}

function isUnspecified(a: Ipv6Addr): boolean {
  return sameIpv6(a, parseIpv6('::') as Ipv6Addr);
}

function compareHost(a: Ipv6Addr, b: Ipv6Addr): number {
  return a.w2 === b.w2 ? (a.w3 >>> 0) - (b.w3 >>> 0) : (a.w2 >>> 0) - (b.w2 >>> 0);
}

/** Whether two addresses have the first `length` bits in common. */
export function sameNet6(a: Ipv6Addr, b: Ipv6Addr, length: number): boolean {
  const words = [a.w0 ^ b.w0, a.w1 ^ b.w1, a.w2 ^ b.w2, a.w3 ^ b.w3];
  return words.every((differs, i) => {
    const bits = Math.min(32, Math.max(0, length - 32 * i));
    return bits === 0 || differs >>> (32 - bits) === 0;
  });
}

function addRange(config: Config, arg: string): void {
  const parts = cutTags(arg);
  const first = parts.words[0] as string;
  const v4 = parts.words.length < 2 ? undefined : parseIpv4(first);
  const v6 = parts.words.length < 2 ? undefined : parseIpv6(first);
  if (v4 !== undefined) config.dhcp.ranges.unshift(range4(parts, v4));
  else if (v6 !== undefined) config.dhcp.ranges6.unshift(range6(parts, v6));
  else throw new OptionError(BAD);
}

/** Options that say which addresses there are. */
export const rangeOptions: OptionHandlers = {
  F: ({ config }, arg) => addRange(config, arg),
};
