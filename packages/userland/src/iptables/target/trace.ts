import type { TraceTarget } from '@labwire/devices/netfilter';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

/** `-j TRACE`. extensions/libxt_TRACE.c */
export const trace: TargetExtension = defineTarget<TraceTarget, null>({
  name: 'TRACE',
  kinds: ['TRACE'],
  options: [],
  init: () => null,
  parse: () => {},
  finish: () => ({ kind: 'TRACE' }),
  print: () => '',
  save: () => '',
});
