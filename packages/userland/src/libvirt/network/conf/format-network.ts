import { formatMac } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import { XmlWriter } from '../../xml/index.ts';
import {
  forwardDevice,
  type LeaseTime,
  type NetworkDef,
  type NetworkForward,
  type NetworkIp,
  VIRTUAL_MODES,
} from './definition.ts';
import { DNSMASQ_NAMESPACE } from './dnsmasq-options.ts';
import { formatDns } from './format-dns.ts';
import { formatBandwidth, formatPortGroup, formatVirtualPort, formatVlan } from './format-link.ts';

/** How many guests use a network, and each of its devices, in that order. */
export interface Connections {
  readonly network: number;
  readonly devices: readonly number[];
}

/**
 * A network as libvirt writes it. virNetworkDefFormat()
 * @param connections of a running network; absent for what is only defined
 */
export function formatNetwork(def: NetworkDef, connections?: Connections): string {
  const xml = new XmlWriter();
  writeNetwork(xml, def, connections);
  return xml.toString();
}

/** Writes a network into a larger document. virNetworkDefFormatBuf() */
export function writeNetwork(xml: XmlWriter, def: NetworkDef, connections?: Connections): void {
  const guests = connections?.network ?? 0;
  const attributes = [
    ['xmlns:dnsmasq', def.dnsmasqOptions.length > 0 ? DNSMASQ_NAMESPACE : undefined],
    ['connections', guests > 0 ? guests : undefined],
    ['ipv6', def.ipv6NoGateway ? 'yes' : undefined],
    ['trustGuestRxFilters', def.trustGuestRxFilters],
  ] as const;
  xml.element('network', attributes, () => {
    xml.leaf('name', def.name);
    xml.leaf('uuid', def.uuid);
    if (def.metadata !== undefined) xml.lines(def.metadata);
    writeForward(xml, def, connections);
    writeBridge(xml, def);
    formatDns(xml, def.dns);
    formatVlan(xml, def.vlan);
    formatBandwidth(xml, def.bandwidth);
    if (def.isolatedPort !== undefined) xml.empty('port', ['isolated', def.isolatedPort]);
    for (const ip of def.ips) writeIp(xml, ip);
    for (const r of def.routes)
      xml.empty(
        'route',
        ['family', r.family],
        ['address', formatInet(r.address)],
        ['netmask', r.netmask === undefined ? undefined : formatInet(r.netmask)],
        ['prefix', r.prefix],
        ['gateway', formatInet(r.gateway)],
        ['metric', r.metric],
      );
    formatVirtualPort(xml, def.virtualPort);
    for (const group of def.portGroups) formatPortGroup(xml, group);
    writeDnsmasqOptions(xml, def.dnsmasqOptions);
  });
}

function writeBridge(xml: XmlWriter, def: NetworkDef): void {
  const virtual = VIRTUAL_MODES.includes(def.forward.mode);
  if (virtual || def.bridge !== undefined || def.macTableManager !== undefined)
    xml.empty(
      'bridge',
      ['name', def.bridge],
      ['zone', def.bridgeZone],
      ['stp', virtual ? (def.stp ? 'on' : 'off') : undefined],
      ['delay', virtual ? def.delay : undefined],
      ['macTableManager', def.macTableManager],
    );
  if (def.mtu > 0) xml.empty('mtu', ['size', def.mtu]);
  if (def.mac !== undefined) xml.empty('mac', ['address', formatMac(def.mac)]);
  if (def.domain !== undefined)
    xml.empty('domain', ['name', def.domain], ['localOnly', def.domainLocalOnly]);
}

function writeForward(xml: XmlWriter, def: NetworkDef, connections?: Connections): void {
  const { forward } = def;
  const { mode, driver, pf } = forward;
  if (mode === 'none') return;
  const attributes = [
    ['dev', pf === undefined ? forwardDevice(def) : undefined],
    ['mode', mode],
    ['managed', mode === 'hostdev' ? (forward.managed ? 'yes' : 'no') : undefined],
  ] as const;
  xml.optional('forward', attributes, () => {
    if (driver !== undefined) xml.empty('driver', ['name', driver]);
    writeNat(xml, forward);
    if (pf !== undefined) xml.empty('pf', ['dev', pf]);
    if (pf === undefined || connections !== undefined) writeDevices(xml, forward, connections);
  });
}

function writeNat(xml: XmlWriter, forward: NetworkForward): void {
  const { natAddresses: addresses, natPorts: ports } = forward;
  xml.optional('nat', [['ipv6', forward.natIpv6]], () => {
    if (addresses !== undefined)
      xml.empty(
        'address',
        ['start', formatInet(addresses.start)],
        ['end', formatInet(addresses.end)],
      );
    if (ports !== undefined && ports.end > 0)
      xml.empty('port', ['start', ports.start], ['end', ports.end]);
  });
}

function writeDevices(xml: XmlWriter, forward: NetworkForward, connections?: Connections): void {
  for (const [i, device] of forward.devices.entries()) {
    if (device.kind === 'netdev') {
      const users = connections?.devices[i] ?? 0;
      xml.empty('interface', ['dev', device.dev], ['connections', users > 0 ? users : undefined]);
      continue;
    }
    const hex = (n: number, width: number) => `0x${n.toString(16).padStart(width, '0')}`;
    const { domain, bus, slot } = device.address;
    xml.empty(
      'address',
      ['type', 'pci'],
      ['domain', hex(domain, 4)],
      ['bus', hex(bus, 2)],
      ['slot', hex(slot, 2)],
      ['function', hex(device.address.function, 1)],
    );
  }
}

function writeIp(xml: XmlWriter, ip: NetworkIp): void {
  const attributes = [
    ['family', ip.family],
    ['address', formatInet(ip.address)],
    ['netmask', ip.netmask === undefined ? undefined : formatInet(ip.netmask)],
    ['prefix', ip.prefix > 0 ? ip.prefix : undefined],
    ['localPtr', ip.localPtr],
  ] as const;
  xml.element('ip', attributes, () => {
    if (ip.tftpRoot !== undefined) xml.empty('tftp', ['root', ip.tftpRoot]);
    if (ip.ranges.length + ip.hosts.length > 0) xml.element('dhcp', [], () => writeDhcp(xml, ip));
  });
}

function writeDhcp(xml: XmlWriter, ip: NetworkIp): void {
  for (const range of ip.ranges)
    xml.optional(
      'range',
      [
        ['start', formatInet(range.start)],
        ['end', formatInet(range.end)],
      ],
      () => writeLease(xml, range.lease),
    );
  for (const host of ip.hosts)
    xml.optional(
      'host',
      [
        ['mac', host.mac],
        ['id', host.id],
        ['name', host.name],
        ['ip', host.ip === undefined ? undefined : formatInet(host.ip)],
      ],
      () => writeLease(xml, host.lease),
    );
  if (ip.bootFile !== undefined)
    xml.empty(
      'bootp',
      ['file', ip.bootFile],
      ['server', ip.bootServer === undefined ? undefined : formatInet(ip.bootServer)],
    );
}

function writeLease(xml: XmlWriter, lease: LeaseTime | undefined): void {
  if (lease === undefined) return;
  xml.empty(
    'lease',
    ['expiry', lease.expiry],
    ['unit', lease.expiry === 0 ? undefined : lease.unit],
  );
}

function writeDnsmasqOptions(xml: XmlWriter, options: readonly string[]): void {
  if (options.length === 0) return;
  xml.element('dnsmasq:options', [], () => {
    for (const value of options) xml.empty('dnsmasq:option', ['value', value]);
  });
}
