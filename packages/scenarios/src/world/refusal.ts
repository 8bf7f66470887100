import { KernelError } from '@labwire/core/error';
import type { MachineConfig } from '../lab/config/index.ts';
import { LabError } from '../lab/document/index.ts';

/**
 * Does what the front matter asks of a machine.
 * @throws LabError with the key's place if the machine's kernel refuses
 */
export function refusal<T>(config: MachineConfig, path: readonly PropertyKey[], act: () => T): T {
  try {
    return act();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const { file, line } = config.place(...path);
    const key = ['machines', config.name, ...path].join('.');
    throw new LabError(
      file,
      line,
      `${key}: ${e.message}`,
      'a Linux machine refuses this too; mend the value',
    );
  }
}
