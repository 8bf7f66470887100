import type { DebPackage } from '../machine/index.ts';
import { natdiscovery } from './natdiscovery.ts';
import { stunclient } from './stunclient.ts';
import { turnserver } from './turnserver.ts';

/** turnserver(1) and its tools. */
export const coturn: DebPackage = {
  name: 'coturn',
  version: '4.6.1-1',
  description: 'TURN and STUN server for VoIP',
  preinstalled: false,
  programs: {
    '/usr/bin/turnserver': turnserver,
    '/usr/bin/turnutils_natdiscovery': natdiscovery,
    '/usr/bin/turnutils_stunclient': stunclient,
  },
};
