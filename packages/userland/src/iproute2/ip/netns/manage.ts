import { strerror } from '@labwire/core/error';
import type { Netns } from '@labwire/devices/netns';
import type { Context } from '../../context/index.ts';
import { Failure, parseInteger } from '../../parse/index.ts';
import { NETNS_RUN_DIR, netnsNames, netnsPath, reasonOf } from './nsfs.ts';

/** Makes the folder of the names, as the first `ip netns add` does. */
function makeRunDir(ctx: Context): void {
  const { fs, uid } = ctx.proc;
  try {
    if (!fs.exists(NETNS_RUN_DIR)) fs.mkdir(NETNS_RUN_DIR, { mode: 0o755 });
  } catch (e) {
    throw new Failure(1, `mkdir ${NETNS_RUN_DIR} failed: ${reasonOf(e)}\n`);
  }
  if (uid !== 0) {
    const reason = strerror('EPERM');
    throw new Failure(1, `mount --make-shared ${NETNS_RUN_DIR} failed: ${reason}\n`);
  }
}

function makeFile(ctx: Context, path: string): void {
  const { fs } = ctx.proc;
  if (fs.exists(path)) {
    const reason = strerror('EEXIST');
    throw new Failure(1, `Cannot create namespace file "${path}": ${reason}\n`);
  }
  fs.writeFile(path, '', { mode: 0 });
}

/** `ip netns add NAME` */
export function netnsAdd(ctx: Context, words: readonly string[]): number {
  const [name] = words;
  if (name === undefined) throw new Failure(1, 'No netns name specified\n');
  makeRunDir(ctx);
  makeFile(ctx, netnsPath(name));
  const netns = ctx.proc.machine.kernel.newNetns();
  ctx.proc.fs.bindNetns(netnsPath(name), netns);
  netns.unref();
  return 0;
}

/** `ip netns attach NAME PID`: names the namespace of a process. */
export function netnsAttach(ctx: Context, words: readonly string[]): number {
  const [name, pidText] = words;
  if (name === undefined || pidText === undefined)
    throw new Failure(1, 'No netns name and PID specified\n');
  const pid = parseInteger(pidText);
  if (pid === undefined || pid === 0) throw new Failure(1, `Invalid PID: ${pidText}\n`);
  makeRunDir(ctx);
  const path = netnsPath(name);
  makeFile(ctx, path);
  const proc = ctx.proc.machine.processes.get(pid);
  if (proc === undefined) {
    ctx.proc.fs.unlink(path);
    const reason = strerror('ENOENT');
    throw new Failure(1, `Bind /proc/${pid}/ns/net -> ${path} failed: ${reason}\n`);
  }
  ctx.proc.fs.bindNetns(path, proc.netns);
  return 0;
}

function handleOf(ctx: Context, path: string): Netns | undefined {
  try {
    return ctx.proc.fs.netnsOf(path);
  } catch (e) {
    reasonOf(e);
    return undefined;
  }
}

function removeName(ctx: Context, name: string): void {
  const path = netnsPath(name);
  const { fs, uid } = ctx.proc;
  const netns = handleOf(ctx, path);
  try {
    if (uid === 0 && netns !== undefined) fs.bindNetns(path, undefined);
    fs.unlink(path);
  } catch (e) {
    throw new Failure(1, `Cannot remove namespace file "${path}": ${reasonOf(e)}\n`);
  }
}

/** `ip netns delete NAME` and `ip -all netns delete` */
export function netnsDelete(ctx: Context, words: readonly string[]): number {
  const [name] = words;
  if (ctx.options.all) for (const each of netnsNames(ctx.proc.fs)) removeName(ctx, each);
  else if (name === undefined) throw new Failure(1, 'No netns name specified\n');
  else removeName(ctx, name);
  return 0;
}
