import { parseMac } from '@labwire/core/addr';
import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { addrDump, linkDel, linkSet } from '@labwire/devices/rtnetlink';
import { EventLoop, SignalFlag, type Strand } from '../../libc-net/index.ts';
import type { Machine, Process } from '../../machine/index.ts';
import { flushDevice, linkByName } from '../../network-config/index.ts';
import { type Profile, verify } from '../profile/index.ts';
import { Activation, type ActivationHost, STEP } from './activation.ts';
import { ActiveConnection } from './active-connection.ts';
import { DeviceState, NmDevice } from './device.ts';
import { externalProfile, wiredProfile } from './generated.ts';
import { deviceNameOf, makeLink } from './make-link.ts';
import { NmError } from './nm-error.ts';
import { ProfileStore } from './profile-store.ts';
import { writeResolvConf } from './resolv-conf.ts';

const LOOPBACK_ARPHRD = 772;

/** The daemon that runs on a machine: its name on the system bus. */
const RUNNING = new WeakMap<Machine, NetworkManager>();

/** The NetworkManager of a machine; undefined if none runs. */
export function managerOf(machine: Machine): NetworkManager | undefined {
  return RUNNING.get(machine);
}

/** NetworkManager: what it knows and does. src/core/nm-manager.c */
export class NetworkManager implements ActivationHost {
  readonly proc: Process;
  readonly store: ProfileStore;
  /** Woken when something that clients may wait for has changed. */
  readonly changed: WaitQueue = new WaitQueue();
  readonly #devices = new Map<number, NmDevice>();
  readonly #loop: EventLoop;
  readonly #kick = new SignalFlag();
  readonly #activation = new Activation(this);
  #deviceCount = 0;
  #activeCount = 0;
  networking = true;

  constructor(proc: Process) {
    this.proc = proc;
    this.store = new ProfileStore(proc);
    this.#loop = new EventLoop(proc);
  }

  /** Serves until a signal comes. */
  async run(stop: SignalFlag): Promise<void> {
    RUNNING.set(this.proc.machine, this);
    this.store.load();
    this.#loop.add(this.#onKick());
    this.#loop.add(this.#onKernel());
    this.#loop.add(untilRaised(stop));
    this.#sync(true);
    this.autoActivate();
    writeResolvConf(this);
    while (!stop.raised) await this.#loop.turn();
    RUNNING.delete(this.proc.machine);
    this.changed.wake();
  }

  /** All devices, in the order in which they were found. */
  get devices(): readonly NmDevice[] {
    return [...this.#devices.values()];
  }

  device(name: string): NmDevice | undefined {
    return this.devices.find((dev) => dev.name === name);
  }

  /** The profiles that are in use. */
  get actives(): readonly ActiveConnection[] {
    return this.devices.flatMap((dev) => dev.active ?? []);
  }

  activeOf(profile: Profile): ActiveConnection | undefined {
    return this.actives.find((active) => active.profile === profile);
  }

  /** The device whose default route is the one that is taken. */
  get defaultDevice(): NmDevice | undefined {
    const having = this.devices.filter(
      (dev) =>
        dev.isActivated && dev.routes.some((r) => r.dstLen === 0 && typeof r.dst === 'number'),
    );
    return having.sort((a, b) => a.metric - b.metric)[0];
  }

  *#onKick(): Strand {
    for (;;) {
      yield { on: this.#kick, events: POLLIN };
      this.#kick.raised = false;
      this.autoActivate();
    }
  }

  /** What others do to devices and addresses. */
  *#onKernel(): Strand {
    const { changes } = this.proc.netns;
    let seen = changes.count;
    const news: Pollable = { poll: () => (changes.count === seen ? 0 : POLLIN), wq: changes.wq };
    for (;;) {
      yield { on: news, events: POLLIN };
      seen = changes.count;
      this.#sync(false);
      this.autoActivate();
    }
  }

  #tell(): void {
    this.#kick.raise();
    this.changed.wake();
  }

  /** Looks at what devices there are, and what others have made of them. */
  #sync(first: boolean): void {
    const links = this.proc.netns.devices.list();
    for (const [ifindex, dev] of this.#devices)
      if (!links.includes(dev.link)) this.#forget(ifindex, dev);
    for (const link of links) {
      if (this.#devices.has(link.ifindex)) continue;
      const dev = new NmDevice(++this.#deviceCount, link);
      this.#devices.set(link.ifindex, dev);
      this.#meet(dev, first);
      this.#look(dev);
    }
    for (const dev of this.devices) this.#look(dev);
  }

  #forget(ifindex: number, dev: NmDevice): void {
    this.#devices.delete(ifindex);
    this.#end(dev, 'the device went away');
  }

  /** A device that was not there before. */
  #meet(dev: NmDevice, first: boolean): void {
    const { link } = dev;
    const isNic = dev.type === 'ethernet' && this.#mayManage(dev);
    if (isNic && !this.store.hasFor(dev)) this.store.addGenerated(wiredProfile(this.store, dev));
    if (!first || link.arphrd === LOOPBACK_ARPHRD) return;
    if (isNic && !this.#isConfigured(dev))
      linkSet(this.proc.netns, link.ifindex, { setFlags: IFF_UP });
  }

  /** Links to other namespaces are left alone, but for those that are called as NICs are. 85-nm-unmanaged.rules */
  #mayManage(dev: NmDevice): boolean {
    if (dev.userUnmanaged || !this.networking) return false;
    const isVeth = dev.link.linkType === 'veth';
    return dev.profileType !== undefined && (!isVeth || /^eth\d/.test(dev.name));
  }

  /** Whether somebody has given it addresses or a master. */
  #isConfigured({ link }: NmDevice): boolean {
    if (link.master !== null) return true;
    return addrDump(this.proc.netns).some((a) => a.ifindex === link.ifindex && a.scope !== 253);
  }

  /** Brings a device's state in line with what it is. */
  #look(dev: NmDevice): void {
    const { active } = dev;
    if (active?.external === true) {
      if (!this.#isConfigured(dev)) this.#end(dev, undefined);
      return;
    }
    if (active !== undefined || dev.owned) return;
    if (!this.#mayManage(dev)) {
      dev.state = DeviceState.unmanaged;
    } else if (this.#isConfigured(dev)) {
      this.#adopt(dev);
    } else if (dev.isSoftware) {
      dev.state = dev.touched ? DeviceState.disconnected : DeviceState.unmanaged;
    } else if (dev.state < DeviceState.disconnected || !dev.link.carrier) {
      if (!dev.link.isUp) linkSet(this.proc.netns, dev.link.ifindex, { setFlags: IFF_UP });
      dev.state = dev.link.carrier ? DeviceState.disconnected : DeviceState.unavailable;
    }
  }

  /** Somebody else has set the device up: it is shown as it is. */
  #adopt(dev: NmDevice): void {
    const profile = externalProfile(this.store, dev, this);
    this.store.addGenerated(profile);
    const active = new ActiveConnection(++this.#activeCount, profile, dev, true);
    active.state = 'activated';
    dev.active = active;
    dev.touched = true;
    dev.state = DeviceState.activated;
    this.#reserveMetric(dev);
    this.changed.wake();
  }

  #reserveMetric(dev: NmDevice): void {
    const { baseMetric } = dev;
    const others = this.devices.filter(
      (d) => d !== dev && d.metric > 0 && d.baseMetric === baseMetric,
    );
    dev.metric = others.reduce((max, d) => Math.max(max, d.metric + 1), baseMetric);
  }

  /** Activates what is to be activated by itself. nm-policy.c */
  autoActivate(): void {
    if (!this.networking) return;
    for (const profile of this.store.byAutoconnect()) {
      if (profile.blocked || this.activeOf(profile) !== undefined) continue;
      const dev = this.#autoDevice(profile);
      if (dev === undefined) continue;
      try {
        this.activate(profile, dev === 'new' ? undefined : dev, true);
      } catch (e) {
        if (!(e instanceof NmError)) throw e;
        profile.blocked = true;
      }
    }
  }

  /** Where a profile would be activated by itself. */
  #autoDevice(profile: Profile): NmDevice | 'new' | undefined {
    const software = profile.type !== '802-3-ethernet' && profile.type !== 'loopback';
    if (software) {
      const existing = this.device(deviceNameOf(profile));
      if (existing === undefined) return deviceNameOf(profile) === '' ? undefined : 'new';
      return existing.state === DeviceState.disconnected && existing.owned ? existing : undefined;
    }
    const dev = this.devices.find(
      (d) => d.state === DeviceState.disconnected && d.autoconnect && this.fits(profile, d),
    );
    if (dev === undefined || !profile.isPort) return dev;
    const master = this.#masterProfile(profile);
    if (master === undefined) return undefined;
    const mayStart = !master.blocked && master.yes('connection', 'autoconnect');
    return mayStart || this.activeOf(master) !== undefined ? dev : undefined;
  }

  /** Whether a profile is for such a device. */
  fits(profile: Profile, dev: NmDevice): boolean {
    if (profile.type !== dev.profileType) return false;
    const name = deviceNameOf(profile);
    if (name !== '' && name !== dev.name) return false;
    const mac = profile.get('802-3-ethernet', 'mac-address');
    return mac === '' || mac === dev.hwAddress || parseMac(mac) === dev.link.permAddr;
  }

  #masterProfile(profile: Profile): Profile | undefined {
    const { master } = profile;
    return this.store.profiles.find(
      (p) => !p.isPort && (p.uuid === master || deviceNameOf(p) === master || p.id === master),
    );
  }

  /**
   * Puts a profile to use: on `wanted`, on the device that it names, or on one that fits.
   * @throws NmError
   */
  activate(profile: Profile, wanted: NmDevice | undefined, auto = false): ActiveConnection {
    const dev = wanted ?? this.#deviceFor(profile);
    if (!auto) {
      profile.blocked = false;
      profile.retries = 4;
      dev.autoconnect = true;
    }
    if (!this.#mayManage(dev))
      throw new NmError(
        'activation',
        `Connection '${profile.id}' is not available on device ${dev.name} because device is strictly unmanaged`,
      );
    if (dev.active?.external === true && dev.isSoftware) dev.touched = true;
    const ports = this.actives.filter((a) => !a.external && a.device.link.master === dev.link);
    this.#leave(dev);
    const active = new ActiveConnection(++this.#activeCount, profile, dev, false);
    dev.active = active;
    dev.applied = profile.copy();
    dev.state = DeviceState.prepare;
    this.#reserveMetric(dev);
    this.start(dev, this.#activation.run(dev, active, STEP));
    for (const port of ports) this.activate(port.profile, port.device, true);
    this.#tell();
    return active;
  }

  start(dev: NmDevice, strand: Strand): void {
    dev.strands.push(strand);
    this.#loop.add(strand);
  }

  /** The device for a profile, which is made if it is one that can be. @throws NmError */
  #deviceFor(profile: Profile): NmDevice {
    const name = deviceNameOf(profile);
    const software = profile.type !== '802-3-ethernet' && profile.type !== 'loopback';
    const found = this.devices.find(
      (d) => this.fits(profile, d) && (name !== '' || d.active === undefined),
    );
    if (found !== undefined) return found;
    const free = this.devices.find((d) => this.fits(profile, d) && this.#mayManage(d));
    if (free !== undefined) return free;
    if (!software || linkByName(this.proc, name) !== undefined) {
      const other = this.devices.find((d) => d.link.arphrd !== LOOPBACK_ARPHRD) ?? this.devices[0];
      throw new NmError(
        'activation',
        `No suitable device found for this connection (device ${other?.name ?? 'lo'} not available because profile is not compatible with device (mismatching interface name)).`,
      );
    }
    makeLink(this.proc, profile);
    this.#sync(false);
    const dev = this.device(name) as NmDevice;
    dev.owned = true;
    dev.state = DeviceState.disconnected;
    return dev;
  }

  /** Ends what a device does at present, for something else. */
  #leave(dev: NmDevice): void {
    const { active } = dev;
    if (active === undefined) return;
    active.state = 'deactivated';
    this.#stop(dev);
    if (active.external) this.store.removeGenerated(active.profile);
    if (dev.link.master !== null) linkSet(this.proc.netns, dev.link.ifindex, { master: 0 });
    flushDevice(this.proc, dev.link);
    dev.active = undefined;
  }

  #stop(dev: NmDevice): void {
    for (const strand of dev.strands.splice(0)) this.#loop.remove(strand);
    dev.client = undefined;
    dev.lease = undefined;
    dev.routes = [];
    dev.metric = 0;
  }

  /** Its activation is over, or its device gone. */
  #end(dev: NmDevice, failure: string | undefined): void {
    const { active } = dev;
    if (active === undefined) return;
    active.failure = failure;
    active.state = 'deactivated';
    this.#stop(dev);
    if (active.external) this.store.removeGenerated(active.profile);
    dev.active = undefined;
    dev.state = dev.touched || !dev.isSoftware ? DeviceState.disconnected : DeviceState.unmanaged;
    writeResolvConf(this);
    this.#tell();
  }

  /** Takes a profile out of use. @param block whether it may come back by itself */
  deactivate(active: ActiveConnection, block: boolean): void {
    const { device: dev, profile } = active;
    if (block) profile.blocked = true;
    const ports = this.actives.filter((a) => !a.external && a.device.link.master === dev.link);
    const guests = this.actives.filter((a) => a.external && a.device.link.master === dev.link);
    for (const port of ports) this.#down(port.device);
    for (const { device } of guests) {
      linkSet(this.proc.netns, device.link.ifindex, { master: 0 });
      device.touched = false;
    }
    this.#down(dev);
  }

  #down(dev: NmDevice): void {
    const owned = dev.owned;
    if (!dev.isExternal) this.#leave(dev);
    this.#end(dev, undefined);
    dev.state = DeviceState.disconnected;
    if (owned) {
      this.#devices.delete(dev.link.ifindex);
      linkDel(this.proc.netns, dev.link.ifindex);
    }
    writeResolvConf(this);
    this.#tell();
  }

  /** An activation that came to nothing: it is tried again a few times. Runs inside the activation's own strand. */
  fail(dev: NmDevice, why: string): void {
    const { active } = dev;
    if (active === undefined) return;
    const { profile } = active;
    profile.retries--;
    if (profile.retries <= 0) profile.blocked = true;
    dev.strands.shift();
    this.#leave(dev);
    active.failure = why;
    dev.state = DeviceState.disconnected;
    this.#tell();
  }

  /** Makes a device what its profile says by now. @throws NmError */
  reapply(dev: NmDevice, profile: Profile): void {
    const { active } = dev;
    if (active === undefined || active.external)
      throw new NmError('device', 'Device is not activated');
    this.#stop(dev);
    flushDevice(this.proc, dev.link);
    dev.applied = profile.copy();
    this.#reserveMetric(dev);
    active.state = 'activating';
    this.start(dev, this.#activation.run(dev, active, 0));
    this.#tell();
  }

  masterOf(profile: Profile): ActiveConnection {
    const own = this.#masterProfile(profile);
    if (own === undefined) throw new NmError('activation', 'Master connection not found');
    return this.activeOf(own) ?? this.activate(own, undefined, true);
  }

  dnsChanged(): void {
    writeResolvConf(this);
  }

  /** Adds a profile. @throws NmError */
  add(profile: Profile): void {
    const wrong = verify(profile);
    if (wrong !== undefined) throw new NmError('settings', wrong);
    this.store.add(profile);
    this.#tell();
  }

  /** Changes a profile to what `changed` says. @throws NmError */
  update(profile: Profile, changed: Profile): void {
    const wrong = verify(changed);
    if (wrong !== undefined) throw new NmError('settings', wrong);
    this.store.update(profile, changed);
    profile.blocked = false;
    this.#tell();
  }

  /** Deletes a profile; a device that uses it is left. */
  remove(profile: Profile): void {
    const active = this.activeOf(profile);
    this.store.remove(profile);
    if (active !== undefined) this.deactivate(active, false);
    this.#tell();
  }

  /** Disconnects a device, which stays so until somebody asks for more. */
  disconnect(dev: NmDevice): void {
    dev.autoconnect = false;
    const { active } = dev;
    if (active === undefined || active.external) return;
    this.deactivate(active, dev.isSoftware);
  }

  /** Deletes a software device. @throws NmError */
  deleteDevice(dev: NmDevice): void {
    if (!dev.isSoftware || dev.type === 'loopback')
      throw new NmError('device', 'Device is not a software device or does not exist.');
    if (dev.active !== undefined) this.deactivate(dev.active, true);
    if (linkByName(this.proc, dev.name) !== undefined) linkDel(this.proc.netns, dev.link.ifindex);
    this.#tell();
  }

  /** Has a device managed or left alone. */
  setManaged(dev: NmDevice, managed: boolean): void {
    dev.userUnmanaged = !managed;
    if (!managed && dev.active !== undefined && !dev.isExternal) this.deactivate(dev.active, false);
    if (!managed) dev.state = DeviceState.unmanaged;
    this.#sync(false);
    this.#tell();
  }

  /** Turns everything on or off. */
  setNetworking(on: boolean): void {
    if (!on)
      for (const active of this.actives) if (!active.external) this.deactivate(active, false);
    this.networking = on;
    for (const dev of this.devices) if (!on) this.#unmanage(dev);
    this.#sync(false);
    this.#tell();
  }

  #unmanage(dev: NmDevice): void {
    if (dev.active !== undefined) this.#end(dev, undefined);
    dev.state = DeviceState.unmanaged;
    if (dev.type !== 'loopback') linkSet(this.proc.netns, dev.link.ifindex, { clearFlags: IFF_UP });
  }
}

function* untilRaised(stop: SignalFlag): Strand {
  yield { on: stop, events: POLLIN };
}
