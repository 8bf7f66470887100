import { addrDump, linkGet, routeDump } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../libc-net/index.ts';
import { Profile, type ProfileType } from '../profile/index.ts';
import type { NmDevice } from './device.ts';
import type { NetworkManager } from './manager.ts';
import type { ProfileStore } from './profile-store.ts';

/** The profile that a NIC without one gets. nm-device-ethernet.c, new_default_connection() */
export function wiredProfile(store: ProfileStore, dev: NmDevice): Profile {
  let n = 1;
  while (store.profiles.some((p) => p.id === `Wired connection ${n}`)) n++;
  const profile = new Profile('802-3-ethernet', `Wired connection ${n}`, store.newUuid());
  profile.set('connection', 'interface-name', dev.name);
  profile.set('connection', 'autoconnect-priority', '-999');
  profile.set('ipv4', 'method', 'auto');
  profile.set('ipv6', 'method', 'auto');
  return profile;
}

/** What somebody else has made of a device, as a profile. nm_device_generate_connection() */
export function externalProfile(
  store: ProfileStore,
  dev: NmDevice,
  manager: NetworkManager,
): Profile {
  const profile = new Profile(dev.profileType as ProfileType, dev.name, store.newUuid());
  profile.external = true;
  profile.set('connection', 'interface-name', dev.name);
  profile.set('connection', 'autoconnect', 'no');
  if (dev.type === 'ethernet') profile.set('802-3-ethernet', 'mac-address', dev.hwAddress);
  if (dev.type === 'tun') describeTun(profile, dev);
  const { master } = dev.link;
  if (master === null) describeAddresses(profile, dev, manager);
  else describePort(profile, dev, manager);
  return profile;
}

function describeTun(profile: Profile, dev: NmDevice): void {
  const data = dev.link.infoData ?? {};
  profile.set('tun', 'mode', data.type === 'tap' || data.type === 2 ? '2' : '1');
  if (typeof data.owner === 'number') profile.set('tun', 'owner', String(data.owner));
}

function describePort(profile: Profile, dev: NmDevice, manager: NetworkManager): void {
  const above = manager.devices.find((d) => d.link === dev.link.master);
  profile.set('connection', 'master', above?.active?.profile.uuid ?? above?.name ?? '');
  profile.set('connection', 'slave-type', dev.link.master?.linkType ?? 'bridge');
  const { slaveData } = linkInfoOf(manager, dev);
  if (slaveData?.cost !== undefined)
    profile.set('bridge-port', 'path-cost', String(slaveData.cost));
}

function linkInfoOf(manager: NetworkManager, dev: NmDevice) {
  return linkGet(manager.proc.netns, { ifindex: dev.link.ifindex });
}

function describeAddresses(profile: Profile, dev: NmDevice, manager: NetworkManager): void {
  const { netns } = manager.proc;
  for (const family of ['inet', 'inet6'] as const) {
    const setting = family === 'inet' ? 'ipv4' : 'ipv6';
    const addresses = addrDump(netns, family)
      .filter((a) => a.ifindex === dev.link.ifindex && a.scope !== 253)
      .map((a) => `${formatInet(a.local)}/${a.prefixLen}`);
    const bare = family === 'inet' ? 'disabled' : 'link-local';
    profile.set(setting, 'method', addresses.length > 0 ? 'manual' : bare);
    if (addresses.length > 0) profile.set(setting, 'addresses', addresses.join(','));
    const route = routeDump(netns, family).find(
      (r) => r.dstLen === 0 && r.table === 254 && r.nexthops[0]?.ifindex === dev.link.ifindex,
    );
    const via = route?.nexthops[0]?.via;
    if (via !== undefined && addresses.length > 0) profile.set(setting, 'gateway', formatInet(via));
  }
}
