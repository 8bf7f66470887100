import type { DebPackage } from '../machine/index.ts';
import { brctl } from './brctl.ts';
import { bridgeHook } from './ifupdown-hook.ts';

const HOOK = '/lib/bridge-utils/ifupdown.sh';

/** bridge-utils: utilities for configuring the Linux Ethernet bridge. */
export const bridgeUtils: DebPackage = {
  name: 'bridge-utils',
  version: '1.7.1-1',
  description: 'Utilities for configuring the Linux Ethernet bridge',
  preinstalled: true,
  programs: { '/usr/sbin/brctl': brctl, [HOOK]: bridgeHook },
  install: (fs) => {
    for (const dir of ['if-pre-up.d', 'if-down.d', 'if-post-down.d']) {
      fs.mkdir(`/etc/network/${dir}`, { recursive: true });
      if (!fs.exists(`/etc/network/${dir}/bridge`)) fs.symlink(HOOK, `/etc/network/${dir}/bridge`);
    }
  },
};
