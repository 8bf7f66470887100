import type { Simulator } from '@labwire/core/sim';
import type { Machine } from '@labwire/userland/machine';
import type { LabConfig } from '../lab/config/index.ts';
import type { PluggedNic } from './interfaces.ts';

export function layLinks(
  _sim: Simulator,
  _config: LabConfig,
  _machines: ReadonlyMap<string, Machine>,
): PluggedNic[] {
  return [];
}
