import type { DebPackage } from '../machine/index.ts';
import { protocolsFile, servicesFile } from './netbase-files.ts';

/** /etc/services and /etc/protocols. */
export const netbase: DebPackage = {
  name: 'netbase',
  version: '6.4',
  description: 'Basic TCP/IP networking system',
  preinstalled: true,
  programs: {},
  install(fs) {
    fs.writeFile('/etc/services', servicesFile());
    fs.writeFile('/etc/protocols', protocolsFile());
  },
};
