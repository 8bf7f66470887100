import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { TRACEROUTE_OPTIONS } from './options.ts';
import { traceroute as program } from './traceroute.ts';

export { defaultTrace, TracerouteError } from './options.ts';
export { newProbe, type Probe, type Prober } from './probes.ts';
export { openProber } from './traceroute.ts';

const documented = withOptions(program, TRACEROUTE_OPTIONS);

/** traceroute(1). */
export const traceroute: DebPackage = {
  name: 'traceroute',
  version: '1:2.1.2-1',
  description: 'Traces the route taken by packets over an IPv4/IPv6 network',
  preinstalled: true,
  programs: {
    '/usr/bin/traceroute': documented,
    '/usr/sbin/traceroute': documented,
    '/usr/bin/traceroute.db': documented,
    '/usr/bin/traceroute6': documented,
    '/usr/bin/traceroute6.db': documented,
  },
};
