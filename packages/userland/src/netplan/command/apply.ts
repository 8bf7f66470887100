import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import { loadConfig, NetplanError } from '../config/index.ts';
import { Networkd, writeFiles } from '../networkd/index.ts';
import type { Words } from './netplan.ts';
import { warn } from './warn.ts';

/** `netplan generate`: reads the configuration and writes networkd's files. @throws NetplanError */
export async function generate(proc: Process, { options }: Words): Promise<number> {
  const root = options.get('--root-dir') ?? '/';
  const config = loadConfig(proc, root);
  await warn(proc, 'generate', config);
  writeFiles(proc.fs, config, root);
  return 0;
}

/** `netplan apply`: generates, and makes the machine what the configuration says. @throws NetplanError */
export async function apply(proc: Process): Promise<number> {
  if (proc.uid !== 0) throw new NetplanError('netplan: apply: must be root');
  const config = loadConfig(proc, '/');
  await warn(proc, 'generate', config);
  writeFiles(proc.fs, config, '/');
  try {
    Networkd.apply(proc, config);
    return 0;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`netplan: the kernel refused a setting: ${strerror(e.errno)}\n`);
    return 1;
  }
}
