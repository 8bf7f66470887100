import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import {
  Clsact,
  QDISC_KINDS,
  type Qdisc,
  TC_H_CLSACT_HANDLE,
  TC_H_INGRESS,
  TC_H_ROOT,
  tcMajor,
  tcMinor,
} from '../../qdisc/index.ts';
import type { NewFlags } from '../requests.ts';
import { deviceOf, qdiscOf, schedulerOf, statsOf } from './device.ts';
import type { QdiscInfo, TcRequest } from './types.ts';

const PFIFO_FAST = { bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] };

/** All qdiscs of a namespace, device by device. RTM_GETQDISC */
export function qdiscDump(netns: Netns): QdiscInfo[] {
  return netns.devices.list().flatMap(qdiscsOf);
}

function qdiscsOf(dev: NetDevice): QdiscInfo[] {
  const { tc } = dev;
  const all =
    tc === null || tc.root === null ? defaultQdisc(dev) : tc.all().map((q) => infoOf(dev, q));
  return tc?.clsact == null ? all : [...all, infoOf(dev, tc.clsact)];
}

function infoOf(dev: NetDevice, q: Qdisc): QdiscInfo {
  return {
    ifindex: dev.ifindex,
    kind: q.kind,
    handle: q.handle,
    parent: q.parent,
    refcnt: q.parent === TC_H_ROOT ? 1 + dev.numTxQueues : 1,
    options: q.options,
    stats: statsOf(q),
    xstats: q.xstats,
  };
}

/** What a device has before `tc` gives it something: nothing while it is down. */
function defaultQdisc(dev: NetDevice): QdiscInfo[] {
  const kind = dev.qdisc;
  if (kind === 'noop') return [];
  const counts = kind !== 'noqueue';
  const info = {
    ifindex: dev.ifindex,
    kind,
    handle: 0,
    parent: TC_H_ROOT,
    refcnt: kind === 'mq' ? 1 : 2,
    options: defaultOptions(dev, kind),
    stats: {
      bytes: counts ? dev.stats.txBytes : 0,
      packets: counts ? dev.stats.txPackets : 0,
      drops: 0,
      overlimits: 0,
      requeues: 0,
      qlen: 0,
      backlog: 0,
    },
    xstats: undefined,
  };
  return [info];
}

function defaultOptions(dev: NetDevice, kind: string): QdiscInfo['options'] {
  if (kind === 'pfifo_fast') return PFIFO_FAST;
  if (kind !== 'fq_codel') return undefined;
  return {
    limit: 10_240,
    flows: 1024,
    quantum: dev.mtu + 14,
    target: 5000,
    interval: 100_000,
    memory_limit: 32 << 20,
    ecn: 1,
    drop_batch_size: 64,
  };
}

/** The qdisc in a place, the default one left out. `qdisc_leaf()` */
function leafAt(dev: NetDevice, parent: number): Qdisc | null {
  if (parent === TC_H_ROOT) return dev.tc?.root ?? null;
  if (parent === TC_H_INGRESS) return dev.tc?.clsact ?? null;
  return qdiscOf(dev, tcMajor(parent))?.classes?.find(parent)?.leaf ?? null;
}

/** Makes, replaces or changes a qdisc. RTM_NEWQDISC, tc_modify_qdisc() @throws {@link KernelError} with the kernel's words */
export function qdiscSet(netns: Netns, request: TcRequest, flags: NewFlags): void {
  const dev = deviceOf(netns, request.ifindex);
  const { parent = 0, handle = 0, kind } = request;
  const found = parent === 0 ? existing(dev, handle) : place(dev, request, flags);
  if (found === null) {
    create(dev, request, flags);
    return;
  }
  if (found instanceof Regraft) {
    graft(dev, parent, found.qdisc);
    return;
  }
  if (flags.excl === true) throw new KernelError('EEXIST', 'Exclusivity flag on, cannot modify');
  if (kind !== undefined && kind !== found.kind)
    throw new KernelError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  if (request.options !== undefined) found.change(request.options);
}

/** A qdisc that is to be in another place too. */
class Regraft {
  readonly qdisc: Qdisc;

  constructor(qdisc: Qdisc) {
    this.qdisc = qdisc;
  }
}

function existing(dev: NetDevice, handle: number): Qdisc {
  if (handle === 0) throw new KernelError('EINVAL', 'Handle cannot be zero');
  const q = qdiscOf(dev, handle);
  if (q === undefined) throw new KernelError('ENOENT', 'Specified qdisc not found');
  return q;
}

/** What a request that names a place means: null to make a qdisc there. */
function place(
  dev: NetDevice,
  { parent = 0, handle = 0, kind }: TcRequest,
  flags: NewFlags,
): Qdisc | Regraft | null {
  if (
    parent !== TC_H_ROOT &&
    parent !== TC_H_INGRESS &&
    qdiscOf(dev, tcMajor(parent)) === undefined
  )
    throw new KernelError('ENOENT', 'Failed to find specified qdisc');
  const q = leafAt(dev, parent);
  if (q !== null && (handle === 0 || q.handle === handle)) {
    const sameKind = kind === undefined || kind === q.kind;
    // who asks for another kind gets a new one, even by `add` and `change`
    return handle !== 0 || sameKind ? q : null;
  }
  if (handle === 0) return null;
  if (q !== null && flags.replace !== true)
    throw new KernelError('EEXIST', 'NLM_F_REPLACE needed to override');
  if (tcMinor(handle) !== 0) throw new KernelError('EINVAL', 'Invalid minor handle');
  const other = qdiscOf(dev, handle);
  if (other === undefined) return null;
  if (flags.excl === true) throw new KernelError('EEXIST', 'Exclusivity flag on, cannot override');
  if (kind !== undefined && kind !== other.kind)
    throw new KernelError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  if (other instanceof Clsact)
    throw new KernelError('EINVAL', 'Cannot regraft ingress or clsact Qdiscs');
  if (handle === tcMajor(parent))
    throw new KernelError('ELOOP', 'Qdisc parent/child loop detected');
  return new Regraft(other);
}

/** `qdisc_create()` */
function create(dev: NetDevice, request: TcRequest, flags: NewFlags): void {
  const { parent = 0, handle = 0, kind = '', options } = request;
  const isChange = flags.create !== true && flags.replace !== true;
  if (flags.create !== true && !(isChange && leafAt(dev, parent) !== null && handle === 0))
    throw new KernelError('ENOENT', 'Qdisc not found. To create specify NLM_F_CREATE flag');
  const scheduler = schedulerOf(dev);
  try {
    if (kind === 'ingress' || kind === 'clsact') {
      const made = new Clsact(scheduler, kind);
      made.ingress.isIngress = true;
      scheduler.clsact = made;
      return;
    }
    const make = QDISC_KINDS.get(kind);
    if (make === undefined) throw new KernelError('ENOENT', 'Specified qdisc kind is unknown');
    checkPlace(dev, parent);
    const made = make(scheduler, handle === 0 ? scheduler.allocHandle() : handle, parent, options);
    graft(dev, parent, made);
  } finally {
    if (scheduler.isIdle) dev.tc = null;
  }
}

/** A place below another qdisc must be there. `qdisc_graft()` */
function checkPlace(dev: NetDevice, parent: number): void {
  if (parent === TC_H_ROOT) return;
  const { classes } = qdiscOf(dev, tcMajor(parent)) as Qdisc;
  if (classes === undefined) throw new KernelError('EOPNOTSUPP');
  if (classes.find(parent) === undefined)
    throw new KernelError('ENOENT', 'Specified class not found');
}

/** Puts a qdisc in its place; null takes out what is there. What was there is gone. `qdisc_graft()` */
function graft(dev: NetDevice, parent: number, qdisc: Qdisc | null): void {
  if (parent === TC_H_ROOT) {
    const scheduler = schedulerOf(dev);
    scheduler.reset();
    scheduler.root = qdisc;
    dev.qdisc = qdisc?.kind ?? (dev.isUp ? dev.defaultQdisc : 'noop');
    return;
  }
  checkPlace(dev, parent);
  const old = (qdiscOf(dev, tcMajor(parent)) as Qdisc).classes?.graft(parent, qdisc) ?? null;
  if (qdisc !== null) qdisc.parent = parent;
  old?.reset();
}

/** Takes a qdisc out: the one in a place, or of a handle. RTM_DELQDISC, tc_get_qdisc() @throws {@link KernelError} with the kernel's words */
export function qdiscDel(netns: Netns, request: TcRequest): void {
  const dev = deviceOf(netns, request.ifindex);
  const { parent = 0, handle = 0, kind } = request;
  const q = parent === 0 ? byHandle(dev, handle) : inPlace(dev, parent);
  if (q !== null && parent !== 0 && handle !== 0 && q.handle !== handle)
    throw new KernelError('EINVAL', 'Invalid handle');
  if (q !== null && kind !== undefined && kind !== q.kind)
    throw new KernelError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  if (parent === 0) throw new KernelError('EINVAL', 'Classid cannot be zero');
  if (q === null) throw new KernelError('ENOENT', 'Cannot delete qdisc with handle of zero');
  if (q instanceof Clsact) {
    q.ingress.remove({ prio: 0, protocol: 0, handle: 0 });
    q.egress.remove({ prio: 0, protocol: 0, handle: 0 });
    schedulerOf(dev).clsact = null;
  } else graft(dev, parent, null);
  if (dev.tc?.isIdle === true) dev.tc = null;
}

function byHandle(dev: NetDevice, handle: number): Qdisc {
  const q = qdiscOf(dev, handle);
  if (q === undefined)
    throw new KernelError('ENOENT', 'Failed to find qdisc with specified handle');
  return q;
}

/** @returns null for the default one */
function inPlace(dev: NetDevice, parent: number): Qdisc | null {
  if (parent === TC_H_ROOT) return dev.tc?.root ?? null;
  if (tcMajor(parent) === TC_H_CLSACT_HANDLE) {
    if (dev.tc?.clsact == null)
      throw new KernelError('ENOENT', 'Cannot find specified qdisc on specified device');
    return dev.tc.clsact;
  }
  const above = qdiscOf(dev, tcMajor(parent));
  if (above === undefined)
    throw new KernelError('ENOENT', 'Failed to find qdisc with specified classid');
  if (above.classes?.find(parent) === undefined)
    throw new KernelError('ENOENT', 'Cannot find specified qdisc on specified device');
  return leafAt(dev, parent);
}
