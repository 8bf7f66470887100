import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet, sameInet } from '../../../libc-net/index.ts';
import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { tristate, unsigned } from './attributes.ts';
import type { NetworkIp, NetworkRoute } from './definition.ts';
import { parseDhcp } from './parse-dhcp.ts';
import { isIpv4, maskByPrefix, prefixOfIp, readAddress } from './socket-address.ts';

const MAX_PREFIX = { ipv4: 32, ipv6: 128 } as const;

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

function unsupported(text: string): LibvirtError {
  return new LibvirtError('config-unsupported', text);
}

/** An attribute of XPath's kind: an empty one is none. virXPathString() */
function given(element: XmlElement, name: string): string | undefined {
  const value = element.attr(name);
  return value === '' ? undefined : value;
}

/** `<ip>`. virNetworkIPDefParseXML() @throws LibvirtError */
export function parseIp(name: string, element: XmlElement): NetworkIp {
  const family = given(element, 'family');
  const text = given(element, 'address');
  if (text === undefined) throw xmlError(`Missing required address attribute in network '${name}'`);
  const address = readAddress(text);
  if (address === undefined) throw xmlError(`Invalid address '${text}' in network '${name}'`);
  const maskText = given(element, 'netmask');
  const netmask = maskText === undefined ? undefined : readAddress(maskText);
  if (maskText !== undefined && netmask === undefined)
    throw xmlError(`Invalid netmask '${maskText}' in network '${name}'`);
  const prefix = unsigned(element, 'prefix') ?? 0;
  const localPtr = tristate(element, 'localPtr');
  checkFamily(name, { family, text, address, maskText, netmask, prefix });
  const tftp = element.child('tftp');
  const bare: NetworkIp = {
    ...{ family, address, netmask, prefix, localPtr, ranges: [], hosts: [] },
    tftpRoot: tftp === undefined ? undefined : given(tftp, 'root'),
    bootFile: undefined,
    bootServer: undefined,
  };
  const dhcp = element.child('dhcp');
  const ip = dhcp === undefined ? bare : parseDhcp(name, bare, dhcp);
  if (tftp !== undefined && !isIpv4(address))
    throw unsupported(`Unsupported <tftp> element in an IPv6 element in network '${name}'`);
  return ip;
}

interface IpText {
  readonly family: string | undefined;
  readonly text: string;
  readonly address: InetAddr;
  readonly maskText: string | undefined;
  readonly netmask: InetAddr | undefined;
  readonly prefix: number;
}

function checkFamily(name: string, ip: IpText): void {
  const { family, text, address, maskText, netmask, prefix } = ip;
  if (family === undefined || family === 'ipv4') {
    if (!isIpv4(address))
      throw unsupported(
        `${family ?? 'no'} family specified for non-IPv4 address '${text}' in network '${name}'`,
      );
    if (netmask !== undefined) {
      if (!isIpv4(netmask))
        throw unsupported(
          `Invalid netmask '${maskText}' for address '${text}' in network '${name}' (both must be IPv4)`,
        );
      if (prefix > 0)
        throw unsupported(`Network '${name}' IP address cannot have both a prefix and a netmask`);
    } else if (prefix > MAX_PREFIX.ipv4)
      throw unsupported(`Invalid IPv4 prefix '${prefix}' in network '${name}'`);
  } else if (family === 'ipv6') {
    if (isIpv4(address))
      throw unsupported(
        `Family 'ipv6' specified for non-IPv6 address '${text}' in network '${name}'`,
      );
    if (netmask !== undefined)
      throw unsupported(`netmask not allowed for IPv6 address '${text}' in network '${name}'`);
    if (prefix > MAX_PREFIX.ipv6)
      throw unsupported(`Invalid IPv6 prefix '${prefix}' in network '${name}'`);
  } else throw xmlError(`Unrecognized family '${family}' in network '${name}'`);
}

/** `<route>`. virNetDevIPRouteParseXML() @throws LibvirtError */
export function parseRoute(name: string, element: XmlElement): NetworkRoute {
  const prefix = unsigned(element, 'prefix');
  const metric = unsigned(element, 'metric', { nonzero: true });
  const family = element.attr('family');
  const bad = (text: string) => xmlError(`${name}: ${text}`);
  const addressText = element.attr('address');
  const gatewayText = element.attr('gateway');
  for (const [what, text] of [
    ['address', addressText],
    ['gateway', gatewayText],
  ] as const)
    if (text === undefined) throw bad(`Missing required ${what} attribute in route definition`);
  const address = readAddress(addressText ?? '');
  if (address === undefined) throw bad(`Bad network address '${addressText}' in route definition`);
  const gateway = readAddress(gatewayText ?? '');
  if (gateway === undefined) throw bad(`Bad gateway address '${gatewayText}' in route definition`);
  const maskText = element.attr('netmask');
  const parts = { family, address, gateway, prefix, addressText, gatewayText, maskText };
  const netmask = checkRoute(parts, bad);
  const length = netmask === undefined ? (prefix ?? 0) : maskLength(netmask);
  if (!sameInet(address, maskByPrefix(address, length)))
    throw bad(`Address '${addressText}' in route definition is not a network address`);
  return { family, address, netmask, prefix, gateway, metric };
}

function maskLength(netmask: InetAddr): number {
  return isIpv4(netmask) ? Math.clz32(~netmask) : 0;
}

interface RouteText {
  readonly family: string | undefined;
  readonly address: InetAddr;
  readonly gateway: InetAddr;
  readonly prefix: number | undefined;
  readonly addressText: string | undefined;
  readonly gatewayText: string | undefined;
  readonly maskText: string | undefined;
}

/** @returns the netmask, if there is one. virNetDevIPRouteCreate() */
function checkRoute(route: RouteText, bad: (text: string) => LibvirtError): InetAddr | undefined {
  const { family, addressText, maskText, prefix } = route;
  if (family === undefined || family === 'ipv4') return checkIpv4Route(route, bad);
  if (family !== 'ipv6') throw bad(`Unrecognized family '${family}' in route definition`);
  if (isIpv4(route.address))
    throw bad(`ipv6 family specified for non-IPv6 address '${addressText}' in route definition`);
  if (maskText !== undefined)
    throw bad(`Specifying netmask invalid for IPv6 address '${addressText}' in route definition`);
  if (isIpv4(route.gateway))
    throw bad(
      `ipv6 specified for non-IPv6 gateway address '${route.gatewayText}' in route definition`,
    );
  checkRoutePrefix(prefix, MAX_PREFIX.ipv6, bad);
  return undefined;
}

function checkRoutePrefix(
  prefix: number | undefined,
  max: number,
  bad: (text: string) => LibvirtError,
): void {
  if ((prefix ?? 0) > max)
    throw bad(`Invalid prefix ${prefix} specified in route definition, must be 0 - ${max}`);
}

function checkIpv4Route(
  route: RouteText,
  bad: (text: string) => LibvirtError,
): InetAddr | undefined {
  const { addressText, maskText, prefix } = route;
  const who = route.family === undefined ? 'No' : 'IPv4';
  if (!isIpv4(route.address))
    throw bad(`${who} family specified for non-IPv4 address '${addressText}' in route definition`);
  if (!isIpv4(route.gateway))
    throw bad(`${who} family specified for non-IPv4 gateway '${addressText}' in route definition`);
  const netmask = maskText === undefined ? undefined : readAddress(maskText);
  if (maskText !== undefined) {
    if (netmask === undefined) throw bad(`Bad netmask address '${maskText}' in route definition`);
    if (!isIpv4(netmask))
      throw bad(`Invalid netmask '${maskText}' for address '${addressText}' (both must be IPv4)`);
    if (prefix !== undefined) throw bad('Route definition cannot have both a prefix and a netmask');
  }
  checkRoutePrefix(prefix, MAX_PREFIX.ipv4, bad);
  return netmask;
}

/** Refuses a route whose gateway is in no network of the bridge. @throws LibvirtError */
export function checkGateway(name: string, route: NetworkRoute, ips: readonly NetworkIp[]): void {
  const reachable = ips.some((ip) => {
    if (isIpv4(ip.address) !== isIpv4(route.gateway)) return false;
    const prefix = prefixOfIp(ip);
    return (
      prefix >= 0 && sameInet(maskByPrefix(ip.address, prefix), maskByPrefix(route.gateway, prefix))
    );
  });
  if (!reachable)
    throw unsupported(
      `unreachable static route gateway '${formatInet(route.gateway)}' specified for network '${name}'`,
    );
}
