import { withOptions } from '../libc-net/index.ts';
import type { DebPackage, Process } from '../machine/index.ts';
import { unixterm } from './unixterm.ts';
import { VDE_SWITCH_OPTIONS, vdeSwitch } from './vde-switch.ts';

export { openVde, type VdePlug } from './plug.ts';

async function slirpvde(proc: Process): Promise<number> {
  await proc.err(
    'slirpvde: Labwire has none; give guests -netdev user, or the switch a tap (-t)\n',
  );
  return 1;
}

/** vde_switch(1), unixterm(1), vdeterm(1). */
export const vde2: DebPackage = {
  name: 'vde2',
  version: '2.3.2+r586-8',
  description: 'Virtual Distributed Ethernet',
  preinstalled: true,
  programs: {
    '/usr/bin/vde_switch': withOptions(vdeSwitch, VDE_SWITCH_OPTIONS),
    '/usr/bin/unixterm': unixterm,
    '/usr/bin/vdeterm': unixterm,
    '/usr/bin/slirpvde': slirpvde,
  },
};
