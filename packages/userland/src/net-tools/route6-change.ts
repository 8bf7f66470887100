import { IPV6_ANY, type Ipv6Addr, parseIpv6 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { type RouteRequest, routeAdd, routeDel } from '@labwire/devices/rtnetlink';
import { atoi } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { resolve } from '../resolver/index.ts';
import { Exit } from './exit.ts';
import { linkByName } from './interface.ts';
import { INET6_ROUTE_USAGE, usageError } from './usage.ts';

const LOOKUP_FAILED = 6;
const REFUSED = 7;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
/** RTF_HOST has the bit of RTNH_F_ONLINK: a route to a host is taken to be on the link. */
const RTNH_F_ONLINK = 4;

/** What a command line of `route -6 add` or `del` names. */
interface Change {
  dst: Ipv6Addr;
  dstLen: number;
  metric: number;
  gateway: Ipv6Addr | undefined;
  device: string | undefined;
}

const bad = (): Exit => usageError(INET6_ROUTE_USAGE);

async function readTarget(proc: Process, text: string): Promise<Pick<Change, 'dst' | 'dstLen'>> {
  if (text === 'default') return { dst: IPV6_ANY, dstLen: 0 };
  const [name = '', length] = text.split('/');
  const dstLen = length === undefined ? 128 : atoi(length);
  if (dstLen < 0 || dstLen > 128) throw bad();
  const known = parseIpv6(name);
  if (known !== undefined) return { dst: known, dstLen };
  const found = await resolve(proc, name, 'inet6');
  if ('error' in found)
    throw new Exit(1, `getaddrinfo: ${name}: -3\n${name}: Host name lookup failure\n`);
  return { dst: found.addrs[0]?.addr as Ipv6Addr, dstLen };
}

function readWord(c: Change, word: string, words: string[]): void {
  const value = (): string => {
    const text = words.shift();
    if (text === undefined) throw bad();
    return text;
  };
  switch (word) {
    case 'metric': {
      const text = value();
      if (!/^\d/.test(text)) throw bad();
      c.metric = atoi(text);
      return;
    }
    case 'gw':
    case 'gateway': {
      const text = value();
      if (c.gateway !== undefined) throw bad();
      c.gateway = parseIpv6(text);
      if (c.gateway === undefined)
        throw new Exit(LOOKUP_FAILED, `${text}: Resolver Error 0 (no error)\n`);
      return;
    }
    case 'mod':
    case 'dyn':
      return;
    case 'device':
    case 'dev':
      c.device = value();
      return;
    default:
      if (words.length > 0 || c.device !== undefined) throw bad();
      c.device = word;
  }
}

/** What the old request is in netlink's terms. Linux net/ipv6/route.c, rtmsg_to_fib6_config() */
function requestOf(proc: Process, c: Change, adds: boolean): RouteRequest {
  const link = c.device === undefined ? undefined : linkByName(proc.netns, c.device);
  if (c.device !== undefined && link === undefined)
    throw new Exit(REFUSED, 'SIOGIFINDEX: No such device\n');
  const host = c.dstLen === 128;
  if (adds && link === undefined && (host || c.gateway === undefined))
    throw new KernelError('ENODEV');
  const hop = {
    ...(link === undefined ? {} : { ifindex: link.ifindex }),
    ...(c.gateway === undefined ? {} : { via: c.gateway }),
    ...(adds && host ? { flags: RTNH_F_ONLINK } : {}),
  };
  const base = { family: 'inet6' as const, dst: c.dst, dstLen: c.dstLen, table: RT_TABLE_MAIN };
  const nexthops = link === undefined && c.gateway === undefined ? [] : [hop];
  if (!adds) return { ...base, nexthops };
  return { ...base, nexthops, protocol: RTPROT_BOOT, priority: c.metric };
}

/** `route -6 add` and `route -6 del`. net-tools lib/inet6_sr.c, INET6_setroute() */
export async function changeRoute6(
  proc: Process,
  adds: boolean,
  args: readonly string[],
): Promise<number> {
  const words = [...args];
  const target = words.shift();
  if (target === undefined) throw bad();
  const c: Change = {
    ...(await readTarget(proc, target)),
    metric: 1,
    gateway: undefined,
    device: undefined,
  };
  while (words.length > 0) readWord(c, words.shift() as string, words);
  try {
    if (proc.uid !== 0) throw new KernelError('EPERM');
    const request = requestOf(proc, c, adds);
    if (adds) routeAdd(proc.netns, request, { create: true, excl: true });
    else routeDel(proc.netns, request);
    return 0;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`${adds ? 'SIOCADDRT' : 'SIOCDELRT'}: ${strerror(e.errno)}\n`);
    return REFUSED;
  }
}
