import { get16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { tcMajor } from '../qdisc.ts';
import type { TcScheduler } from '../scheduler.ts';
import {
  type ActionRequest,
  TC_ACT_RECLASSIFY,
  TC_ACT_SHOT,
  TC_ACT_UNSPEC,
  type TcAction,
} from './actions.ts';
import type { Classifier, FilterOptions, FilterResult } from './classifier.ts';
import { Fw } from './fw.ts';
import { Matchall } from './matchall.ts';
import { U32, U32Tables } from './u32.ts';

/** The protocol of filters that look at every packet. ETH_P_ALL */
export const ETH_P_ALL = 3;
/** Priorities that nobody chose go down from here. */
const FIRST_AUTO_PRIO = 0xc000;
/** How often a packet may be sent round again. */
const MAX_RECLASSIFY = 16;

type NewClassifier = (block: FilterBlock, prio: number, protocol: number) => Classifier;

const KINDS: ReadonlyMap<string, NewClassifier> = new Map<string, NewClassifier>([
  ['u32', (block, prio, protocol) => new U32(block, prio, protocol)],
  ['fw', (block, prio, protocol) => new Fw(block, prio, protocol)],
  ['matchall', (block, prio, protocol) => new Matchall(block, prio, protocol)],
]);

/** What a request says of a filter. */
export interface FilterKey {
  /** 0 to let the kernel choose, or for all. */
  readonly prio: number;
  /** EtherType; 0 for any. */
  readonly protocol: number;
  readonly handle: number;
  readonly kind?: string | undefined;
}

/** The filters of a qdisc, a class or an end of a device, by priority. Linux `struct tcf_block` */
export class FilterBlock {
  readonly scheduler: TcScheduler;
  readonly u32: U32Tables = new U32Tables();
  /** Looks at frames that come in. */
  isIngress = false;
  /** Where the filter that last picked a packet sends it. */
  classid = 0;
  #classifiers: readonly Classifier[] = [];

  constructor(scheduler: TcScheduler) {
    this.scheduler = scheduler;
  }

  get isEmpty(): boolean {
    return this.#classifiers.length === 0;
  }

  /** By priority. */
  list(): readonly Classifier[] {
    return this.#classifiers;
  }

  /** Finds the first filter that picks a packet, and does what that says. @returns TC_ACT_*; TC_ACT_UNSPEC for none. `tcf_classify()` */
  classify(skb: SkBuff): number {
    const all = this.#classifiers;
    if (all.length === 0) return TC_ACT_UNSPEC;
    const nh = this.isIngress ? skb.nh : skb.data + ETH_HLEN;
    const protocol = skb.vlanTci >= 0 ? skb.vlanProto : get16(skb.buf, nh - 2);
    let rounds = 0;
    for (let i = 0; i < all.length; i++) {
      const c = all[i] as Classifier;
      if (c.protocol !== protocol && c.protocol !== ETH_P_ALL) continue;
      const result = c.classify(skb, nh);
      if (result === TC_ACT_RECLASSIFY) {
        if (++rounds >= MAX_RECLASSIFY) return TC_ACT_SHOT;
        i = -1;
      } else if (result >= 0) return result;
    }
    return TC_ACT_UNSPEC;
  }

  /** Makes or changes a filter. `tc_new_tfilter()` @throws {@link KernelError} */
  change(key: FilterKey, options: FilterOptions, flags: { create: boolean; excl: boolean }): void {
    let { prio } = key;
    if (prio === 0) {
      if (!flags.create)
        throw new KernelError('ENOENT', 'Invalid filter command with priority of zero');
      const lowest = this.#classifiers[0]?.prio;
      prio =
        lowest === undefined
          ? FIRST_AUTO_PRIO
          : Math.min(FIRST_AUTO_PRIO, lowest) - (lowest === undefined ? 0 : 1);
    }
    const found = this.#find(prio, key.protocol);
    if (found !== undefined) {
      if (key.kind !== undefined && key.kind !== found.kind)
        throw new KernelError('EINVAL', 'Specified filter kind does not match existing one');
      found.change(key.handle, options, flags.excl);
      return;
    }
    if (key.kind === undefined || key.protocol === 0)
      throw new KernelError('EINVAL', 'Filter kind and protocol must be specified');
    if (!flags.create)
      throw new KernelError(
        'ENOENT',
        'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter',
      );
    const make = KINDS.get(key.kind);
    if (make === undefined) throw new KernelError('ENOENT', 'TC classifier not found');
    const made = make(this, prio, key.protocol);
    made.change(key.handle, options, flags.excl);
    this.#classifiers = [...this.#classifiers, made].sort((a, b) => a.prio - b.prio);
  }

  #find(prio: number, protocol: number): Classifier | undefined {
    const found = this.#classifiers.find((c) => c.prio === prio);
    if (found !== undefined && protocol !== 0 && found.protocol !== protocol)
      throw new KernelError('EINVAL', 'Filter with specified priority/protocol not found');
    return found;
  }

  /** Takes filters out: all, those of a priority, or one. `tc_del_tfilter()` @throws {@link KernelError} ENOENT, EINVAL */
  remove({ prio, protocol, handle, kind }: FilterKey): void {
    if (prio === 0) {
      if (protocol !== 0 || handle !== 0 || kind !== undefined)
        throw new KernelError('ENOENT', 'Cannot flush filters with protocol, handle or kind set');
      for (const c of this.#classifiers) c.destroy();
      this.#classifiers = [];
      return;
    }
    const found = this.#find(prio, protocol);
    if (found === undefined)
      throw new KernelError('ENOENT', 'Filter with specified priority/protocol not found');
    if (kind !== undefined && kind !== found.kind)
      throw new KernelError('EINVAL', 'Specified filter kind does not match existing one');
    if (handle === 0) found.destroy();
    else if (!found.remove(handle))
      throw new KernelError('ENOENT', 'Specified filter handle not found');
    if (handle === 0 || found.isEmpty)
      this.#classifiers = this.#classifiers.filter((c) => c !== found);
  }

  /** How many filters send packets to a class. */
  usersOf(classid: number): number {
    return this.#classifiers
      .flatMap((c) => c.results())
      .filter((r) => r.hasClass && r.classid === classid && tcMajor(classid) !== 0).length;
  }

  /** @internal */
  createAction(request: ActionRequest): TcAction {
    const netns = this.scheduler.dev.netns as Netns;
    return netns.tcActions.create(netns, request);
  }

  /** @internal What a filter did is done with. */
  release(result: FilterResult): void {
    for (const a of result.actions) a.netns.tcActions.release(a);
  }
}
