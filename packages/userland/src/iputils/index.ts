import type { DebPackage } from '../machine/index.ts';
import { arping } from './arping.ts';
import { ping } from './ping.ts';
import { tracepath } from './tracepath.ts';

/** ping(8). */
export const iputilsPing: DebPackage = {
  name: 'iputils-ping',
  version: '3:20221126-1+deb12u1',
  description: 'Tools to test the reachability of network hosts',
  preinstalled: true,
  programs: { '/usr/bin/ping': ping, '/usr/bin/ping4': ping, '/usr/bin/ping6': ping },
};

/** arping(8). */
export const iputilsArping: DebPackage = {
  name: 'iputils-arping',
  version: '3:20221126-1+deb12u1',
  description: 'Tool to send ICMP echo requests to an ARP address',
  preinstalled: true,
  programs: { '/usr/bin/arping': arping },
};

/** tracepath(8). */
export const iputilsTracepath: DebPackage = {
  name: 'iputils-tracepath',
  version: '3:20221126-1+deb12u1',
  description: 'Tools to trace the network path to a remote host',
  preinstalled: false,
  programs: { '/usr/bin/tracepath': tracepath },
};
