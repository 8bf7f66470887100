import { parseMac } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { MS, type Nanos, POLLIN, type Pollable, SEC, type WaitQueue } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { linkSet } from '@labwire/devices/rtnetlink';
import { SignalFlag, type Strand } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { Dhcp4Client, flushDevice, writeSysctl } from '../../network-config/index.ts';
import type { Profile } from '../profile/index.ts';
import type { ActiveConnection } from './active-connection.ts';
import { DeviceState, type NmDevice } from './device.ts';
import { dhcpConfig } from './dhcp.ts';
import { applyLease, applyLinkLocal, applyStatic } from './ip-config.ts';
import { commitBridge } from './make-link.ts';
import { NmError } from './nm-error.ts';
import type { ProfileStore } from './profile-store.ts';

/** What a step of an activation takes. */
export const STEP: Nanos = 5 * MS;
/** How long DHCP may take. ipv4.dhcp-timeout */
const DHCP_TIMEOUT = 45 * SEC;
const NO_LEASE = 'IP configuration could not be reserved (no available address, timeout, etc.)';

/** What an activation asks of the daemon. */
export interface ActivationHost {
  readonly proc: Process;
  readonly store: ProfileStore;
  readonly changed: WaitQueue;
  /** The connection of a port's master, which is activated if it is not. @throws NmError */
  masterOf(profile: Profile): ActiveConnection;
  /** Runs something more for a device. */
  start(dev: NmDevice, strand: Strand): void;
  /** The activation came to nothing. */
  fail(dev: NmDevice, why: string): void;
  /** Name servers may be others now. */
  dnsChanged(): void;
}

/** How devices become what their profiles say. src/core/devices/nm-device.c */
export class Activation {
  readonly #host: ActivationHost;

  constructor(host: ActivationHost) {
    this.#host = host;
  }

  /** From prepared to activated. nm-device.c, activate_stage1_device_prepare() and what follows */
  *run(dev: NmDevice, active: ActiveConnection, step: number): Strand {
    const profile = dev.applied as Profile;
    yield* this.#pause(step);
    try {
      this.#configure(dev, profile);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return this.#host.fail(dev, 'The device could not be readied for configuration');
    }
    dev.state = DeviceState.config;
    yield* this.#pause(step);
    const isUp = profile.isPort
      ? this.#enslave(dev, profile)
      : yield* this.#addresses(dev, profile);
    if (!isUp) return undefined;
    dev.state = DeviceState.ipCheck;
    yield* this.#pause(step);
    dev.state = DeviceState.activated;
    active.state = 'activated';
    this.#host.store.used(active.profile);
    this.#host.dnsChanged();
    this.#host.changed.wake();
    yield {};
  }

  *#pause(time: number): Strand {
    if (time > 0) yield { until: this.#host.proc.now + time };
  }

  /** The link itself: MAC, MTU, the bridge's attributes, IPv6 or none, up. */
  #configure(dev: NmDevice, profile: Profile): void {
    const { netns } = this.#host.proc;
    const { link } = dev;
    if (!profile.isPort) this.#setIpv6(dev, profile);
    const mac = parseMac(profile.get('802-3-ethernet', 'cloned-mac-address'));
    const own = mac ?? (dev.type === 'ethernet' ? link.permAddr : undefined);
    if (own !== undefined && own !== link.addr) linkSet(netns, link.ifindex, { addr: own });
    const mtu = Number(profile.get('802-3-ethernet', 'mtu'));
    if (mtu > 0) linkSet(netns, link.ifindex, { mtu });
    if (profile.type === 'bridge') commitBridge(this.#host.proc, link.ifindex, profile);
    linkSet(netns, link.ifindex, { setFlags: IFF_UP });
  }

  #setIpv6(dev: NmDevice, profile: Profile): void {
    const base = `net/ipv6/conf/${dev.name}`;
    const method = profile.get('ipv6', 'method');
    if (method === 'ignore') return;
    writeSysctl(this.#host.proc, `${base}/accept_ra`, '0');
    writeSysctl(this.#host.proc, `${base}/disable_ipv6`, method === 'disabled' ? '1' : '0');
    linkSet(this.#host.proc.netns, dev.link.ifindex, { addrGenMode: 1 });
    flushDevice(this.#host.proc, dev.link, ['inet6']);
  }

  /** Makes a device a port of its master, which is activated if it is not. @returns whether it is one now */
  #enslave(dev: NmDevice, profile: Profile): boolean {
    const { netns } = this.#host.proc;
    const { ifindex } = dev.link;
    try {
      const { device: master } = this.#host.masterOf(profile);
      flushDevice(this.#host.proc, dev.link);
      if (master.type === 'bond') linkSet(netns, ifindex, { clearFlags: IFF_UP });
      linkSet(netns, ifindex, { master: master.link.ifindex, addrGenMode: 1 });
      linkSet(netns, ifindex, { setFlags: IFF_UP });
      if (master.type === 'bridge') this.#commitPort(dev, profile);
      return true;
    } catch (e) {
      if (!(e instanceof NmError || e instanceof KernelError)) throw e;
      this.#host.fail(dev, 'Master connection not found or invalid');
      return false;
    }
  }

  #commitPort(dev: NmDevice, profile: Profile): void {
    const slaveData: Record<string, number> = {
      priority: Number(profile.get('bridge-port', 'priority')),
      mode: profile.yes('bridge-port', 'hairpin-mode') ? 1 : 0,
    };
    if (profile.has('bridge-port', 'path-cost'))
      slaveData.cost = Number(profile.get('bridge-port', 'path-cost'));
    linkSet(this.#host.proc.netns, dev.link.ifindex, { slaveData });
  }

  /** Addresses by both families' methods. @returns whether there are as many as the profile asks for */
  *#addresses(dev: NmDevice, profile: Profile): Strand<boolean> {
    dev.state = DeviceState.ipConfig;
    this.#host.changed.wake();
    const v4 = profile.get('ipv4', 'method');
    const v6 = profile.get('ipv6', 'method');
    try {
      if (v4 === 'manual') applyStatic(this.#host.proc, dev, profile, 'ipv4');
      if (v6 === 'manual') applyStatic(this.#host.proc, dev, profile, 'ipv6');
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
    this.#host.dnsChanged();
    const none = v4 === 'disabled' && (v6 === 'disabled' || v6 === 'ignore');
    const isMaster = dev.type === 'bridge' || dev.type === 'bond';
    if (!none && isMaster) yield* this.#carrier(dev);
    if (v6 !== 'disabled' && v6 !== 'ignore')
      this.#tryKernel(() => applyLinkLocal(this.#host.proc, dev, profile));
    if (v4 !== 'auto') return true;
    if (v6 === 'manual') applyStatic(this.#host.proc, dev, profile, 'ipv6');
    return yield* this.#dhcp(dev, profile);
  }

  #tryKernel(change: () => void): void {
    try {
      change();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  *#carrier(dev: NmDevice): Strand {
    const { changes } = this.#host.proc.netns;
    const news: Pollable = { poll: () => (dev.link.running ? POLLIN : 0), wq: changes.wq };
    while (!dev.link.running) yield { on: news, events: POLLIN };
  }

  *#dhcp(dev: NmDevice, profile: Profile): Strand<boolean> {
    const got = new SignalFlag();
    const config = dhcpConfig(this.#host, dev, profile);
    dev.clientId = config.clientId;
    const client = new Dhcp4Client(this.#host.proc, dev.link, config, {
      bound: (lease) => {
        const before = dev.lease;
        if (before !== undefined && before.address !== lease.address)
          flushDevice(this.#host.proc, dev.link, ['inet']);
        dev.lease = lease;
        applyLease(this.#host.proc, dev, profile, lease);
        applyStatic(this.#host.proc, dev, profile, 'ipv4');
        if (dev.isActivated) this.#host.dnsChanged();
        this.#host.store.keepLease(profile, dev.name, lease);
        got.raise();
      },
      lost: () => {
        flushDevice(this.#host.proc, dev.link, ['inet']);
        dev.lease = undefined;
        dev.routes = dev.routes.filter((r) => typeof r.dst !== 'number');
        this.#host.dnsChanged();
      },
    });
    dev.client = client;
    this.#host.start(dev, client.run());
    const own = Number(profile.get('ipv4', 'dhcp-timeout'));
    const timeout = own > 0 ? own * SEC : DHCP_TIMEOUT;
    const ready = yield { on: got, events: POLLIN, until: this.#host.proc.now + timeout };
    if (ready) return true;
    const others = ['manual', 'link-local', 'disabled', 'ignore'];
    const mayFail =
      profile.yes('ipv4', 'may-fail') && others.includes(profile.get('ipv6', 'method'));
    if (mayFail && profile.get('ipv6', 'method') === 'manual') return true;
    this.#host.fail(dev, NO_LEASE);
    return false;
  }
}
