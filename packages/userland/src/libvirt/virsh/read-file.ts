import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { LibvirtError } from '../base/index.ts';
import type { Vsh } from './vsh.ts';

/** Reads a file of the caller's. virFileReadAll() @throws LibvirtError */
export async function readFileOf({ proc }: Vsh, path: string): Promise<string> {
  const failed = (what: string, e: KernelError) =>
    new LibvirtError('system-error', `Failed to ${what} file '${path}': ${strerror(e.errno)}`);
  let fd: number;
  try {
    if (proc.fs.stat(proc.path(path)).type === 'dir')
      throw failed('read', new KernelError('EISDIR'));
    fd = proc.open(path, { read: true });
  } catch (e) {
    throw e instanceof KernelError ? failed('open', e) : e;
  }
  try {
    let text = '';
    for (;;) {
      const data = await proc.read(fd);
      if (data.length === 0) return text;
      text += utf8Decode(data);
    }
  } catch (e) {
    throw e instanceof KernelError ? failed('read', e) : e;
  } finally {
    proc.close(fd);
  }
}
