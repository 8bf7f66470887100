/**
 * Netfilter of one namespace: its hooks, tables, connection tracking and NAT, each there only once something asks for it,
 * so that a namespace without a rule pays nothing.
 */
import { Tracepoint } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_TCP } from '@labwire/core/wire';
import { Conntrack, newTemplate } from '../conntrack/conntrack.ts';
import { FtpHelper, TftpHelper } from '../conntrack/helpers/index.ts';
import {
  ctDir,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IP_CT_UNTRACKED,
  IPS_DST_NAT_DONE,
  IPS_SEQ_ADJUST,
  IPS_SRC_NAT_DONE,
  type NfConn,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '../conntrack/nf-conn.ts';
import { PacketTuple } from '../conntrack/tuple.ts';
import { Flow4 } from '../fib/index.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import type { NetDevice } from '../link/net-device.ts';
import { Nat, type NatChain } from '../nat/nat.ts';
import type { NetdevEvent, Netns } from '../netns/netns.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import { type HookFn, HookList } from './hook-list.ts';
import { IpSets } from './ipset/index.ts';
import type { NfTables } from './nft/api/index.ts';
import { type NatChainHook, NftHooks } from './nft/eval/nft-hooks.ts';
import {
  NF_IP_PRI_CONNTRACK,
  NF_IP_PRI_CONNTRACK_CONFIRM,
  NF_IP_PRI_CONNTRACK_HELPER,
  NF_IP_PRI_MANGLE,
  NF_IP_PRI_NAT_DST,
  NF_IP_PRI_NAT_SRC,
} from './priorities.ts';
import { MangleReroute } from './reroute.ts';
import type { Action } from './xt/compile-chain.ts';
import type { TargetEnv } from './xt/compile-target.ts';
import type { XtMatch } from './xt/match.ts';
import type { XtPacket } from './xt/packet.ts';
import type { HookName, XtRule, XtTable, XtTableName } from './xt/rule.ts';
import { HOOK_NAMES, type LiveTable, XtTables, type XtTrace } from './xt/tables.ts';
import type { CtTarget, NatTarget, XtTarget } from './xt/target.ts';
import { NF_ACCEPT, XT_CONTINUE } from './xt/verdict.ts';
import { type RecentTables, XtShared } from './xt/xt-shared.ts';

const PRE_ROUTING = 0;
const LOCAL_IN = 1;
const LOCAL_OUT = 3;
const POST_ROUTING = 4;

const ZONE_DIRS = { both: ZONE_DIR_BOTH, orig: ZONE_DIR_ORIG, reply: ZONE_DIR_REPLY };

/** Matches and targets that ask for the connection of a packet. */
const CT_MATCHES: readonly string[] = [
  'conntrack',
  'state',
  'connmark',
  'connbytes',
  'connlimit',
  'connlabel',
  'helper',
];
const CT_TARGETS: readonly string[] = [
  'CONNMARK',
  'CT',
  'SNAT',
  'DNAT',
  'MASQUERADE',
  'REDIRECT',
  'NETMAP',
];

const isNotrack = (t: XtTarget): boolean => t.kind === 'CT' && t.notrack;

/** Whether a rule needs connections to be tracked. `nf_ct_netns_get()` */
function needsConntrack(r: XtRule): boolean {
  return (
    (r.target !== undefined && CT_TARGETS.includes(r.target.kind) && !isNotrack(r.target)) ||
    r.matches.some((m) => CT_MATCHES.includes(m.kind))
  );
}

/** The way back of a packet, for its MTU. */
const wayBack = new Flow4();

const NO_CHAINS: readonly NatChainHook[] = [];

function isBound(skb: SkBuff, done: number): boolean {
  return ((skb.ct as NfConn).status & done) !== 0;
}

/** Templates by zone, each made when it is first asked for. */
function templatesOf(zoneDirs: number, helper: string | null): (zone: number) => NfConn {
  const made = new Map<number, NfConn>();
  return (zone) => {
    const known = made.get(zone);
    if (known !== undefined) return known;
    const template = newTemplate(zone, zoneDirs, helper);
    made.set(zone, template);
    return template;
  };
}

function putTemplate(skb: SkBuff, template: NfConn): void {
  skb.ct = template;
  skb.ctinfo = IP_CT_NEW;
}

/** One family's hooks and tables. */
class NfFamily {
  readonly hooks: HookList;
  readonly tables: XtTables;
  tracks = false;
  hasNat = false;
  reroutes = false;

  constructor(
    netns: Netns,
    isIpv6: boolean,
    shared: XtShared,
    env: Omit<TargetEnv, 'chain'>,
    trace: XtTrace,
  ) {
    this.hooks = new HookList(netns);
    this.tables = new XtTables(netns, isIpv6, this.hooks, shared, env, trace);
  }
}

/** Netfilter of one namespace. */
export class Netfilter {
  readonly netns: Netns;
  /** The logger bound to each protocol family, where that was changed. net.netfilter.nf_log */
  readonly loggers: Map<number, string> = new Map();
  /** The rules that packets of TRACE meet. */
  readonly trace: XtTrace = new Tracepoint();
  /** The lists of `-m recent`: /proc/net/xt_recent. */
  readonly recent: RecentTables = new Map();
  #conntrack: Conntrack | null = null;
  #nat: Nat | null = null;
  #nft: NftHooks | null = null;
  #ipsets: IpSets | null = null;
  readonly #xtHandles = new WeakMap<XtTable, number>();
  readonly #families: { readonly inet: NfFamily; readonly inet6: NfFamily };
  /** What the CT target asked for, for the packet at hand. */
  readonly #zones = {
    both: templatesOf(ZONE_DIR_BOTH, null),
    orig: templatesOf(ZONE_DIR_ORIG, null),
    reply: templatesOf(ZONE_DIR_REPLY, null),
  };
  readonly #packet = new PacketTuple();

  /** @param epoch seconds since 1970 at simulated time 0, for `-m time` */
  constructor(netns: Netns, epoch: () => number) {
    this.netns = netns;
    const family = (isIpv6: boolean): NfFamily => {
      const shared = new XtShared(isIpv6, this.recent, epoch, () => netns.sim.now);
      return new NfFamily(netns, isIpv6, shared, this.#env(isIpv6), this.trace);
    };
    this.#families = { inet: family(false), inet6: family(true) };
  }

  /** Connection tracking; made when first asked for. */
  get conntrack(): Conntrack {
    if (this.#conntrack === null) {
      this.#conntrack = new Conntrack(this.netns);
      this.netns.conntrack = this.#conntrack;
      const { expectations } = this.#conntrack;
      expectations.register(new FtpHelper(() => this.nat));
      expectations.register(new TftpHelper(() => this.nat));
    }
    return this.#conntrack;
  }

  /** NAT; made when first asked for. */
  get nat(): Nat {
    this.#nat ??= new Nat(this.netns, this.conntrack);
    return this.#nat;
  }

  /** The tables of nf_tables, which `nft` edits; made when first asked for. */
  get nft(): NfTables {
    this.#nft ??= new NftHooks(this);
    return this.#nft.tables;
  }

  /** The tables of iptables in the order of their making, each with its number among those of nf_tables. */
  xtTables(): { readonly table: XtTable; readonly handle: number }[] {
    const families = [this.#families.inet, this.#families.inet6];
    const tables = families.flatMap((f) => f.tables.list());
    return tables
      .map((table) => ({ table, handle: this.#handleOf(table) }))
      .sort((a, b) => a.handle - b.handle);
  }

  #handleOf(t: XtTable): number {
    let handle = this.#xtHandles.get(t);
    if (handle === undefined) {
      handle = this.nft.nextHandle();
      this.#xtHandles.set(t, handle);
    }
    return handle;
  }

  /** Takes a table of iptables away. */
  removeXt(family: Family, name: XtTableName): void {
    this.tables(family).remove(name);
    this.#install(family);
  }

  /** The sets of ipset; made when first asked for. */
  get ipsets(): IpSets {
    this.#ipsets ??= new IpSets(this.netns);
    return this.#ipsets;
  }

  /** What hangs on the hooks of a family. */
  hooks(family: Family): HookList {
    return this.#families[family].hooks;
  }

  /** The zone in which the packet at hand is to be tracked. `nft_ct_set_zone_eval()` */
  setZone(skb: SkBuff, zone: number, dir: 'both' | 'orig' | 'reply'): void {
    putTemplate(skb, this.#zones[dir](zone));
  }

  /** Shows the hooks of both families, or their absence, to the IP layers. */
  install(): void {
    this.#install('inet');
    this.#install('inet6');
  }

  /** The tables of a family. */
  tables(family: Family): XtTables {
    return this.#families[family].tables;
  }

  /** A table, made with base chains on `hooks` (all that it may have) if it is not there, hung on its hooks. */
  table(family: Family, name: XtTableName, hooks?: readonly HookName[]): LiveTable {
    const live = this.#families[family].tables.ensure(name, hooks);
    this.#handleOf(live.table);
    if (name === 'nat') this.hangNat(family);
    if (name === 'mangle') this.hangReroute(family);
    this.#install(family);
    return live;
  }

  /**
   * Matches of a new rule have been looked at, whether it is then taken or not: `connbytes` turns the counters of
   * connections on. `connbytes_mt_check()`
   */
  looked(matches: readonly XtMatch[]): void {
    if (matches.some((m) => m.kind === 'connbytes')) this.conntrack.conf.acct = 1;
  }

  /** Rules have changed: compiles them anew when next met, and tracks connections if one of them asks for it. */
  changed(family: Family): void {
    const { tables } = this.#families[family];
    const rules = tables.list().flatMap((t) => [...t.chains.values()].flatMap((c) => c.rules));
    for (const t of tables.list()) tables.get(t.name)?.changed();
    if (rules.some(needsConntrack)) this.track(family);
    this.#install(family);
  }

  #install(family: Family): void {
    const { hooks } = this.#families[family];
    const nf = hooks.isEmpty ? null : hooks;
    if (family === 'inet') this.netns.ipv4.nf = nf;
    else this.netns.ipv6.nf = nf;
  }

  /** Tracks the connections of a family from now on. `nf_ct_netns_do_get()` */
  track(family: Family): void {
    const f = this.#families[family];
    if (f.tracks) return;
    f.tracks = true;
    const isIpv6 = family === 'inet6';
    const tracking = this.conntrack;
    const enter: HookFn = { run: (skb, hook) => tracking.in(skb, isIpv6, hook) };
    const help: HookFn = { run: (skb) => this.#help(tracking, skb, isIpv6) };
    const confirm: HookFn = { run: (skb) => tracking.confirm(skb) };
    for (const hook of [PRE_ROUTING, LOCAL_OUT]) f.hooks.register(hook, NF_IP_PRI_CONNTRACK, enter);
    this.netns[isIpv6 ? 'ipv6' : 'ipv4'].defragsEarly = true;
    for (const hook of [LOCAL_IN, POST_ROUTING]) {
      f.hooks.register(hook, NF_IP_PRI_CONNTRACK_HELPER, help);
      f.hooks.register(hook, NF_IP_PRI_CONNTRACK_CONFIRM, confirm);
    }
    this.#install(family);
  }

  /** `nf_confirm()` calls the helper of a connection, and moves sequence numbers, before it is confirmed. */
  #help(tracking: Conntrack, skb: SkBuff, isIpv6: boolean): number {
    const ct = skb.ct as NfConn | null;
    if (ct === null || (ct.helper === null && (ct.status & IPS_SEQ_ADJUST) === 0)) return NF_ACCEPT;
    const p = this.#packet;
    if (skb.ctinfo === IP_CT_RELATED_REPLY || !p.read(skb, skb.nh, isIpv6)) return NF_ACCEPT;
    const dir = ctDir(skb.ctinfo);
    const helper = skb.ctinfo === IP_CT_RELATED ? undefined : tracking.helperOf(ct);
    const verdict = helper?.help(tracking, ct, dir, skb, p.thoff) ?? NF_ACCEPT;
    if (verdict === NF_ACCEPT && p.proto === IPPROTO_TCP && this.#nat !== null)
      this.#nat.seqAdjust.adjust(ct, dir, skb, p.thoff);
    return verdict;
  }

  /** Lets NAT see the packets of a family from now on, once a rule has its connections tracked. `nf_nat_register_fn()` */
  hangNat(family: Family): void {
    const f = this.#families[family];
    if (f.hasNat) return;
    f.hasNat = true;
    const isIpv6 = family === 'inet6';
    const { nat } = this;
    const rules: NatChain = (skb, hook, indev, outdev) =>
      this.#natRules(family, skb, hook, indev, outdev);
    const fn: HookFn = {
      run: (skb, hook, indev, outdev) => nat.run(skb, isIpv6, hook, indev, outdev, rules),
    };
    f.hooks.register(PRE_ROUTING, NF_IP_PRI_NAT_DST, fn);
    f.hooks.register(LOCAL_OUT, NF_IP_PRI_NAT_DST, fn);
    f.hooks.register(POST_ROUTING, NF_IP_PRI_NAT_SRC, fn);
    f.hooks.register(LOCAL_IN, NF_IP_PRI_NAT_SRC, fn);
  }

  /** What mangle does to a packet of ours may lead it elsewhere. `ipt_mangle_out()` */
  hangReroute(family: Family): void {
    const f = this.#families[family];
    if (f.reroutes || family === 'inet6') return;
    f.reroutes = true;
    const { hooks } = f;
    const reroute = new MangleReroute(this.netns);
    hooks.register(LOCAL_OUT, NF_IP_PRI_MANGLE - 1, { run: (skb) => reroute.before(skb) });
    hooks.register(LOCAL_OUT, NF_IP_PRI_MANGLE + 1, { run: (skb) => reroute.after(skb) });
  }

  /** Asks the NAT chains in order of priority until one has bound the connection. `nf_nat_inet_fn()` */
  #natRules(
    family: Family,
    skb: SkBuff,
    hook: number,
    indev: NetDevice | null,
    outdev: NetDevice | null,
  ): number {
    const live = this.#families[family].tables.get('nat');
    const own = hook === PRE_ROUTING || hook === LOCAL_OUT ? NF_IP_PRI_NAT_DST : NF_IP_PRI_NAT_SRC;
    const done = own === NF_IP_PRI_NAT_DST ? IPS_DST_NAT_DONE : IPS_SRC_NAT_DONE;
    const chains = this.#nft?.nat[family][hook] ?? NO_CHAINS;
    const hasXt = live?.table.chains.has(HOOK_NAMES[hook] as string) === true;
    let askedXt = !hasXt;
    for (let i = 0; i <= chains.length; i++) {
      const next = chains[i];
      if (!askedXt && (next === undefined || next.priority >= own)) {
        askedXt = true;
        const verdict = (live as LiveTable).run(skb, hook, indev, outdev);
        if (verdict !== NF_ACCEPT || isBound(skb, done)) return verdict;
      }
      if (next === undefined) break;
      const verdict = next.fn.run(skb, hook, indev, outdev);
      if (verdict !== NF_ACCEPT || isBound(skb, done)) return verdict;
    }
    return NF_ACCEPT;
  }

  #env(isIpv6: boolean): Omit<TargetEnv, 'chain'> {
    return {
      isIpv6,
      nat:
        (t: NatTarget): Action =>
        (p) =>
          this.nat.target(t, p.skb, isIpv6, p.hook, p.indev, p.outdev),
      ct: (t: CtTarget): Action => this.#ctAction(t),
      nflog:
        (t): Action =>
        (p) => {
          this.netns.kernel.trace.nflog.emit(p.skb, t.group, t.prefix, p.indev, p.outdev);
          return XT_CONTINUE;
        },
      pathMtu: (p) => this.#pathMtu(p),
    };
  }

  /** `xt_ct_target()` */
  #ctAction(t: CtTarget): Action {
    const { zone } = t;
    const zoneDirs = ZONE_DIRS[zone?.dir ?? 'both'];
    const template = templatesOf(zoneDirs, t.helper ?? null);
    return (p) => {
      if (p.skb.ct !== null || p.skb.ctinfo === IP_CT_UNTRACKED) return XT_CONTINUE; // the first such rule counts
      if (t.notrack) {
        p.skb.ctinfo = IP_CT_UNTRACKED;
        return XT_CONTINUE;
      }
      putTemplate(p.skb, template(zone?.id === 'mark' ? p.skb.mark & 0xffff : (zone?.id ?? 0)));
      return XT_CONTINUE;
    };
  }

  /** The smaller of the MTUs of a packet's way and of the way back. */
  #pathMtu(p: XtPacket): number {
    const there = p.isIpv6
      ? (p.outdev?.mtu ?? 0xffff)
      : ((p.skb.dst as Rtable | null)?.mtu(this.netns.sim, false) ?? 0xffff);
    if (p.isIpv6) return Math.min(there, p.indev?.mtu ?? 0xffff);
    const { ipv4 } = this.netns;
    const back = ipv4.routeOutput(wayBack.to(p.saddr)) === undefined ? ipv4.rt : null;
    return Math.min(there, back?.mtu(this.netns.sim, false) ?? 0xffff);
  }

  /** What NAT must know of addresses. */
  onAddressGone(ifindex: number, addr: InetAddr): void {
    this.#nat?.addressGone(ifindex, addr);
  }

  /** What NAT must know of devices. */
  onDeviceEvent(dev: NetDevice, event: NetdevEvent): void {
    if (event === 'DOWN') this.#nat?.deviceDown(dev.ifindex);
  }
}
