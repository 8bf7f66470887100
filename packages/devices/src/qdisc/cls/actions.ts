import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_HLEN, type NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { TcStats } from '../qdisc.ts';
import { fromTicks, Rate, type RateSpec, toTicks } from '../rate.ts';

/** What becomes of a packet. Linux include/uapi/linux/pkt_cls.h, TC_ACT_*. */
export const TC_ACT_UNSPEC = -1;
export const TC_ACT_OK = 0;
export const TC_ACT_RECLASSIFY = 1;
export const TC_ACT_SHOT = 2;
export const TC_ACT_PIPE = 3;
export const TC_ACT_STOLEN = 4;
export const TC_ACT_QUEUED = 5;
export const TC_ACT_TRAP = 8;

/** TCA_EGRESS_REDIR, …: what `mirred` does. */
const EGRESS_REDIR = 1;
const EGRESS_MIRROR = 2;
const INGRESS_MIRROR = 4;

/** What `tc` asks of an action: its kind, and its parameters by the names of the kernel's attributes. */
export interface ActionRequest {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** How an action is shown. */
export interface ActionInfo extends ActionRequest {
  readonly stats: TcStats;
  readonly qlen: 0;
  /** Seconds since it was made, last used and first used. */
  readonly installed: number;
  readonly lastUsed: number;
  readonly firstUsed: number | undefined;
}

/** What is done with packets that a filter picks. Linux `struct tc_action` */
export abstract class TcAction {
  abstract readonly kind: string;
  readonly netns: Netns;
  readonly index: number;
  readonly stats: TcStats = new TcStats();
  /** What becomes of a packet afterwards. TC_ACT_* */
  action: number;
  readonly #installed: Nanos;
  #firstUsed: Nanos = 0;
  #lastUsed: Nanos;

  constructor(netns: Netns, index: number, action: number) {
    this.netns = netns;
    this.index = index;
    this.action = action;
    this.#installed = netns.sim.now;
    this.#lastUsed = netns.sim.now;
  }

  /** Acts on a packet. @returns TC_ACT_*; with TC_ACT_STOLEN it has taken the packet */
  act(skb: SkBuff, atIngress: boolean): number {
    const { now } = this.netns.sim;
    if (this.#firstUsed === 0) this.#firstUsed = now;
    this.#lastUsed = now;
    this.stats.packets++;
    this.stats.bytes += skb.len; // at the receiving end without its Ethernet header, as the kernel counts
    return this.run(skb, atIngress);
  }

  protected abstract run(skb: SkBuff, atIngress: boolean): number;

  protected abstract get options(): Readonly<Record<string, unknown>>;

  get info(): ActionInfo {
    const age = (at: Nanos) => Math.floor((this.netns.sim.now - at) / 1_000_000_000);
    return {
      kind: this.kind,
      options: { ...this.options, action: this.action, index: this.index, ref: 1, bind: 1 },
      stats: this.stats,
      qlen: 0,
      installed: age(this.#installed),
      lastUsed: age(this.#lastUsed),
      firstUsed: this.#firstUsed === 0 ? undefined : age(this.#firstUsed),
    };
  }
}

/** Passes, drops, …: a fixed fate. Linux net/sched/act_gact.c */
class Gact extends TcAction {
  readonly kind = 'gact';

  protected run(): number {
    if (this.action === TC_ACT_SHOT) this.stats.drops++;
    return this.action;
  }

  protected get options(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/** Sends a packet, or a copy, elsewhere. Linux net/sched/act_mirred.c */
class Mirred extends TcAction {
  readonly kind = 'mirred';
  readonly #eaction: number;
  readonly #to: NetDevice;

  constructor(netns: Netns, index: number, options: Readonly<Record<string, unknown>>) {
    super(netns, index, Number(options.action));
    this.#eaction = Number(options.eaction);
    const ifindex = Number(options.ifindex ?? 0);
    if (ifindex === 0) throw new KernelError('EINVAL', 'Specified device does not exist');
    const to = netns.devices.byIndex(ifindex);
    if (to === undefined) throw new KernelError('ENODEV');
    this.#to = to;
  }

  protected run(skb: SkBuff, atIngress: boolean): number {
    const to = this.#to;
    const isMirror = this.#eaction === EGRESS_MIRROR || this.#eaction === INGRESS_MIRROR;
    if (!to.isUp || to.netns === null) {
      this.stats.overlimits++;
      return isMirror ? this.action : TC_ACT_SHOT;
    }
    const out = isMirror ? cloneSkb(skb) : skb;
    if (atIngress) out.push(ETH_HLEN);
    if (!isMirror) {
      out.redirectedFrom = out.dev;
      out.fromIngress = atIngress;
    }
    if (this.#eaction === EGRESS_REDIR || this.#eaction === EGRESS_MIRROR) to.xmit(out);
    else to.arrive(out, to.latency(out.len));
    return isMirror ? this.action : TC_ACT_STOLEN;
  }

  protected get options(): Readonly<Record<string, unknown>> {
    // a device that is gone is no longer told of: mirred_device_event()
    return { eaction: this.#eaction, ifindex: this.#to.netns === null ? 0 : this.#to.ifindex };
  }
}

/** Lets a rate and bursts pass, and does something else with the rest. Linux net/sched/act_police.c */
class Police extends TcAction {
  readonly kind = 'police';
  readonly #o: Readonly<Record<string, unknown>>;
  readonly #rate: Rate | null;
  readonly #peak: Rate | null;
  readonly #burst: Nanos;
  readonly #mtu: number;
  readonly #mtuTime: Nanos;
  #tokens: Nanos;
  #ptokens: Nanos;
  #checked: Nanos;

  constructor(netns: Netns, index: number, o: Readonly<Record<string, unknown>>) {
    super(netns, index, Number(o.action));
    this.#o = o;
    this.#rate = o.rate === undefined ? null : new Rate(o.rate as RateSpec);
    this.#peak = o.peakrate === undefined ? null : new Rate(o.peakrate as RateSpec);
    this.#burst = fromTicks(Number(o.burst ?? 0));
    // without one, the greatest packet that the rate table has room for
    this.#mtu =
      Number(o.mtu) || (this.#rate === null ? 0xffff_ffff : 255 << Number(this.#rate.spec.cellLog));
    this.#mtuTime = this.#peak?.time(this.#mtu) ?? 0;
    this.#tokens = this.#burst;
    this.#ptokens = this.#mtuTime;
    this.#checked = netns.sim.now;
  }

  /** `tcf_police_act()` */
  protected run(skb: SkBuff): number {
    const bytes = skb.len;
    if (bytes <= this.#mtu && (this.#rate === null || this.#conforms(this.#rate, bytes)))
      return Number(this.#o.result ?? TC_ACT_OK);
    this.stats.overlimits++;
    if (this.action === TC_ACT_SHOT) this.stats.drops++;
    return this.action;
  }

  #conforms(rate: Rate, bytes: number): boolean {
    const { now } = this.netns.sim;
    const passed = Math.min(now - this.#checked, this.#burst);
    let ptokens = 0;
    if (this.#peak !== null)
      ptokens = Math.min(passed + this.#ptokens, this.#mtuTime) - this.#peak.time(bytes);
    const tokens = Math.min(passed + this.#tokens, this.#burst) - rate.time(bytes);
    if (tokens < 0 || ptokens < 0) return false;
    this.#checked = now;
    this.#tokens = tokens;
    this.#ptokens = ptokens;
    return true;
  }

  protected get options(): Readonly<Record<string, unknown>> {
    return { ...this.#o, burst: toTicks(this.#burst), mtu: this.#mtu };
  }
}

type NewAction = (
  netns: Netns,
  index: number,
  options: Readonly<Record<string, unknown>>,
) => TcAction;

/** Actions by kind. */
const KINDS: ReadonlyMap<string, NewAction> = new Map<string, NewAction>([
  ['gact', (netns, index, o) => new Gact(netns, index, Number(o.action))],
  ['mirred', (netns, index, o) => new Mirred(netns, index, o)],
  ['police', (netns, index, o) => new Police(netns, index, o)],
]);

/** The indexes that actions of each kind have in one namespace. */
export class ActionIndexes {
  readonly #used = new Map<string, Set<number>>();

  /** Makes an action. `tcf_action_init_1()` @throws {@link KernelError} ENOENT, EINVAL, ENODEV */
  create(netns: Netns, { kind, options }: ActionRequest): TcAction {
    const make = KINDS.get(kind);
    if (make === undefined) throw new KernelError('ENOENT', 'Failed to load TC action module');
    const used = this.#used.get(kind) ?? new Set<number>();
    this.#used.set(kind, used);
    let index = Number(options.index ?? 0);
    if (index !== 0 && used.has(index))
      throw new KernelError('EOPNOTSUPP', 'Labwire does not share actions between filters');
    if (index === 0) for (index = 1; used.has(index); index++);
    const action = make(netns, index, options);
    used.add(index);
    return action;
  }

  release(action: TcAction): void {
    this.#used.get(action.kind)?.delete(action.index);
  }
}

/** Acts one after the other, as long as they say to go on. `tcf_action_exec()` */
export function execActions(actions: readonly TcAction[], skb: SkBuff, atIngress: boolean): number {
  if (skb.tcSkipClassify) {
    skb.tcSkipClassify = false;
    return TC_ACT_OK;
  }
  let result = TC_ACT_OK;
  for (let i = 0; i < actions.length; i++) {
    result = (actions[i] as TcAction).act(skb, atIngress);
    if (result !== TC_ACT_PIPE) return result;
  }
  return result === TC_ACT_PIPE ? TC_ACT_OK : result;
}
