/** Entries as lines of text. libnetfilter_conntrack src/conntrack/snprintf_default.c */
import {
  type CtInfo,
  IPS_ASSURED,
  IPS_SEEN_REPLY,
  isIcmp,
  TCP_CT_NAMES,
  type Tuple,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '@labwire/devices/conntrack';
import { formatDate } from '../../coreutils/index.ts';
import { formatInet } from '../../libc-net/index.ts';
import { O_EXT, O_ID, O_KTMS, SCTP_STATES } from '../command-line/index.ts';
import { zoneShown } from '../filter.ts';

/** What happened to an entry that is printed; undefined: nothing, it is listed. */
export type Happening = 'NEW' | 'UPDATE' | 'DESTROY' | undefined;

/** An entry with what the message about it has. */
export interface Shown {
  readonly ct: CtInfo;
  readonly what: Happening;
  readonly timeout: boolean;
  readonly state: boolean;
  readonly mark: boolean;
  readonly counters: boolean;
  /** References to it; undefined: the message does not say. */
  readonly use: number | undefined;
  /** When it ended, Nanos since the simulation began. */
  readonly stoppedAt?: number;
}

/** What the text needs to know of time. */
export interface Clock {
  /** Seconds since 1970. */
  readonly wall: number;
  /** Nanos since the simulation began. */
  readonly now: number;
}

/** What ctime(3) prints. */
const CTIME = '%a %b %e %H:%M:%S %Y';

const PROTO_NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  47: 'gre',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

/** The name of a protocol, as entries have it. */
export function protoName(proto: number): string {
  return PROTO_NAMES[proto] ?? 'unknown';
}

/** An entry of a listing. */
export function listed(ct: CtInfo, use: number): Shown {
  return { ct, what: undefined, timeout: true, state: true, mark: true, counters: true, use };
}

/** The state of an entry, '' for protocols that have none. */
export function stateName(ct: CtInfo): string {
  if (ct.state === undefined) return '';
  return (ct.orig.proto === 6 ? TCP_CT_NAMES : SCTP_STATES)[ct.state] ?? 'NONE';
}

/** What an entry says of ports, keys or ICMP. */
export function portsText(t: Tuple): string {
  if (t.proto === 47) return `srckey=0x${t.sport.toString(16)} dstkey=0x${t.dport.toString(16)} `;
  if (isIcmp(t.proto)) return `type=${t.dport >>> 8} code=${t.dport & 0xff} id=${t.sport} `;
  return t.proto in PROTO_NAMES ? `sport=${t.sport} dport=${t.dport} ` : '';
}

function direction(s: Shown, dir: 0 | 1): string {
  const { ct } = s;
  const t = dir === 0 ? ct.orig : ct.reply;
  let text = `src=${formatInet(t.src)} dst=${formatInet(t.dst)} ${portsText(t)}`;
  const zone = zoneShown(ct, dir === 0 ? ZONE_DIR_ORIG : ZONE_DIR_REPLY);
  if (zone !== undefined) text += `zone-${dir === 0 ? 'orig' : 'reply'}=${zone} `;
  const counters = s.counters ? ct.counters?.[dir] : undefined;
  if (counters !== undefined) text += `packets=${counters.packets} bytes=${counters.bytes} `;
  return text;
}

/** Nanos since the simulation began as seconds since 1970. */
function wallOf(clock: Clock, at: number): number {
  return clock.wall - (clock.now - at) / 1e9;
}

function times(s: Shown, output: number, clock: Clock): string {
  const { startedAt } = s.ct;
  if (startedAt === undefined) return '';
  const start = wallOf(clock, startedAt);
  const stop = wallOf(clock, s.stoppedAt ?? clock.now);
  let text = `delta-time=${Math.floor(stop) - Math.floor(start)} `;
  if ((output & O_KTMS) === 0) return text;
  text += `[start=${formatDate(CTIME, start)}] `;
  return s.stoppedAt === undefined ? text : `${text}[stop=${formatDate(CTIME, stop)}] `;
}

/** A line without its end. `__snprintf_conntrack_default()` @param output O_* */
export function entryLine(s: Shown, output: number, clock: Clock): string {
  const { ct } = s;
  const { proto } = ct.orig;
  let line = s.what === undefined ? '' : `${`[${s.what}]`.padStart(9)} `;
  if ((output & O_EXT) !== 0) line += ct.family === 'inet' ? 'ipv4     2 ' : 'ipv6     10 ';
  line += `${protoName(proto).padEnd(8)} ${proto} `;
  if (s.timeout) line += `${ct.timeout} `;
  if (s.state && ct.state !== undefined) line += `${stateName(ct)} `;
  line += direction(s, 0);
  if ((ct.status & IPS_SEEN_REPLY) === 0) line += '[UNREPLIED] ';
  line += direction(s, 1);
  if ((ct.status & IPS_ASSURED) !== 0) line += '[ASSURED] ';
  if (s.mark) line += `mark=${ct.mark} `;
  const zone = zoneShown(ct, ZONE_DIR_BOTH);
  if (zone !== undefined) line += `zone=${zone} `;
  line += times(s, output, clock);
  if (ct.helper !== undefined) line += `helper=${ct.helper} `;
  if (s.use !== undefined) line += `use=${s.use} `;
  if ((output & O_ID) !== 0) line += `id=${ct.id} `;
  return line.trimEnd();
}
