import { KernelError, strerror } from '@labwire/core/error';
import type { Netns } from '@labwire/devices/netns';
import type { FileSystem } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import { Exit } from '../../parse/index.ts';

/** Where named namespaces are mounted. */
export const NETNS_RUN_DIR = '/run/netns';
/** Where their own versions of files under /etc are. */
const NETNS_ETC_DIR = '/etc/netns';
/** Longest name of a file in bytes. */
const NAME_MAX = 255;

/** The text of a system call's failure. @throws whatever is none */
export function reasonOf(e: unknown): string {
  if (e instanceof KernelError) return strerror(e.errno);
  throw e;
}

/** Whether a name can be a namespace's. Source: iproute2 ip/ipnetns.c, invalid_name(). */
export function isNetnsName(name: string): boolean {
  return (
    name !== '' && name.length <= NAME_MAX && !name.includes('/') && name !== '.' && name !== '..'
  );
}

/** The file of a namespace's name. */
export function netnsPath(name: string): string {
  return `${NETNS_RUN_DIR}/${name}`;
}

/** Names under /run/netns, the newest first, as tmpfs lists a folder. */
export function netnsNames(fs: FileSystem): string[] {
  if (!fs.exists(NETNS_RUN_DIR)) return [];
  const ino = (name: string) => fs.lstat(netnsPath(name)).ino;
  return fs.readdir(NETNS_RUN_DIR).sort((a, b) => ino(b) - ino(a));
}

/** The namespace of a name or, if it has a slash, of a path. Source: iproute2 lib/namespace.c, netns_get_fd(). @returns undefined if there is none */
export function findNetns(ctx: Context, name: string): Netns | undefined {
  try {
    return ctx.proc.fs.netnsOf(name.includes('/') ? ctx.proc.path(name) : netnsPath(name));
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}

/** The namespace that `ip -n` or `exec` enters. @throws Exit if it cannot */
export function openNetns(ctx: Context, name: string): Netns {
  const { fs, uid } = ctx.proc;
  const path = netnsPath(name);
  const setting = (reason: string) =>
    new Exit(255, `setting the network namespace "${name}" failed: ${reason}\n`);
  if (!fs.exists(path)) {
    const reason = strerror('ENOENT');
    throw new Exit(255, `Cannot open network namespace "${name}": ${reason}\n`);
  }
  if (uid !== 0) throw setting(strerror('EPERM'));
  try {
    return fs.netnsOf(path);
  } catch (e) {
    throw setting(reasonOf(e));
  }
}

/** Enters a namespace for good: `ip -n NAME`. Source: lib/namespace.c, netns_switch(). */
export function switchNetns(ctx: Context, name: string): void {
  ctx.ns = openNetns(ctx, name);
  ctx.proc.netns = ctx.ns;
  ctx.proc.fs = mountsFor(ctx, name);
}

/** A mount namespace in which files of /etc/netns/NAME stand in place of those of /etc. Source: lib/namespace.c, bind_etc(). */
export function mountsFor(ctx: Context, name: string): FileSystem {
  const fs = ctx.proc.fs.clone();
  const dir = `${NETNS_ETC_DIR}/${name}`;
  if (name.length >= NAME_MAX || !fs.exists(dir)) return fs;
  for (const entry of fs.readdir(dir)) {
    const [source, target] = [`${dir}/${entry}`, `/etc/${entry}`];
    try {
      fs.bindMount(source, target);
    } catch (e) {
      ctx.output.err(`Bind ${source} -> ${target} failed: ${reasonOf(e)}\n`);
    }
  }
  return fs;
}
