import { isMulticastMac } from '@labwire/core/addr';
import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { choice, unsigned } from './attributes.ts';
import type { DhcpHost, DhcpRange, LeaseTime, NetworkIp } from './definition.ts';
import { parseLooseMac } from './mac.ts';
import { isIpv4, parseAddress, prefixOfIp, rangeSize, readAddress } from './socket-address.ts';

/** Shorter leases than this dnsmasq does not give. Seconds. */
const SHORTEST_LEASE = 120;
const SECONDS = { seconds: 1, minutes: 60, hours: 3600 } as const;

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

/** `<lease>`. virNetworkDHCPLeaseTimeDefParseXML() */
function parseLease(element: XmlElement | undefined): LeaseTime | undefined {
  if (element === undefined) return undefined;
  const expiry = unsigned(element, 'expiry');
  if (expiry === undefined) return undefined;
  const unit = choice(element, 'unit', ['seconds', 'minutes', 'hours']) ?? 'minutes';
  if (expiry > 0 && expiry * SECONDS[unit] < SHORTEST_LEASE)
    throw new LibvirtError(
      'config-unsupported',
      'The minimum lease time should be greater than 2 minutes',
    );
  return { expiry, unit };
}

/** `<range>`. virNetworkDHCPRangeDefParseXML() @throws LibvirtError */
export function parseDhcpRange(name: string, ip: NetworkIp, element: XmlElement): DhcpRange {
  const end = (which: 'start' | 'end') => {
    const text = element.attr(which);
    if (text === undefined)
      throw xmlError(`Missing '${which}' attribute in dhcp range for network '${name}'`);
    return parseAddress(text);
  };
  const range = { start: end('start'), end: end('end') };
  rangeSize(range.start, range.end, { address: ip.address, prefix: prefixOfIp(ip) });
  return { ...range, lease: parseLease(element.child('lease')) };
}

/**
 * `<host>` of `<dhcp>`. virNetworkDHCPHostDefParseXML()
 * @param partial one of its attributes is enough, as to find one
 * @throws LibvirtError
 */
export function parseDhcpHost(
  name: string,
  ip: NetworkIp,
  element: XmlElement,
  partial: boolean,
): DhcpHost {
  const mac = element.attr('mac');
  if (mac !== undefined) checkHostMac(name, ip, mac);
  const id = element.attr('id');
  const wrong = /[^0-9a-fA-F:]/.exec(id ?? '')?.[0];
  if (wrong !== undefined)
    throw xmlError(`Invalid character '${wrong}' in id '${id}' of network '${name}'`);
  const hostName = element.attr('name');
  if (hostName !== undefined && !/^[A-Za-z0-9]/.test(hostName))
    throw xmlError(`Cannot use host name '${hostName}' in network '${name}'`);
  const text = element.attr('ip');
  const address = text === undefined ? undefined : readAddress(text);
  if (text !== undefined && address === undefined)
    throw xmlError(`Invalid IP address in static host definition for network '${name}'`);
  const host = { mac, id, name: hostName, ip: address };
  checkHostComplete(name, ip, host, partial);
  return { ...host, lease: parseLease(element.child('lease')) };
}

function checkHostMac(name: string, ip: NetworkIp, mac: string): void {
  if (!isIpv4(ip.address))
    throw xmlError(
      `Invalid to specify MAC address '${mac}' in network '${name}' IPv6 static host definition`,
    );
  const addr = parseLooseMac(mac);
  if (addr === undefined) throw xmlError(`Cannot parse MAC address '${mac}' in network '${name}'`);
  if (isMulticastMac(addr))
    throw xmlError(`expected unicast mac address, found multicast '${mac}' in network '${name}'`);
}

function checkHostComplete(
  name: string,
  ip: NetworkIp,
  host: Omit<DhcpHost, 'lease'>,
  partial: boolean,
): void {
  const hasName = host.name !== undefined;
  const hasMac = host.mac !== undefined;
  if (partial) {
    if (hasMac || hasName || host.ip !== undefined) return;
    throw xmlError(
      `At least one of name, mac, or ip attribute must be specified for static host definition in network '${name}'`,
    );
  }
  if (!isIpv4(ip.address)) {
    if (host.id === undefined && !hasName)
      throw xmlError(
        `Static host definition in IPv6 network '${name}' must have id or name attribute`,
      );
  } else if (!hasMac && !hasName)
    throw xmlError(
      `Static host definition in IPv4 network '${name}' must have mac or name attribute`,
    );
  if (host.ip === undefined)
    throw xmlError(`Missing IP address in static host definition for network '${name}'`);
}

/** Fills in what `<dhcp>` says. virNetworkDHCPDefParseXML() @throws LibvirtError */
export function parseDhcp(name: string, ip: NetworkIp, element: XmlElement): NetworkIp {
  const ranges = element.all('range').map((e) => parseDhcpRange(name, ip, e));
  const hosts = element.all('host').map((e) => parseDhcpHost(name, ip, e, false));
  const bootp = isIpv4(ip.address) ? element.child('bootp') : undefined;
  const server = bootp?.attr('server');
  const bootServer = server === undefined ? undefined : parseAddress(server);
  return { ...ip, ranges, hosts, bootFile: bootp?.attr('file'), bootServer };
}
