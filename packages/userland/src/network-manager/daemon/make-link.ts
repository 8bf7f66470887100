import { parseMac } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, IFF_TUN, IFF_VNET_HDR } from '@labwire/devices/link';
import { linkAdd, linkSet } from '@labwire/devices/rtnetlink';
import type { Process } from '../../machine/index.ts';
import { BOND_MODES, linkByName, makeTun } from '../../network-config/index.ts';
import type { Profile } from '../profile/index.ts';
import { NmError } from './nm-error.ts';

/** VLAN_FLAG_REORDER_HDR and its like: all that there are. */
const VLAN_FLAGS = 0xf;
/** Hundredths of a second in one. USER_HZ */
const USER_HZ = 100;

/** What a kind of device is called where it cannot be made. */
const WORDS: Readonly<Record<string, string>> = {
  bridge: 'bridge',
  bond: 'bond',
  vlan: 'VLAN',
  tun: 'tun',
  dummy: 'dummy',
};

/** The name of the device that a profile makes: a VLAN's may follow from its parent. */
export function deviceNameOf(profile: Profile): string {
  if (profile.interfaceName !== '' || profile.type !== 'vlan') return profile.interfaceName;
  return `${profile.get('vlan', 'parent')}.${profile.get('vlan', 'id')}`;
}

/** Makes the device of a profile. @throws NmError */
export function makeLink(proc: Process, profile: Profile): void {
  const name = deviceNameOf(profile);
  try {
    create(proc, profile, name);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new NmError(
      'activation',
      `${name} failed to create resources: Failed to create ${WORDS[profile.type]} interface '${name}' for '${profile.id}': ${strerror(e.errno)}`,
    );
  }
}

function create(proc: Process, profile: Profile, name: string): void {
  const { netns } = proc;
  switch (profile.type) {
    case 'bridge': {
      const mac = parseMac(profile.get('bridge', 'mac-address'));
      linkAdd(netns, { kind: 'bridge', name, ...(mac === undefined ? {} : { addr: mac }) });
      return;
    }
    case 'dummy':
      linkAdd(netns, { kind: 'dummy', name });
      return;
    case 'bond':
      linkAdd(netns, { kind: 'bond', name, infoData: bondData(profile) });
      return;
    case 'vlan': {
      const parent = linkByName(proc, profile.get('vlan', 'parent'));
      if (parent === undefined) throw new KernelError('ENODEV');
      const id = Number(profile.get('vlan', 'id'));
      const flags = { flags: Number(profile.get('vlan', 'flags')), mask: VLAN_FLAGS };
      linkAdd(netns, { kind: 'vlan', name, link: parent.ifindex, infoData: { id, flags } });
      return;
    }
    default:
      createTun(proc, profile, name);
  }
}

function createTun(proc: Process, profile: Profile, name: string): void {
  const has = (key: string, bit: number) => (profile.yes('tun', key) ? bit : 0);
  const number = (key: string) => {
    const text = profile.get('tun', key);
    return text === '' ? undefined : Number(text);
  };
  const mode = profile.get('tun', 'mode') === '2' ? IFF_TAP : IFF_TUN;
  const pi = profile.yes('tun', 'pi') ? 0 : IFF_NO_PI;
  const flags = mode | pi | has('vnet-hdr', IFF_VNET_HDR) | has('multi-queue', IFF_MULTI_QUEUE);
  makeTun(proc, name, flags, { user: number('owner'), group: number('group') });
}

/** A bond's options as the kernel takes them. */
function bondData(profile: Profile): Record<string, unknown> {
  const data: Record<string, unknown> = { miimon: 100 };
  for (const option of profile.list('bond', 'options')) {
    const [key = '', value = ''] = option.split('=');
    if (key === 'mode') {
      const named = BOND_MODES.indexOf(value);
      data.mode = named < 0 ? Number(value) : named;
    } else if (['miimon', 'updelay', 'downdelay'].includes(key)) data[key] = Number(value);
    else
      throw new NmError(
        'activation',
        `bond option '${key}' is not supported by Labwire; mode, miimon, updelay, downdelay are`,
      );
  }
  return data;
}

/** Gives a bridge its profile's attributes. nm-device-bridge.c, commit_attrs */
export function commitBridge(proc: Process, ifindex: number, profile: Profile): void {
  const number = (key: string) => Number(profile.get('bridge', key));
  const flag = (key: string) => (profile.yes('bridge', key) ? 1 : 0);
  const infoData: Record<string, number> = {
    stp_state: flag('stp'),
    ageing_time: number('ageing-time') * USER_HZ,
    group_fwd_mask: number('group-forward-mask'),
    mcast_snooping: flag('multicast-snooping'),
    vlan_filtering: flag('vlan-filtering'),
    priority: number('priority'),
    hello_time: number('hello-time') * USER_HZ,
    max_age: number('max-age') * USER_HZ,
    forward_delay: number('forward-delay') * USER_HZ,
  };
  linkSet(proc.netns, ifindex, { infoData });
}
