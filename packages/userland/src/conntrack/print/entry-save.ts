/** Entries as command lines that make them again. conntrack-tools src/conntrack.c, ct_save_snprintf() */
import {
  IPS_ASSURED,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_SEEN_REPLY,
  isIcmp,
  type Tuple,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '@labwire/devices/conntrack';
import { formatInet } from '../../libc-net/index.ts';
import { protocolOf } from '../command-line/index.ts';
import { isDnat, isSnat, zoneShown } from '../filter.ts';
import { type Shown, stateName } from './entry-line.ts';

const LETTERS = { NEW: '-A', UPDATE: '-U', DESTROY: '-D' };
/** In the order of their bits. */
const STATUS: readonly (readonly [number, string])[] = [
  [IPS_EXPECTED, 'EXPECTED'],
  [IPS_SEEN_REPLY, 'SEEN_REPLY'],
  [IPS_ASSURED, 'ASSURED'],
  [IPS_FIXED_TIMEOUT, 'FIXED_TIMEOUT'],
];

function ends(orig: Tuple, reply: Tuple): string[] {
  const { proto } = orig;
  if (isIcmp(proto)) {
    const name = proto === 1 ? 'icmp' : 'icmpv6';
    const { sport, dport } = orig;
    return [`--${name}-type ${dport >>> 8} --${name}-code ${dport & 0xff} --${name}-id ${sport}`];
  }
  const what = proto === 47 ? 'key' : 'port';
  const [src, dst] = proto === 47 ? ['--srckey', '--dstkey'] : ['--sport', '--dport'];
  return [
    `${src} ${orig.sport} ${dst} ${orig.dport}`,
    `--reply-${what}-src ${reply.sport} --reply-${what}-dst ${reply.dport}`,
  ];
}

/** A command line. */
export function entrySave(s: Shown): string {
  const { ct } = s;
  const status = STATUS.filter(([bit]) => (ct.status & bit) !== 0).map(([, name]) => name);
  const zone = (option: string, dirs: number): string => {
    const id = zoneShown(ct, dirs);
    return id === undefined ? '' : `${option} ${id}`;
  };
  const protocol = protocolOf(ct.orig.proto);
  const hasEnds = protocol !== undefined && protocol.name !== 'dccp';
  const words = [
    LETTERS[s.what ?? 'NEW'],
    s.timeout ? `-t ${ct.timeout}` : '',
    `-u ${status.length === 0 ? 'UNSET' : status.join(',')}`,
    zone('-w', ZONE_DIR_BOTH),
    zone('--orig-zone', ZONE_DIR_ORIG),
    zone('--reply-zone', ZONE_DIR_REPLY),
    `-s ${formatInet(ct.orig.src)} -d ${formatInet(ct.orig.dst)}`,
    `${isDnat(ct) ? '-g' : '-r'} ${formatInet(ct.reply.src)}`,
    `${isSnat(ct) ? '-n' : '-q'} ${formatInet(ct.reply.dst)}`,
    `-p ${protocol?.name ?? ct.orig.proto}`,
    ...(hasEnds ? ends(ct.orig, ct.reply) : []),
    s.state && ct.state !== undefined ? `--state ${stateName(ct)}` : '',
    ct.vtags === undefined ? '' : `--orig-vtag ${ct.vtags[0]} --reply-vtag ${ct.vtags[1]}`,
  ];
  return words.filter((w) => w !== '').join(' ');
}
