import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { ARPING_OPTIONS, arping } from './arping.ts';
import { ping } from './ping.ts';
import { PING_OPTIONS } from './ping-options.ts';
import { TRACEPATH_OPTIONS, tracepath } from './tracepath.ts';

const pingProgram = withOptions(ping, PING_OPTIONS);

/** ping(8). */
export const iputilsPing: DebPackage = {
  name: 'iputils-ping',
  version: '3:20221126-1+deb12u1',
  description: 'Tools to test the reachability of network hosts',
  preinstalled: true,
  programs: {
    '/usr/bin/ping': pingProgram,
    '/usr/bin/ping4': pingProgram,
    '/usr/bin/ping6': pingProgram,
  },
};

/** arping(8). */
export const iputilsArping: DebPackage = {
  name: 'iputils-arping',
  version: '3:20221126-1+deb12u1',
  description: 'Tool to send ICMP echo requests to an ARP address',
  preinstalled: true,
  programs: { '/usr/bin/arping': withOptions(arping, ARPING_OPTIONS) },
};

/** tracepath(8). */
export const iputilsTracepath: DebPackage = {
  name: 'iputils-tracepath',
  version: '3:20221126-1+deb12u1',
  description: 'Tools to trace the network path to a remote host',
  preinstalled: false,
  programs: { '/usr/bin/tracepath': withOptions(tracepath, TRACEPATH_OPTIONS) },
};
