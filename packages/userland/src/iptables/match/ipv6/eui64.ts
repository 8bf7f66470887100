import type { Eui64Match } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';

/** `-m eui64`. extensions/libip6t_eui64.c */
export const eui64: MatchExtension = defineMatch<Eui64Match, undefined>({
  name: 'eui64',
  family: 'inet6',
  kinds: ['eui64'],
  options: [],
  init: () => undefined,
  parse: () => undefined,
  finish: () => ({ kind: 'eui64' }),
  print: () => '',
  save: () => '',
});
