import type { Profile } from './profile.ts';

/** The words for what is wrong with a profile, as the daemon says them; undefined if it is right. nm_connection_verify() */
export function verify(profile: Profile): string | undefined {
  const name = profile.interfaceName;
  if (name.length > 15)
    return `connection.interface-name: '${name}': interface name is longer than 15 characters`;
  if (profile.id === '') return 'connection.id: property is empty';
  return verifyRanges(profile) ?? verifyIp(profile, 'ipv4') ?? verifyIp(profile, 'ipv6');
}

function verifyRanges(profile: Profile): string | undefined {
  for (const setting of profile.settings)
    for (const { name, daemonRange } of setting.properties) {
      const value = Number(profile.get(setting.name, name));
      if (daemonRange === undefined) continue;
      const [min, max] = daemonRange;
      if (value < min || value > max)
        return `${setting.name}.${name}: value '${value}' is out of range <${min}-${max}>`;
    }
  return undefined;
}

/** @deviation Methods that NetworkManager has and Labwire has not. */
const UNSUPPORTED = { ipv4: ['shared', 'link-local'], ipv6: ['shared', 'dhcp'] };

function verifyIp(profile: Profile, family: 'ipv4' | 'ipv6'): string | undefined {
  if (profile.isPort) return undefined;
  const method = profile.get(family, 'method');
  const addresses = profile.list(family, 'addresses');
  if (UNSUPPORTED[family].includes(method))
    return `${family}.method: '${method}' is not supported by Labwire`;
  if (method === 'manual' && addresses.length === 0)
    return `${family}.addresses: this property cannot be empty for 'method=${method}'`;
  const gateway = profile.get(family, 'gateway');
  if (gateway !== '' && addresses.length === 0)
    return `${family}.gateway: gateway cannot be set if there are no addresses configured`;
  const barred =
    method === 'disabled' || method === 'link-local' || method === 'shared' || method === 'ignore';
  if (!barred) return undefined;
  const noAddresses = method !== 'shared' || family === 'ipv6';
  for (const key of ['dns', 'dns-search'])
    if (profile.get(family, key) !== '') return notAllowed(family, key, method);
  if (noAddresses && addresses.length > 0) return notAllowed(family, 'addresses', method);
  if (method === 'shared' && addresses.length > 1)
    return `${family}.addresses: multiple addresses are not allowed for 'method=${method}'`;
  return undefined;
}

function notAllowed(family: string, key: string, method: string): string {
  return `${family}.${key}: this property is not allowed for 'method=${method}'`;
}
