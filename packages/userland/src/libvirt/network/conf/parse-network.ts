import { isMulticastMac } from '@labwire/core/addr';
import { LibvirtError, parseUuid } from '../../base/index.ts';
import { parseXml, type XmlElement, XmlSyntaxError } from '../../xml/index.ts';
import { parseUnsigned, parseWrapping, tristate } from './attributes.ts';
import type { ForwardMode, NetworkDef } from './definition.ts';
import { parseDnsmasqOptions } from './dnsmasq-options.ts';
import { parseLooseMac } from './mac.ts';
import { formatMetadata } from './metadata.ts';
import { NO_DNS, parseDns } from './parse-dns.ts';
import { NO_FORWARD, parseForward } from './parse-forward.ts';
import { checkGateway, parseIp, parseRoute } from './parse-ip.ts';
import { parseBandwidth, parsePortGroup, parseVirtualPort, parseVlan } from './parse-link.ts';

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

/** Reads a document of which libvirt expects one root. virXMLParse() @throws LibvirtError */
export function parseDocument(text: string, what: string, root?: string): XmlElement {
  try {
    const element = parseXml(text, what);
    if (root !== undefined && element.name !== root)
      throw xmlError(`expecting root element of '${root}', not '${element.name}'`);
    return element;
  } catch (e) {
    if (e instanceof XmlSyntaxError) throw new LibvirtError('xml', e.message);
    throw e;
  }
}

/**
 * Reads a network's definition. virNetworkDefParse()
 * @param newUuid makes the UUID of one that has none
 * @throws LibvirtError
 */
export function parseNetwork(text: string, newUuid: () => string): NetworkDef {
  return networkOf(parseDocument(text, '(network_definition)', 'network'), newUuid);
}

/** virNetworkDefParseXML() @throws LibvirtError */
export function networkOf(root: XmlElement, newUuid: () => string): NetworkDef {
  const name = parseName(root);
  const uuidText = root.childText('uuid');
  const uuid = uuidText === undefined ? newUuid() : parseUuid(uuidText);
  if (uuid === undefined) throw new LibvirtError('internal', 'malformed uuid element');
  const ipv6 = root.attr('ipv6');
  if (ipv6 !== undefined && ipv6 !== '' && ipv6 !== 'yes' && ipv6 !== 'no')
    throw xmlError(`Invalid ipv6 setting '${ipv6}' in network '${name}'`);
  const trustGuestRxFilters = tristate(root, 'trustGuestRxFilters');
  const domain = root.child('domain');
  const head = {
    ...{ name, uuid, uuidSpecified: uuidText !== undefined, ipv6NoGateway: ipv6 === 'yes' },
    ...{ trustGuestRxFilters, domain: domain?.attr('name') },
    domainLocalOnly: tristate(domain, 'localOnly'),
    bandwidth: optional(root, 'bandwidth', parseBandwidth),
    vlan: optional(root, 'vlan', parseVlan),
    isolatedPort: tristate(root.child('port'), 'isolated'),
    ...parseBridge(name, root),
  };
  const body = {
    dns: optional(root, 'dns', (e) => parseDns(name, e)) ?? NO_DNS,
    virtualPort: optional(root, 'virtualport', (e) => parseVirtualPort(e, true)),
    portGroups: root.all('portgroup').map(parsePortGroup),
    ips: root.all('ip').map((e) => parseIp(name, e)),
    routes: root.all('route').map((e) => parseRoute(name, e)),
  };
  for (const route of body.routes) checkGateway(name, route, body.ips);
  const forward = optional(root, 'forward', (e) => parseForward(name, e)) ?? NO_FORWARD;
  const def = { ...head, ...body, forward, metadata: undefined, dnsmasqOptions: [] };
  checkMode(def, root.child('bridge')?.attr('stp'));
  return {
    ...def,
    metadata: optional(root, 'metadata', formatMetadata),
    dnsmasqOptions: parseDnsmasqOptions(root),
  };
}

function optional<T>(
  root: XmlElement,
  name: string,
  parse: (element: XmlElement) => T,
): T | undefined {
  const element = root.child(name);
  return element === undefined ? undefined : parse(element);
}

function parseName(root: XmlElement): string {
  const name = root.childText('name');
  if (name === undefined) throw new LibvirtError('plain', 'missing name information');
  if (name.includes('/')) throw new LibvirtError('plain', 'invalid char in name: /');
  return name;
}

type BridgePart = Pick<
  NetworkDef,
  'bridge' | 'bridgeZone' | 'stp' | 'delay' | 'macTableManager' | 'mac' | 'mtu'
>;

function parseBridge(name: string, root: XmlElement): BridgePart {
  const bridge = root.child('bridge');
  const attr = (key: string) => bridge?.attr(key) || undefined;
  const delayText = attr('delay');
  const delay = delayText === undefined ? 0 : parseUnsigned(delayText);
  if (delay === undefined) throw xmlError(`Invalid delay value in network '${name}'`);
  const macTableManager = attr('macTableManager');
  if (macTableManager !== undefined && !['kernel', 'libvirt'].includes(macTableManager))
    throw xmlError(`Invalid macTableManager setting '${macTableManager}' in network '${name}'`);
  const macText = root.child('mac')?.attr('address') || undefined;
  const mac = macText === undefined ? undefined : parseLooseMac(macText);
  if (macText !== undefined && mac === undefined)
    throw xmlError(`Invalid bridge mac address '${macText}' in network '${name}'`);
  if (mac !== undefined && isMulticastMac(mac))
    throw xmlError(`Invalid multicast bridge mac address '${macText}' in network '${name}'`);
  const mtuText = root.child('mtu')?.attr('size') || undefined;
  const mtu = mtuText === undefined ? 0 : parseWrapping(mtuText);
  if (mtu === undefined) throw xmlError(`Invalid mtu size '${mtuText}' in network '${name}'`);
  const own = { bridge: attr('name'), bridgeZone: attr('zone'), stp: attr('stp') !== 'off' };
  return { ...own, delay, macTableManager, mac, mtu };
}

/** What each mode allows. @throws LibvirtError */
function checkMode(def: NetworkDef, stp: string | undefined): void {
  const { name, forward } = def;
  const { mode } = forward;
  if (mode === 'nat' || mode === 'route' || mode === 'open') checkRouted(def);
  if (!isExternal(mode)) return;
  if (mode !== 'bridge') checkNoBridge(def);
  if (def.delay > 0 || (stp !== undefined && stp !== '') || def.bridgeZone !== undefined)
    throw xmlError(
      `bridge delay/stp/zone options only allowed in route, nat, and isolated mode, not in ${mode} (network '${name}')`,
    );
  if (def.bridge !== undefined && (forward.devices.length > 0 || forward.pf !== undefined))
    throw xmlError(
      `A network with forward mode='${mode}' can specify a bridge name or a forward dev, but not both (network '${name}')`,
    );
  if (def.mtu > 0)
    throw xmlError(
      `mtu size only allowed in open, route, nat, and isolated mode, not in ${mode} (network '${name}')`,
    );
}

/** Modes in which somebody else makes the devices. */
function isExternal(mode: ForwardMode): boolean {
  return ['bridge', 'private', 'vepa', 'passthrough', 'hostdev'].includes(mode);
}

function checkRouted({ name, forward, ips }: NetworkDef): void {
  const { mode, devices } = forward;
  if (ips.length === 0)
    throw xmlError(
      `${mode} forwarding requested, but no IP address provided for network '${name}'`,
    );
  if (devices.length > 1)
    throw xmlError(
      `multiple forwarding interfaces specified for network '${name}', only one is supported`,
    );
  if (mode === 'open' && devices.length > 0)
    throw xmlError(`forward dev not allowed for network '${name}' with forward mode='open'`);
}

function checkNoBridge({ name, forward, bridge, bridgeZone, macTableManager }: NetworkDef): void {
  const { mode } = forward;
  const refuse = (what: string) =>
    xmlError(`bridge ${what} not allowed in ${mode} mode (network '${name}')`);
  if (bridge !== undefined) throw refuse('name');
  if (bridgeZone !== undefined) throw refuse('zone');
  if (macTableManager !== undefined) throw refuse('macTableManager setting');
}
