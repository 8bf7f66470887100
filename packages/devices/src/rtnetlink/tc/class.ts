import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { type Qdisc, TC_H_ROOT, type TcClass, tcMajor, tcMinor } from '../../qdisc/index.ts';
import type { NewFlags } from '../requests.ts';
import { deviceOf, qdiscOf, statsOf } from './device.ts';
import type { ClassInfo, TcRequest } from './types.ts';

/** The classes of a device's qdiscs, or of the one that `parent` names. RTM_GETTCLASS */
export function classDump(netns: Netns, ifindex: number, parent = 0): ClassInfo[] {
  const dev = netns.devices.byIndex(ifindex);
  if (dev?.tc == null) return [];
  const asked = parent === 0 || parent === TC_H_ROOT ? undefined : tcMajor(parent);
  return dev.tc
    .all()
    .filter((q) => asked === undefined || q.handle === asked)
    .flatMap((q) => (q.classes?.list() ?? []).map((c) => infoOf(dev, q, c)));
}

function infoOf(dev: NetDevice, q: Qdisc, c: TcClass): ClassInfo {
  const { stats } = c;
  return {
    ifindex: dev.ifindex,
    kind: q.kind,
    handle: c.classid,
    parent: c.parent,
    leaf: c.leaf?.handle ?? 0,
    options: c.options,
    stats: stats === undefined ? undefined : statsOf({ stats, qlen: c.qlen, backlog: c.backlog }),
    xstats: c.xstats,
  };
}

/** The qdisc that a request is about, and the full ids of class and parent. `tc_ctl_tclass()` */
function resolve(
  dev: NetDevice,
  { handle = 0, parent = 0 }: TcRequest,
): { q: Qdisc; classid: number; parent: number } {
  let major = tcMajor(handle);
  let above = parent;
  if (parent !== TC_H_ROOT) {
    const ofParent = tcMajor(parent);
    if (major !== 0 && ofParent !== 0 && major !== ofParent) throw new KernelError('EINVAL');
    if (major === 0) major = ofParent === 0 ? (dev.tc?.root?.handle ?? 0) : ofParent;
    if (parent !== 0) above = (major | tcMinor(parent)) >>> 0;
  } else if (major === 0) major = dev.tc?.root?.handle ?? 0;
  const q = qdiscOf(dev, major);
  if (q === undefined) throw new KernelError('ENOENT');
  if (q.classes === undefined) throw new KernelError('EINVAL');
  const classid =
    handle === 0 ? (parent === TC_H_ROOT ? major : 0) : (major | tcMinor(handle)) >>> 0;
  return { q, classid, parent: above };
}

/** Makes or changes a class. RTM_NEWTCLASS @returns a warning of the kernel's. @throws {@link KernelError} */
export function classSet(netns: Netns, request: TcRequest, flags: NewFlags): string | undefined {
  const { q, classid, parent } = resolve(deviceOf(netns, request.ifindex), request);
  const known = q.classes?.find(classid);
  if (known === undefined && flags.create !== true) throw new KernelError('ENOENT');
  if (known !== undefined && flags.excl === true) throw new KernelError('EEXIST');
  if (classid === TC_H_ROOT)
    throw new KernelError('EINVAL', 'Cannot create traffic class with classid TC_H_ROOT');
  return q.classes?.change(classid, parent, request.options ?? {});
}

/** Takes a class out. RTM_DELTCLASS @throws {@link KernelError} ENOENT, EBUSY */
export function classDel(netns: Netns, request: TcRequest): void {
  const { q, classid } = resolve(deviceOf(netns, request.ifindex), request);
  if (q.classes?.find(classid) === undefined) throw new KernelError('ENOENT');
  q.classes.remove(classid);
}
