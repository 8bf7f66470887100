/**
 * What a bridge knows of multicast: who listens to which group, who asks, where routers are. Without a querier, its own or
 * another, it knows but does not act: all groups are flooded. Linux net/bridge/br_multicast.c, `struct net_bridge_mcast`.
 * @deviation sources that reports of IGMPv3 and MLDv2 list are not looked at: who wants some of a group gets all of it
 */
import type { MacAddr } from '@labwire/core/addr';
import { type Nanos, SEC } from '@labwire/core/sim';
import { ETH_P_IP } from '@labwire/core/wire';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import type { GroupKey } from './group-key.ts';
import { insertPort, Mdb, type MdbEntry, type PortGroup, removePort } from './mdb.ts';
import { OwnQuery } from './own-query.ts';
import {
  type McastFamily,
  PortMulticast,
  ROUTER_DISABLED,
  ROUTER_PERM,
  ROUTER_TEMP,
  ROUTER_TEMP_QUERY,
} from './port-multicast.ts';
import { OtherQuerier } from './querier.ts';
import { sendQuery } from './send-query.ts';

/** A bridge's multicast, with the settings of `ip link set … type bridge mcast_*`. */
export class BridgeMulticast {
  readonly #bridge: Bridge;
  readonly mdb: Mdb = new Mdb();
  /** What it knows of its own machine. */
  readonly own: PortMulticast = new PortMulticast();
  readonly #other4: OtherQuerier;
  readonly #other6: OtherQuerier;
  snooping = true;
  querier = false;
  queryUseIfaddr = false;
  hashMax = 4096;
  lastMemberCount = 2;
  startupQueryCount = 2;
  lastMemberInterval: Nanos = SEC;
  membershipInterval: Nanos = 260 * SEC;
  querierInterval: Nanos = 255 * SEC;
  queryInterval: Nanos = 125 * SEC;
  queryResponseInterval: Nanos = 10 * SEC;
  /** A quarter of the query interval, in whole ticks. */
  startupQueryInterval: Nanos = 31.248 * SEC;
  igmpVersion = 2;
  mldVersion = 1;
  /** Whether it had an IPv6 address when it last wanted to ask. BROPT_HAS_IPV6_ADDR */
  hasIpv6Addr = true;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.#other4 = new OtherQuerier(bridge, 'inet');
    this.#other6 = new OtherQuerier(bridge, 'inet6');
  }

  /** Who else asks. */
  other(family: McastFamily): OtherQuerier {
    return family === 'inet' ? this.#other4 : this.#other6;
  }

  /** Whether groups of a family are known well enough to act on. `br_multicast_querier_exists()` */
  querierExists(isIpv6: boolean): boolean {
    const { now } = this.#bridge.clock;
    return isIpv6
      ? this.#other6.exists(this.querier && this.hasIpv6Addr, now)
      : this.#other4.exists(this.querier, now);
  }

  #ownQuery(port: BridgePort | null, family: McastFamily): OwnQuery {
    const state = port === null ? this.own : port.mcast;
    if (family === 'inet') return (state.query4 ??= new OwnQuery(this.#bridge, port, family));
    return (state.query6 ??= new OwnQuery(this.#bridge, port, family));
  }

  /** The bridge has been set up. `br_multicast_open()` */
  open(): void {
    if (!this.snooping || !this.querier) return;
    for (const family of ['inet', 'inet6'] as const) this.#ownQuery(null, family).start();
  }

  /** The bridge is being set down. `br_multicast_stop()` */
  stop(): void {
    this.own.forgetRouter();
    this.own.stopQueries();
    this.#other4.stop();
    this.#other6.stop();
  }

  /** A port can pass frames. `br_multicast_enable_port()` */
  enablePort(port: BridgePort): void {
    if (!this.snooping || !this.querier || !this.#bridge.isUp) return;
    for (const family of ['inet', 'inet6'] as const) this.#ownQuery(port, family).start();
  }

  /** A port cannot any more. `br_multicast_disable_port()` */
  disablePort(port: BridgePort): void {
    this.mdb.deletePort(port, false, this.#bridge.clock.now);
    port.mcast.forgetRouter();
    port.mcast.stopQueries();
  }

  /** A port is gone. `br_multicast_del_port()` */
  removePort(port: BridgePort): void {
    this.mdb.deletePort(port, true, this.#bridge.clock.now);
    port.mcast.stopQueries();
  }

  /** `br_multicast_set_querier()` */
  setQuerier(on: boolean): void {
    if (on === this.querier) return;
    this.querier = on;
    if (!on) return;
    this.#other4.beginDelay();
    this.startQuerier('inet');
    this.#other6.beginDelay();
    this.startQuerier('inet6');
  }

  /** Asks everywhere, if it may. `br_multicast_start_querier()` */
  startQuerier(family: McastFamily): void {
    const { isUp, portList } = this.#bridge;
    if (!this.querier || !this.snooping || !isUp) return;
    this.#ownQuery(null, family).start();
    for (const port of portList)
      if (port.state !== 'disabled' && port.state !== 'blocking')
        this.#ownQuery(port, family).start();
  }

  /** `br_multicast_toggle()`, without the groups that the bridge itself joins */
  setSnooping(on: boolean): void {
    this.snooping = on;
    const { portList, clock, isUp } = this.#bridge;
    if (!on) for (const port of portList) this.mdb.deletePort(port, false, clock.now);
    if (!on || !isUp) return;
    this.open();
    for (const port of portList)
      if (port.state !== 'disabled' && port.state !== 'blocking') this.enablePort(port);
  }

  /** @returns whether there is such a value. `br_multicast_set_router()` */
  setRouter(value: number): boolean {
    if (value !== ROUTER_DISABLED && value !== ROUTER_TEMP_QUERY && value !== ROUTER_PERM)
      return false;
    if (value !== this.own.router) this.own.forgetRouter();
    this.own.router = value;
    return true;
  }

  /** @returns whether there is such a value. `br_multicast_set_port_router()` */
  setPortRouter(port: BridgePort, value: number): boolean {
    if (!(value >= ROUTER_DISABLED && value <= ROUTER_TEMP)) return false;
    const { mcast } = port;
    if (value !== mcast.router || value === ROUTER_TEMP) mcast.forgetRouter();
    mcast.router = value;
    if (value === ROUTER_TEMP) {
      mcast.routerUntil4 = this.#bridge.clock.now + this.querierInterval;
      mcast.routerUntil6 = mcast.routerUntil4;
    }
    return true;
  }

  /** A router was heard at a port, or in the bridge's own machine. `br_multicast_mark_router()` */
  markRouter(port: BridgePort | null, family: McastFamily): void {
    const state = port === null ? this.own : port.mcast;
    const { router } = state;
    if (router === ROUTER_DISABLED || router === ROUTER_PERM) return;
    const until = this.#bridge.clock.now + this.querierInterval;
    if (family === 'inet') state.routerUntil4 = until;
    else state.routerUntil6 = until;
  }

  /** The entry of a group, a new one if need be; null if there are too many: then it snoops no more. `br_multicast_new_group()` */
  entryOf(key: GroupKey): MdbEntry | null {
    const known = this.mdb.get(key);
    if (known !== null) return known;
    if (this.mdb.size >= this.hashMax) this.mdb.purge(this.#bridge.clock.now);
    if (this.mdb.size < this.hashMax) return this.mdb.add(key);
    this.snooping = false;
    return null;
  }

  /** Somebody at a port, or with null the bridge's own machine, wants a group. `__br_multicast_add_group()` */
  join(port: BridgePort | null, key: GroupKey, addr: MacAddr): void {
    if (!this.#bridge.isUp || port?.state === 'disabled') return;
    const entry = this.entryOf(key);
    if (entry === null) return;
    const { now } = this.#bridge.clock;
    const expires = now + this.membershipInterval;
    if (port === null) {
      entry.hostExpires = expires;
      return;
    }
    const known = entry.find(port, addr, now);
    if (known === undefined) this.#insert(entry, port, addr, expires);
    else if (!known.permanent) known.expires = expires;
  }

  #insert(entry: MdbEntry, port: BridgePort, addr: MacAddr, expires: Nanos): void {
    const { now } = this.#bridge.clock;
    entry.ports = entry.ports.filter((p) => p.expires > now);
    insertPort(entry, {
      port,
      addr,
      permanent: false,
      protocol: 'kernel',
      filterMode: 'exclude',
      expires,
    });
  }

  /** Somebody wants a group no more: asks whether others do, and forgets it soon if nobody answers. `br_multicast_leave_group()` */
  leave(port: BridgePort | null, key: GroupKey, addr: MacAddr): void {
    if (!this.#bridge.isUp || port?.state === 'disabled') return;
    const entry = this.mdb.get(key);
    if (entry === null) return;
    const { now } = this.#bridge.clock;
    const group = port === null ? undefined : entry.find(port, addr, now);
    if (port?.fastLeave === true) {
      if (group !== undefined && !group.permanent) removePort(entry, group);
      return;
    }
    const family = key.proto === ETH_P_IP ? 'inet' : 'inet6';
    if (this.other(family).pending) return;
    const soon = this.lastMemberCount * this.lastMemberInterval;
    if (this.querier) {
      sendQuery(this.#bridge, port, family, entry.key);
      this.#ownQuery(port, family).postpone(soon);
    }
    if (port === null) entry.hostExpires = Math.min(entry.hostExpires, now + soon);
    else if (group !== undefined) this.#shorten(group, now + soon);
  }

  /** Another querier has asked about one group: whoever does not answer is forgotten. `br_ip4_multicast_query()` */
  askedAbout(key: GroupKey, maxDelay: Nanos): void {
    const entry = this.mdb.get(key);
    if (entry === null) return;
    const until = this.#bridge.clock.now + maxDelay * this.lastMemberCount;
    if (entry.hostExpires > until) entry.hostExpires = until;
    for (const group of entry.ports) this.#shorten(group, until);
  }

  #shorten(group: PortGroup, until: Nanos): void {
    if (!group.permanent && group.expires > until) group.expires = until;
  }
}
