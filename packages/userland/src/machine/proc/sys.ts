import { KernelError } from '@labwire/core/error';
import type { Caller, VirtualDir, VirtualFile, VirtualNode } from '../fs/index.ts';
import { KERNEL_VERSIONS } from '../kernel-version.ts';
import type { Machine } from '../machine.ts';
import { fixedDir } from './process-dir.ts';

/** /proc/sys: what concerns the network as the caller's namespace has it, and a little of the rest. */
export function procSys(machine: Machine): VirtualDir {
  const kernel = fixedDir(kernelFiles(machine));
  return {
    list: (caller) => ['kernel', ...names('', caller).filter((n) => n !== 'kernel')],
    lookup: (name, caller) => (name === 'kernel' ? kernel : sysctlNode(name, caller)),
  };
}

function names(path: string, caller: Caller): string[] {
  return (caller.netns.sysctl.list(path) ?? []).map((e) => e.name);
}

function sysctlNode(path: string, caller: Caller): VirtualNode | undefined {
  const entry = caller.netns.sysctl.stat(path);
  if (entry === undefined) return undefined;
  if (!entry.isDirectory) return sysctlFile(path, entry.mode);
  return {
    list: (reader) => names(path, reader),
    lookup: (name, reader) => sysctlNode(`${path}/${name}`, reader),
  };
}

function sysctlFile(path: string, mode: number): VirtualFile {
  const file: VirtualFile = { read: ({ netns }) => netns.sysctl.read(path), mode };
  if ((mode & 0o222) === 0) return file;
  return { ...file, write: (text, { netns }) => netns.sysctl.write(path, text) };
}

function kernelFiles(machine: Machine): Record<string, VirtualNode> {
  const random = () => machine.kernel.sim.random(`${machine.name} uuid`);
  const fixed = (value: string): VirtualFile => ({ read: () => `${value}\n` });
  return {
    domainname: fixed('(none)'),
    hostname: {
      read: () => `${machine.hostname}\n`,
      write: (text) => {
        const name = text.trim();
        if (name.length > 64) throw new KernelError('EINVAL');
        machine.hostname = name;
      },
    },
    osrelease: fixed(KERNEL_VERSIONS[machine.kernel.profile].release),
    ostype: fixed('Linux'),
    pid_max: fixed('4194304'),
    random: fixedDir({ uuid: { read: () => `${uuid(() => random().u32())}\n` } }),
    version: fixed(KERNEL_VERSIONS[machine.kernel.profile].version),
  };
}

/** A random UUID, version 4. RFC 9562 section 5.4 */
function uuid(u32: () => number): string {
  const hex = [u32(), u32(), u32(), u32()].map((n) => n.toString(16).padStart(8, '0')).join('');
  const variant = ((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
