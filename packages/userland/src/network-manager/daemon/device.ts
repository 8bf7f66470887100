import { formatMac } from '@labwire/core/addr';
import type { NetDevice } from '@labwire/devices/link';
import { GuestNic } from '../../hypervisor/index.ts';
import type { Strand } from '../../libc-net/index.ts';
import type { Dhcp4Client, Dhcp4Lease, StaticRoute } from '../../network-config/index.ts';
import type { Profile, ProfileType } from '../profile/index.ts';
import type { ActiveConnection } from './active-connection.ts';

/** NMDeviceState by number. */
export const DeviceState = {
  unmanaged: 10,
  unavailable: 20,
  disconnected: 30,
  prepare: 40,
  config: 50,
  ipConfig: 70,
  ipCheck: 80,
  activated: 100,
  deactivating: 110,
  failed: 120,
} as const;

/** What NetworkManager calls devices, by what the kernel does. */
const TYPES: Readonly<Record<string, string>> = {
  veth: 'ethernet',
  bridge: 'bridge',
  bond: 'bond',
  vlan: 'vlan',
  tun: 'tun',
  dummy: 'dummy',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  vxlan: 'vxlan',
};

/** The metric of routes by a type of device. nm_device_get_route_metric_default() */
const METRICS: Readonly<Record<string, number>> = {
  ethernet: 100,
  bond: 300,
  vlan: 400,
  macvlan: 410,
  bridge: 425,
  tun: 450,
  vxlan: 500,
  dummy: 550,
};
const METRIC_OTHER = 10_000;

/** The profile type that fits a device. */
const PROFILE_TYPES: Readonly<Record<string, ProfileType>> = {
  ethernet: '802-3-ethernet',
  bridge: 'bridge',
  bond: 'bond',
  vlan: 'vlan',
  tun: 'tun',
  dummy: 'dummy',
  loopback: 'loopback',
};

/** A network device as NetworkManager sees it. NMDevice */
export class NmDevice {
  readonly number: number;
  readonly link: NetDevice;
  state: number = DeviceState.unmanaged;
  /** Why it is in its state: NMDeviceStateReason's words, for whoever waits. */
  failure: string | undefined;
  active: ActiveConnection | undefined;
  /** Whether a user has said that it is not to be managed. */
  userUnmanaged = false;
  /** Not to be activated by itself: it was disconnected. */
  autoconnect = true;
  /** Was set up by somebody else once. */
  touched = false;
  /** NetworkManager has made it, and takes it away. */
  owned = false;
  /** What activates it at present, or keeps it going. */
  strands: Strand[] = [];
  client: Dhcp4Client | undefined;
  lease: Dhcp4Lease | undefined;
  /** As whom it asked for the lease. */
  clientId: Uint8Array = new Uint8Array(0);
  /** The values that its configuration was made of. */
  applied: Profile | undefined;
  routes: StaticRoute[] = [];
  metric = 0;

  constructor(number: number, link: NetDevice) {
    this.number = number;
    this.link = link;
  }

  get name(): string {
    return this.link.name;
  }

  /** As `nmcli device` names it. */
  get type(): string {
    if (this.link.arphrd === 772) return 'loopback';
    return this.link.linkType === undefined ? 'ethernet' : (TYPES[this.link.linkType] ?? 'unknown');
  }

  get profileType(): ProfileType | undefined {
    return PROFILE_TYPES[this.type];
  }

  /** Neither a NIC nor in anybody's hands but a program's. */
  get isSoftware(): boolean {
    return this.link.linkType !== undefined || this.link.arphrd === 772;
  }

  /** The kernel's driver, as ethtool tells; undefined for a NIC that tells none. */
  get driver(): string | undefined {
    if (this.link.arphrd === 772) return 'unknown';
    if (this.link instanceof GuestNic) return this.link.model.driver;
    return this.link.linkType === 'vlan' ? '802.1Q VLAN Support' : this.link.linkType;
  }

  get hwAddress(): string {
    return formatMac(this.link.addr).toUpperCase();
  }

  get path(): string {
    return `/org/freedesktop/NetworkManager/Devices/${this.number}`;
  }

  /** Name of NetworkManager's class for it. */
  get className(): string {
    if (this.link.linkType === 'veth') return 'NMDeviceVeth';
    const type = this.type === 'unknown' ? 'generic' : this.type;
    return `NMDevice${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  }

  /** What its routes cost before others of its type are looked at. */
  get baseMetric(): number {
    return METRICS[this.type] ?? METRIC_OTHER;
  }

  get isActivated(): boolean {
    return this.state === DeviceState.activated;
  }

  /** Whether somebody else has set it up. */
  get isExternal(): boolean {
    return this.active?.external ?? false;
  }
}

/** A state as nmcli words it. nmc_device_state_to_string() */
export function stateText(dev: NmDevice): string {
  if (dev.isActivated && dev.isExternal) return 'connected (externally)';
  switch (dev.state) {
    case DeviceState.unmanaged:
      return 'unmanaged';
    case DeviceState.unavailable:
      return 'unavailable';
    case DeviceState.disconnected:
      return 'disconnected';
    case DeviceState.prepare:
      return 'connecting (prepare)';
    case DeviceState.config:
      return 'connecting (configuring)';
    case DeviceState.ipConfig:
      return 'connecting (getting IP configuration)';
    case DeviceState.ipCheck:
      return 'connecting (checking IP connectivity)';
    case DeviceState.activated:
      return 'connected';
    case DeviceState.deactivating:
      return 'deactivating';
    default:
      return 'connection failed';
  }
}
