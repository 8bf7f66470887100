import { type DebPackage, withManual } from '../machine/index.ts';
import { getent, getentManual } from './getent.ts';

export { type GaiError, gaiStrerror } from './gai-error.ts';
export { type HostsEntry, readHosts } from './hosts-file.ts';
export { lookupName, type Resolved, resolve, reverse, reverseName } from './lookup.ts';
export { type ResolvConf, readResolvConf } from './resolv-conf.ts';

/** getent(1). */
export const libcBin: DebPackage = {
  name: 'libc-bin',
  version: '2.36-9+deb12u14',
  description: 'GNU C Library: Binaries',
  preinstalled: true,
  programs: { '/usr/bin/getent': withManual(getent, getentManual) },
};
