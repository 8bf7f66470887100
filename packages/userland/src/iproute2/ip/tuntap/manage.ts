import { KernelError, strerror } from '@labwire/core/error';
import { IFF_TUN_EXCL, TunFile } from '@labwire/devices/link';
import type { Context } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import { parseTun } from './parse.ts';

/** Opens /dev/net/tun, does what `act` does with it, and lets go. */
function withTun(ctx: Context, act: (tun: TunFile) => void): number {
  const tun = attempt('open', () => openControl(ctx));
  try {
    act(tun);
  } finally {
    tun.close();
  }
  return 0;
}

/** `-n` has the device looked for in another namespace than the process's. */
function openControl(ctx: Context): TunFile {
  ctx.proc.fs.stat('/dev/net/tun');
  return new TunFile(ctx.ns);
}

/** A system call that perror(3) tells of. */
function attempt<T>(call: string, act: () => T): T {
  try {
    return act();
  } catch (e) {
    if (e instanceof KernelError) throw new Failure(1, `${call}: ${strerror(e.errno)}\n`);
    throw e;
  }
}

/** `ip tuntap add`. Source: iproute2 ip/iptuntap.c, tap_add_ioctl(). */
export function addTun(ctx: Context, words: readonly string[]): number {
  const { name, flags, user, group } = parseTun(ctx, words, true);
  return withTun(ctx, (tun) => {
    attempt('ioctl(TUNSETIFF)', () => tun.setIff(name, flags | IFF_TUN_EXCL, ctx.proc));
    if (user !== -1) tun.setOwner(user);
    if (group !== -1) tun.setGroup(group);
    tun.setPersist(true);
  });
}

/** `ip tuntap delete`: attaches, and lets the device go for good; one that is not there is made for that. tap_del_ioctl() */
export function deleteTun(ctx: Context, words: readonly string[]): number {
  const { name, flags } = parseTun(ctx, words, false);
  return withTun(ctx, (tun) => {
    attempt('ioctl(TUNSETIFF)', () => tun.setIff(name, flags, ctx.proc));
    tun.setPersist(false);
  });
}
