import type { Context } from '../context/index.ts';
import { Exit, unsupported } from '../parse/index.ts';
import { ipAddr } from './addr/index.ts';
import { ipLink } from './link/index.ts';
import { ipMaddr } from './maddr/index.ts';
import { ipNeigh } from './neigh/index.ts';
import { ipNetns } from './netns/index.ts';
import { ipNexthop } from './nexthop/index.ts';
import { ipRoute } from './route/index.ts';
import { ipRule } from './rule/index.ts';
import { ipToken } from './token/index.ts';
import { ipTunnel } from './tunnel/index.ts';
import { ipTuntap } from './tuntap/index.ts';
import { IP_USAGE } from './usage.ts';
import { ipVrf } from './vrf/index.ts';

/** What an object does with the words after it. @returns the exit status */
export type ObjectCommand = (ctx: Context, words: readonly string[]) => number | Promise<number>;

const SUPPORTED =
  'address, maddress, route, rule, neighbour, link, tunnel, tuntap, token, netns, vrf, nexthop';

function none(name: string): readonly [string, ObjectCommand] {
  return [
    name,
    () => {
      throw unsupported(`ip ${name}`, SUPPORTED);
    },
  ];
}

function help(): never {
  throw new Exit(255, IP_USAGE);
}

/** The objects, in the order in which an abbreviation is looked up. Source: iproute2 ip/ip.c, cmds[]. */
export const OBJECTS: readonly (readonly [name: string, run: ObjectCommand])[] = [
  ['address', ipAddr],
  none('addrlabel'),
  ['maddress', ipMaddr],
  ['route', ipRoute],
  ['rule', ipRule],
  ['neighbor', ipNeigh],
  ['neighbour', ipNeigh],
  none('ntable'),
  none('ntbl'),
  ['link', ipLink],
  none('l2tp'),
  none('fou'),
  none('ila'),
  none('macsec'),
  ['tunnel', ipTunnel],
  ['tunl', ipTunnel],
  ['tuntap', ipTuntap],
  ['tap', ipTuntap],
  ['token', ipToken],
  none('tcpmetrics'),
  none('tcp_metrics'),
  none('monitor'),
  none('xfrm'),
  none('mroute'),
  none('mrule'),
  ['netns', ipNetns],
  none('netconf'),
  ['vrf', ipVrf],
  none('sr'),
  ['nexthop', ipNexthop],
  none('mptcp'),
  none('ioam'),
  ['help', help],
  none('stats'),
];
