import type { ManualSection } from '../../machine/index.ts';
import { type CommandSet, commandSection, commands, refusedCommands } from '../context/index.ts';
import { Exit, Failure, unsupported } from '../parse/index.ts';
import { addrManual, ipAddr } from './addr/index.ts';
import { ipLink, linkManual } from './link/index.ts';
import { ipMaddr, maddrManual } from './maddr/index.ts';
import { ipMonitor } from './monitor/index.ts';
import { ipNeigh, neighManual } from './neigh/index.ts';
import { ipNetconf, netconfManual } from './netconf/index.ts';
import { ipNetns, netnsManual } from './netns/index.ts';
import { ipNexthop, nexthopManual } from './nexthop/index.ts';
import { ipRoute, routeManual } from './route/index.ts';
import { ipRule, ruleManual } from './rule/index.ts';
import { ipToken, tokenManual } from './token/index.ts';
import { ipTunnel, tunnelManual } from './tunnel/index.ts';
import { ipTuntap, tuntapManual } from './tuntap/index.ts';
import { IP_USAGE } from './usage.ts';
import { ipVrf, vrfManual } from './vrf/index.ts';

const SUPPORTED =
  'address, maddress, route, rule, neighbour, link, tunnel, tuntap, token, netns, netconf, vrf, nexthop, monitor';

const none = (names: string) =>
  refusedCommands(names, (name) => unsupported(`ip ${name}`, SUPPORTED));

function help(): never {
  throw new Exit(255, IP_USAGE);
}

/** The objects, in the order in which an abbreviation is looked up. Source: iproute2 ip/ip.c, cmds[]. */
export const OBJECTS: CommandSet = {
  name: 'ip',
  bare: help,
  commands: [
    ...commands('address', ipAddr),
    ...none('addrlabel'),
    ...commands('maddress', ipMaddr),
    ...commands('route', ipRoute),
    ...commands('rule', ipRule),
    ...commands('neighbor neighbour', ipNeigh),
    ...none('ntable ntbl'),
    ...commands('link', ipLink),
    ...none('l2tp fou ila macsec'),
    ...commands('tunnel tunl', ipTunnel),
    ...commands('tuntap tap', ipTuntap),
    ...commands('token', ipToken),
    ...none('tcpmetrics tcp_metrics'),
    ...commands('monitor', ipMonitor),
    ...none('xfrm mroute mrule'),
    ...commands('netns', ipNetns),
    ...commands('netconf', ipNetconf),
    ...commands('vrf', ipVrf),
    ...none('sr'),
    ...commands('nexthop', ipNexthop),
    ...none('mptcp ioam'),
    ...commands('help', help),
    ...none('stats'),
  ],
  unknown: (object) => new Failure(1, `Object "${object}" is unknown, try "ip help".\n`),
};

/** What the objects can be told. */
export const objectsManual = (): ManualSection[] => [
  { ...commandSection(OBJECTS), title: 'Objects' },
  ...addrManual(),
  ...linkManual(),
  ...routeManual(),
  ...nexthopManual(),
  ...ruleManual(),
  ...neighManual(),
  ...netnsManual(),
  ...netconfManual(),
  ...vrfManual(),
  ...tuntapManual(),
  ...tunnelManual(),
  ...maddrManual(),
  ...tokenManual(),
];
