import { strerror } from '@labwire/core/error';
import type { Process } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import { Failure, invalidArgument } from '../../parse/index.ts';
import { vrfNamed } from './show.ts';

/** The VRF that a process's control group stands for; empty for none. Source: iproute2 ip/ipvrf.c, vrf_identify(). */
function vrfOf(proc: Process): string {
  const at = proc.cgroup.indexOf('/vrf/');
  return at < 0 ? '' : proc.cgroup.slice(at + '/vrf/'.length);
}

/** `ip vrf identify [PID]` */
export function vrfIdentify(ctx: Context, words: readonly string[]): number {
  const [pid] = words;
  if (words.length > 1) throw invalidArgument('Extra arguments specified\n', words[1] as string);
  const number = pid === undefined ? ctx.proc.pid : Number(pid);
  if (!Number.isInteger(number) || pid === '')
    throw invalidArgument('Invalid pid\n', pid as string);
  const proc = ctx.proc.machine.processes.get(number);
  if (proc === undefined)
    throw new Failure(1, `Failed to lookup vrf association: ${strerror('ENOENT')}\n`);
  const name = vrfOf(proc);
  if (name !== '') ctx.output.out(`${name}\n`);
  return 0;
}

/** `ip vrf pids NAME` */
export function vrfPids(ctx: Context, words: readonly string[]): number {
  const [name] = words;
  if (words.length !== 1 || name === undefined) throw new Failure(1, 'Invalid arguments\n');
  if (vrfNamed(ctx, name) === undefined) throw new Failure(1, 'Invalid VRF name\n');
  const members = [...ctx.proc.machine.processes.values()].filter((p) => vrfOf(p) === name);
  for (const p of members.sort((a, b) => a.pid - b.pid))
    ctx.output.out(`${String(p.pid).padStart(5)}  ${p.comm}\n`);
  return 0;
}
