import { type ManualSection, rowsOf } from '../../machine/index.ts';
import type { Opts } from '../command-line/index.ts';
import { openDgram } from './dgram.ts';
import { openHubPort } from './hubport.ts';
import type { NetContext, Netdev } from './netdev.ts';
import { openSocket } from './socket.ts';
import { openStream } from './stream.ts';
import { openBridge, openTap } from './tap.ts';
import { openUser } from './user/index.ts';
import { openVdeNetdev } from './vde.ts';

/** How a backend is made. */
interface NetdevType {
  /** Its words beside `type` and `id`. `a.*` are all words that begin with `a.` */
  readonly words: readonly string[];
  /** It reads its words itself, nested as they are. */
  readonly visited?: true;
  /** Words that must be there. */
  readonly required?: readonly string[];
  /** Absent: Labwire has none. @throws QemuError */
  readonly open?: (ctx: NetContext, opts: Opts) => Promise<Netdev>;
}

const list = (text: string): string[] => text.trim().split(/\s+/);

/** Backends by type, with their words. QEMU 7.2 qapi/net.json */
const TYPES: Readonly<Record<string, NetdevType>> = {
  tap: {
    words: list(
      'ifname fd fds script downscript br helper sndbuf vnet_hdr vhost vhostfd vhostfds vhostforce queues poll-us',
    ),
    open: openTap,
  },
  bridge: { words: ['br', 'helper'], open: openBridge },
  hubport: { words: ['hubid', 'netdev'], required: ['hubid'], open: openHubPort },
  user: {
    words: list(
      `hostname restrict ipv4 ipv6 ip net host tftp bootfile dhcpstart dns dnssearch domainname ipv6-prefix ipv6-prefixlen
      ipv6-host ipv6-dns smb smbserver hostfwd guestfwd tftp-server-name ipv6-net`,
    ),
    open: openUser,
  },
  socket: { words: list('fd listen connect mcast localaddr udp'), open: openSocket },
  stream: { words: [], visited: true, open: openStream },
  dgram: { words: [], visited: true, open: openDgram },
  vde: { words: list('sock port group mode'), open: openVdeNetdev },
  l2tpv3: {
    words: list(
      'src dst srcport dstport ipv6 udp cookie64 counter pincounter txcookie rxcookie txsession rxsession offset',
    ),
    required: ['src', 'dst'],
  },
  'vhost-user': { words: list('chardev vhostforce queues'), required: ['chardev'] },
  'vhost-vdpa': { words: list('vhostdev vhostfd queues x-svq') },
};

/** Backends for docs/programs. */
export const netdevSections = (): ManualSection[] =>
  Object.entries(TYPES).map(([type, { words, open }]) => ({
    title: `-netdev ${type}`,
    rows:
      open === undefined
        ? [{ names: [`-netdev ${type}`], refused: true }]
        : [{ names: [`-netdev ${type}`], arg: 'id=ID' }, ...rowsOf(words, { arg: '=VALUE' })],
  }));

/** What `-netdev help` prints. */
export const NETDEV_HELP = `Available netdev backend types:
socket
stream
dgram
hubport
tap
user
l2tpv3
vde
bridge
vhost-user
vhost-vdpa
`;

/**
 * Makes a backend.
 * @param more words that its option takes beside the type's own
 * @throws QemuError with the option's place
 */
export async function openNetdev(
  ctx: NetContext,
  opts: Opts,
  more: readonly string[] = [],
): Promise<Netdev> {
  const type = opts.required('type');
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (known === undefined) throw opts.error(`Parameter 'type' does not accept value '${type}'`);
  for (const key of opts.shortForms)
    await ctx.warn(
      opts.where,
      `short-form boolean option '${key}' deprecated\nPlease use ${key}=on instead`,
    );
  const missing = known.required?.find((key) => !opts.keys.some((k) => k.split('.')[0] === key));
  if (missing !== undefined) throw opts.error(`Parameter '${missing}' is missing`);
  if (known.visited !== true) opts.allowOnly(['type', 'id', ...more, ...known.words]);
  if (known.open === undefined) throw opts.error(`Labwire has no network backend ${type}`);
  return known.open(ctx, opts);
}
