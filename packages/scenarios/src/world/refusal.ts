import { KernelError } from '@labwire/core/error';
import type { Place } from '../lab/config/index.ts';
import { LabError } from '../lab/document/index.ts';

/** A key of the front matter with what is below it. */
export interface Described {
  /** `machines.NAME`, `images.NAME` */
  readonly key: string;
  /** Where a key below it stands. */
  place(...path: readonly PropertyKey[]): Place;
}

/**
 * Does what the front matter asks of a machine.
 * @throws LabError with the key's place if the machine's kernel refuses
 */
export function refusal<T>(config: Described, path: readonly PropertyKey[], act: () => T): T {
  try {
    return act();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const { file, line } = config.place(...path);
    const key = [config.key, ...path].join('.');
    throw new LabError(
      file,
      line,
      `${key}: ${e.message}`,
      'a Linux machine refuses this too; mend the value',
    );
  }
}
