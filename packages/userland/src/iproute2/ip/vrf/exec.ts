import type { Process } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import { runProgram } from '../netns/index.ts';
import { netnsNameOf } from '../netns/members.ts';
import { vrfNamed } from './show.ts';

/** Becomes a program whose sockets are bound to a VRF; `default` is none. Source: iproute2 ip/ipvrf.c, ipvrf_exec(), vrf_switch(). */
export async function vrfExec(ctx: Context, words: readonly string[]): Promise<number> {
  const [name, ...command] = words;
  if (name === undefined) throw new Failure(1, 'No VRF name specified\n');
  if (command.length === 0) throw new Failure(1, 'No command specified\n');
  const link = vrfNamed(ctx, name);
  if (link === undefined && name !== 'default') throw new Failure(255, 'Invalid VRF name\n');
  await ctx.output.flush();
  const enter = (proc: Process): void => {
    const netns = netnsNameOf(ctx, proc.netns);
    const base = `${netns === undefined ? '' : `/${netns}`}/vrf`;
    proc.cgroup = link === undefined ? base : `${base}/${name}`;
    proc.socketIfindex = link?.ifindex ?? 0;
  };
  const child = ctx.proc.spawn(command, (proc) => {
    enter(proc);
    return runProgram(proc, command);
  });
  const status = await ctx.proc.waitFor(child);
  return child.killedBy === undefined ? status : 1;
}
