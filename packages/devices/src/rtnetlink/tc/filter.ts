import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import {
  type FilterBlock,
  type FilterOptions,
  TC_H_ROOT,
  tcMajor,
  tcMinor,
} from '../../qdisc/index.ts';
import type { NewFlags } from '../requests.ts';
import { deviceOf, qdiscOf } from './device.ts';
import type { TcFilterInfo, TcFilterRequest } from './types.ts';

/** Where filters are attached: `parent` completed, and its block. `tcf_block_find()` @throws {@link KernelError} */
function blockOf(dev: NetDevice, parent: number): { block: FilterBlock; parent: number } {
  const full = parent === 0 || parent === TC_H_ROOT ? (dev.tc?.root?.handle ?? 0) : parent;
  const q = full === 0 ? undefined : qdiscOf(dev, tcMajor(full));
  if (q === undefined) {
    if (parent !== 0 && parent !== TC_H_ROOT)
      throw new KernelError('EINVAL', "Parent Qdisc doesn't exists");
    throw new KernelError('EINVAL', 'Qdisc not classful');
  }
  if (q.classes === undefined) throw new KernelError('EINVAL', 'Qdisc not classful');
  if (tcMinor(full) !== 0 && tcMajor(full) !== 0xffff_0000 && q.classes.find(full) === undefined)
    throw new KernelError('ENOENT', "Specified class doesn't exist");
  const block = q.classes.filters(full);
  if (block === undefined) throw new KernelError('EOPNOTSUPP', "Class doesn't support blocks");
  return { block, parent: q.kind === 'ingress' ? q.handle : full };
}

/** The filters at one place, in the order in which they are asked. RTM_GETTFILTER */
export function filterDump(netns: Netns, ifindex: number, parent: number): TcFilterInfo[] {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) return [];
  let at: ReturnType<typeof blockOf>;
  try {
    at = blockOf(dev, parent);
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
  return at.block.list().flatMap((c) =>
    c.list().map((f) => ({
      ifindex,
      parent: at.parent,
      protocol: c.protocol,
      prio: c.prio,
      kind: c.kind,
      handle: f.handle,
      options: f.options,
    })),
  );
}

/** Makes or changes a filter. RTM_NEWTFILTER @throws {@link KernelError} with the kernel's words */
export function filterSet(netns: Netns, request: TcFilterRequest, flags: NewFlags): void {
  const { parent = 0, prio = 0, protocol = 0, handle = 0, kind, options } = request;
  const { block } = blockOf(deviceOf(netns, request.ifindex), parent);
  block.change({ prio, protocol, handle, kind }, (options ?? {}) as FilterOptions, {
    create: flags.create === true,
    excl: flags.excl === true,
  });
}

/** Takes filters out: one, those of a priority, or with neither all. RTM_DELTFILTER @throws {@link KernelError} */
export function filterDel(netns: Netns, request: TcFilterRequest): void {
  const { parent = 0, prio = 0, protocol = 0, handle = 0, kind } = request;
  const { block } = blockOf(deviceOf(netns, request.ifindex), parent);
  block.remove({ prio, protocol, handle, kind });
}
