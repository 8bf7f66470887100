import type { MacAddr } from '@labwire/core/addr';
import { invariant } from '@labwire/core/error';
import { insertAt } from '@labwire/core/list';
import { type Nanos, type RandomStream, type Simulator, US } from '@labwire/core/sim';
import { type DropReason, freeSkb, type SkBuff } from '@labwire/core/skb';
import { Linkwatch } from '../link/linkwatch.ts';
import { changeNetns } from '../link/move.ts';
import type { NetDevice } from '../link/net-device.ts';
import { unregisterNetdevice } from '../link/register.ts';
import { CORE_CONF_DEFAULT, type CoreConf } from './core-conf.ts';
import type { DevNodes } from './dev-nodes.ts';
import { KernelLog } from './kernel-log.ts';
import type { KernelProfile } from './kernel-profile.ts';
import { Netns } from './netns.ts';
import { PacketTrace } from './packet-trace.ts';

/** Inode number of the first network namespace of a machine: what `readlink /proc/self/ns/net` shows. */
const FIRST_NETNS_INO = 4_026_531_840;
/** Inode number of a machine's first socket in sockfs. */
const FIRST_SOCK_INO = 18_000;

/** One machine's kernel: its network namespaces, and what they share. */
export class Kernel {
  readonly sim: Simulator;
  /** The machine's name, which also names its random streams. */
  readonly name: string;
  readonly profile: KernelProfile;
  /** When it booted, in Nanos since the simulation began. */
  readonly bootTime: Nanos;
  readonly linkwatch: Linkwatch = new Linkwatch();
  /** net.core, as far as all namespaces share it. */
  core: CoreConf = CORE_CONF_DEFAULT;
  /** Seconds since 1970 at simulated time 0. */
  epoch = 0;
  /** Whether LOG is heard from all namespaces. net.netfilter.nf_log_all_netns */
  nfLogAllNetns = 0;
  /** Where devices that a program may open are shown; null: nowhere. */
  devNodes: DevNodes | null = null;
  /** Modules that were loaded since the machine booted, and what each does for a new namespace. `pernet_list` */
  readonly modules: Map<string, (netns: Netns) => void> = new Map();
  /** How often packets were dropped, by reason; null while none was. */
  dropCounts: Map<DropReason, number> | null = null;
  /** The namespace that the machine boots with. */
  readonly initNetns: Netns;
  #netnses: Netns[] = [];
  #log: KernelLog | null = null;
  #trace: PacketTrace | null = null;
  #random: RandomStream | null = null;
  #jitter: RandomStream | null = null;
  #hopBase: Nanos = 15 * US;
  #hopJitter: Nanos = 15 * US;
  #nextIno = FIRST_NETNS_INO;
  #nextSockIno = FIRST_SOCK_INO;
  #qdiscHandle = 0x8000_0000;

  constructor(sim: Simulator, name: string, profile: KernelProfile = '6.x') {
    this.sim = sim;
    this.name = name;
    this.profile = profile;
    this.bootTime = sim.now;
    this.initNetns = this.newNetns();
  }

  /** The machine's random numbers: MACs, ports, sequence numbers. */
  get random(): RandomStream {
    this.#random ??= this.sim.random(`kernel ${this.name}`);
    return this.#random;
  }

  /** Where packets can be watched. */
  get trace(): PacketTrace {
    this.#trace ??= new PacketTrace();
    return this.#trace;
  }

  /** {@link trace} for the packet path: null until somebody has asked for it. */
  get openTrace(): PacketTrace | null {
    return this.#trace;
  }

  /** The message ring: `dmesg`. */
  get messages(): KernelLog {
    this.#log ??= new KernelLog();
    return this.#log;
  }

  /** The inode number of the machine's next socket. */
  nextSockIno(): number {
    return this.#nextSockIno++;
  }

  /** Writes a message into the ring. `printk()` */
  log(text: string): void {
    this.messages.add(this.sim.now, text);
  }

  /** All living namespaces, oldest first. */
  netnses(): readonly Netns[] {
    return this.#netnses;
  }

  /**
   * Makes a namespace with nothing but `lo`, which is down. It has one reference, the caller's: `unref()` ends it.
   * `copy_net_ns()`
   */
  newNetns(): Netns {
    const netns = new Netns(this, this.#nextIno++);
    this.#netnses = insertAt(this.#netnses, this.#netnses.length, netns);
    for (const init of this.modules.values()) init(netns);
    return netns;
  }

  /**
   * Ends a namespace that nobody holds on to: NICs go back to the first namespace, other devices go, veth peers
   * elsewhere with them. `cleanup_net()`
   */
  destroyNetns(netns: Netns): void {
    invariant(netns !== this.initNetns, 'the first namespace lives as long as the machine');
    if (!this.#netnses.includes(netns)) return;
    this.#netnses = this.#netnses.filter((n) => n !== netns);
    for (const dev of [...netns.devices.list()].reverse()) {
      if (dev.netns !== netns || dev === netns.loopback) continue;
      if (dev.linkType === undefined) changeNetns(dev, this.initNetns, { fallback: 'dev%d' });
      else unregisterNetdevice(dev);
    }
    unregisterNetdevice(netns.loopback);
    netns.ipv4.close();
    netns.ipv6.close();
    for (const other of this.#netnses) other.forgetNetns(netns);
  }

  /** What one hop costs: `base` and up to `jitter` more, drawn for each frame. With a base of 0 there is no jitter. */
  setHopCost(base: Nanos, jitter: Nanos): void {
    invariant(
      base > 0 || jitter === 0,
      'jitter on hops that cost nothing would change their order',
    );
    this.#hopBase = base;
    this.#hopJitter = jitter;
  }

  /** What the next hop costs. */
  hopCost(): Nanos {
    if (this.#hopJitter === 0) return this.#hopBase;
    this.#jitter ??= this.sim.random(`jitter ${this.name}`);
    return this.#hopBase + this.#jitter.below(this.#hopJitter);
  }

  /** Drops a packet: counts and traces why, and frees it. `kfree_skb_reason()` */
  drop(skb: SkBuff, reason: DropReason): void {
    this.dropCounts ??= new Map();
    this.dropCounts.set(reason, (this.dropCounts.get(reason) ?? 0) + 1);
    if (this.#trace?.drop.active === true)
      this.#trace.drop.emit(reason, skb, skb.dev as NetDevice | null);
    freeSkb(skb);
  }

  /** The next of the handles for qdiscs whose makers name none: 8001:, 8002:, … `qdisc_alloc_handle()` */
  allocQdiscHandle(): number {
    this.#qdiscHandle += 0x1_0000;
    if (this.#qdiscHandle >= 0xffff_0000) this.#qdiscHandle = 0x8000_0000;
    return this.#qdiscHandle;
  }

  /** A locally administered unicast address. `eth_random_addr()` */
  randomMac(): MacAddr {
    const first = (this.random.below(256) & 0xfe) | 0x02;
    return (first * 0x100_0000_0000 +
      this.random.below(256) * 0x1_0000_0000 +
      this.random.u32()) as MacAddr;
  }
}
