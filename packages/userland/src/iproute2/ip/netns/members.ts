import { strerror } from '@labwire/core/error';
import type { Netns } from '@labwire/devices/netns';
import type { Context } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import { findNetns, netnsNames, netnsPath, reasonOf } from './nsfs.ts';

function open(ctx: Context, path: string): Netns {
  try {
    return ctx.proc.fs.netnsOf(path);
  } catch (e) {
    throw new Failure(1, `Cannot open network namespace: ${reasonOf(e)}\n`);
  }
}

/** `ip netns pids NAME`: the processes in a namespace. */
export function netnsPids(ctx: Context, words: readonly string[]): number {
  const [name, extra] = words;
  if (name === undefined) throw new Failure(1, 'No netns name specified\n');
  if (extra !== undefined) throw new Failure(1, 'extra arguments specified\n');
  if (ctx.proc.uid !== 0 && ctx.proc.fs.exists(netnsPath(name)))
    throw new Failure(1, `Cannot open network namespace: ${strerror('EACCES')}\n`);
  const netns = open(ctx, netnsPath(name));
  const pids = [...ctx.proc.machine.processes.values()].filter((p) => p.netns === netns);
  for (const pid of pids.map((p) => p.pid).sort((a, b) => a - b)) ctx.output.out(`${pid}\n`);
  return 0;
}

/** The namespace of a process. */
function netnsOfPid(ctx: Context, pid: string): Netns {
  const proc = ctx.proc.machine.processes.get(Number(pid));
  if (proc === undefined)
    throw new Failure(1, `Cannot open network namespace: ${strerror('ENOENT')}\n`);
  return proc.netns;
}

/** `ip netns identify [PID]`: the name of a process's namespace; the last one found, if there are more. */
export function netnsIdentify(ctx: Context, words: readonly string[]): number {
  const [pid, extra] = words;
  if (extra !== undefined) throw new Failure(1, 'extra arguments specified\n');
  if (pid !== undefined && !/^\d*$/.test(pid))
    throw new Failure(1, `Specified string '${pid}' is not a pid\n`);
  const netns = pid === undefined ? ctx.proc.netns : netnsOfPid(ctx, pid);
  ctx.output.out(`${netnsNameOf(ctx, netns) ?? ''}\n`);
  return 0;
}

/** The name of a namespace: the last one found, if there are more; undefined if it has none. Source: iproute2 lib/namespace.c, netns_identify_pid(). */
export function netnsNameOf(ctx: Context, netns: Netns): string | undefined {
  return netnsNames(ctx.proc.fs)
    .filter((name) => isHandleOf(ctx, name, netns))
    .at(-1);
}

function isHandleOf(ctx: Context, name: string, netns: Netns): boolean {
  return findNetns(ctx, name) === netns;
}
