/** Entries as XML. libnetfilter_conntrack src/conntrack/snprintf_xml.c */
import {
  IPS_ASSURED,
  IPS_SEEN_REPLY,
  isIcmp,
  TCP_CT_NAMES,
  type Tuple,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '@labwire/devices/conntrack';
import { civilTime } from '../../coreutils/date-format.ts';
import { formatInet } from '../../libc-net/index.ts';
import { O_KTMS, O_TMS } from '../command-line/index.ts';
import { zoneShown } from '../filter.ts';
import { type Clock, protoName, type Shown } from './entry-line.ts';

const tag = (name: string, value: string | number): string => `<${name}>${value}</${name}>`;

function ports(t: Tuple): string {
  if (isIcmp(t.proto) || protoName(t.proto) === 'unknown') return '';
  if (t.proto !== 47) return tag('sport', t.sport) + tag('dport', t.dport);
  return tag('srckey', `0x${t.sport.toString(16)}`) + tag('dstkey', `0x${t.dport.toString(16)}`);
}

function direction(s: Shown, dir: 0 | 1): string {
  const { ct } = s;
  const t = dir === 0 ? ct.orig : ct.reply;
  const [l3, name] = ct.family === 'inet' ? [2, 'ipv4'] : [10, 'ipv6'];
  const counters = s.counters ? ct.counters?.[dir] : undefined;
  const zone = zoneShown(ct, dir === 0 ? ZONE_DIR_ORIG : ZONE_DIR_REPLY);
  return [
    `<meta direction="${dir === 0 ? 'original' : 'reply'}">`,
    `<layer3 protonum="${l3}" protoname="${name}">`,
    tag('src', formatInet(t.src)),
    tag('dst', formatInet(t.dst)),
    '</layer3>',
    `<layer4 protonum="${t.proto}" protoname="${protoName(t.proto)}">${ports(t)}</layer4>`,
    zone === undefined ? '' : tag('zone', zone),
    counters === undefined
      ? ''
      : tag('counters', tag('packets', counters.packets) + tag('bytes', counters.bytes)),
    '</meta>',
  ].join('');
}

/** SCTP's states go by the names of TCP's. */
function meta(s: Shown, output: number, clock: Clock): string {
  const { ct } = s;
  const zone = zoneShown(ct, ZONE_DIR_BOTH);
  const state = s.state && ct.state !== undefined ? (TCP_CT_NAMES[ct.state] ?? 'NONE') : '';
  return [
    '<meta direction="independent">',
    state === '' ? '' : tag('state', state),
    s.timeout ? tag('timeout', ct.timeout) : '',
    s.mark ? tag('mark', ct.mark) : '',
    zone === undefined ? '' : tag('zone', zone),
    s.use === undefined ? '' : tag('use', s.use),
    tag('id', ct.id),
    (ct.status & IPS_ASSURED) !== 0 ? '<assured/>' : '',
    (ct.status & IPS_SEEN_REPLY) === 0 ? '<unreplied/>' : '',
    times(s, output, clock),
    '</meta>',
  ].join('');
}

function times(s: Shown, output: number, clock: Clock): string {
  const { startedAt } = s.ct;
  if (startedAt === undefined) return '';
  const nanos = (at: number): number => Math.round(clock.wall * 1e9 - (clock.now - at));
  const stop = s.stoppedAt === undefined ? '' : tag('stop', nanos(s.stoppedAt));
  const stamps =
    (output & O_KTMS) === 0 ? '' : tag('timestamp', tag('start', nanos(startedAt)) + stop);
  const end = s.stoppedAt ?? clock.now;
  return stamps + tag('deltatime', Math.floor((end - startedAt) / 1e9));
}

function when({ wall }: Clock): string {
  const t = civilTime(wall);
  const two = (n: number): string => String(n).padStart(2, '0');
  const parts = [
    tag('hour', t.hour),
    tag('min', two(t.minute)),
    tag('sec', two(t.second)),
    tag('wday', t.weekday + 1),
    tag('day', t.day),
    tag('month', t.month),
    tag('year', t.year),
  ];
  return tag('when', parts.join(''));
}

/** One element without a line's end. `__snprintf_conntrack_xml()` @param output O_* */
export function entryXml(s: Shown, output: number, clock: Clock): string {
  const type = s.what === undefined ? '' : ` type="${s.what.toLowerCase()}"`;
  return [
    `<flow${type}>`,
    direction(s, 0),
    direction(s, 1),
    meta(s, output, clock),
    (output & O_TMS) !== 0 ? when(clock) : '',
    s.ct.helper === undefined ? '' : tag('helper', s.ct.helper),
    '</flow>',
  ].join('');
}
