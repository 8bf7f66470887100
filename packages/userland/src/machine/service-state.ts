import type { Unit } from './package.ts';
import type { Process } from './process.ts';

/** What systemd knows of one unit. */
export class ServiceState {
  readonly unit: Unit;
  enabled: boolean;
  /** Its main process, while it runs. */
  main: Process | undefined;
  active: 'inactive' | 'active' | 'failed' = 'inactive';
  /** When it last became what it is: seconds since the epoch; undefined if it never ran. */
  since: number | undefined;
  /** Exit status of the last main process. */
  status = 0;

  constructor(unit: Unit) {
    this.unit = unit;
    this.enabled = unit.enabledByDefault;
  }
}
