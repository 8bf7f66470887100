import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { NATDISCOVERY_OPTIONS, natdiscovery } from './natdiscovery.ts';
import { STUNCLIENT_OPTIONS, stunclient } from './stunclient.ts';
import { TURNSERVER_OPTIONS, turnserver } from './turnserver.ts';

/** turnserver(1) and its tools. */
export const coturn: DebPackage = {
  name: 'coturn',
  version: '4.6.1-1',
  description: 'TURN and STUN server for VoIP',
  preinstalled: false,
  programs: {
    '/usr/bin/turnserver': withOptions(turnserver, TURNSERVER_OPTIONS),
    '/usr/bin/turnutils_natdiscovery': withOptions(natdiscovery, NATDISCOVERY_OPTIONS),
    '/usr/bin/turnutils_stunclient': withOptions(stunclient, STUNCLIENT_OPTIONS),
  },
};
