import type { ChecksumTarget } from '@labwire/devices/netfilter';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

/** `-j CHECKSUM`. extensions/libxt_CHECKSUM.c */
export const checksum: TargetExtension = defineTarget<ChecksumTarget, null>({
  name: 'CHECKSUM',
  kinds: ['CHECKSUM'],
  options: [{ name: 'checksum-fill', type: 'none', mandatory: true }],
  init: () => null,
  parse: () => {},
  finish: () => ({ kind: 'CHECKSUM' }),
  print: () => ' CHECKSUM fill',
  save: () => ' --checksum-fill',
});
