import { put48 } from '@labwire/core/bytes';
import { DhcpOpt } from '@labwire/devices/dhcp';
import type { Dhcp4Config } from '../../network-config/index.ts';
import type { Profile } from '../profile/index.ts';
import type { ActivationHost } from './activation.ts';
import type { NmDevice } from './device.ts';

/** What the internal client asks for. src/core/dhcp/nm-dhcp-options.c, _nm_dhcp_option_dhcp4_options */
const REQUESTS: readonly number[] = [
  DhcpOpt.netmask,
  DhcpOpt.timeOffset,
  DhcpOpt.dnsServer,
  DhcpOpt.hostName,
  DhcpOpt.domainName,
  DhcpOpt.mtu,
  DhcpOpt.broadcast,
  DhcpOpt.classlessRoutes,
  249,
  DhcpOpt.router,
  33,
  40,
  41,
  42,
  DhcpOpt.domainSearch,
  252,
  17,
];

/** A device's client identifier: the hardware type and address unless the profile has another. */
function clientId(dev: NmDevice, profile: Profile): Uint8Array {
  const own = profile.get('ipv4', 'dhcp-client-id');
  if (own === '' || own === 'mac') {
    const id = new Uint8Array(7);
    id[0] = 1;
    put48(id, 1, dev.link.addr);
    return id;
  }
  if (/^([0-9a-f]{1,2}:)+[0-9a-f]{1,2}$/i.test(own))
    return Uint8Array.from(own.split(':'), (b) => Number.parseInt(b, 16));
  return Uint8Array.from([0, ...Array.from(own, (c) => c.charCodeAt(0) & 0xff)]);
}

/** What a client of a profile says. */
export function dhcpConfig(host: ActivationHost, dev: NmDevice, profile: Profile): Dhcp4Config {
  const own = profile.get('ipv4', 'dhcp-hostname');
  const { hostname } = host.proc.machine;
  const named = own !== '' ? own : hostname === 'localhost' ? undefined : hostname;
  return {
    clientId: clientId(dev, profile),
    hostname: profile.yes('ipv4', 'dhcp-send-hostname') ? named : undefined,
    requests: REQUESTS,
    send: [],
    wanted: host.store.leaseOf(profile, dev.name),
  };
}
