import type { XmlWriter } from '../../xml/index.ts';
import type { Bandwidth, PortGroup, Rate, VirtualPort, Vlan } from './definition.ts';

/** Writes `<vlan>`. virNetDevVlanFormat() */
export function formatVlan(xml: XmlWriter, vlan: Vlan | undefined): void {
  if (vlan === undefined) return;
  xml.element('vlan', [['trunk', vlan.trunk ? 'yes' : undefined]], () => {
    for (const id of vlan.tags)
      xml.empty(
        'tag',
        ['id', id],
        ['nativeMode', vlan.native?.tag === id ? vlan.native.mode : undefined],
      );
  });
}

/** Writes `<bandwidth>`. virNetDevBandwidthFormat() */
export function formatBandwidth(xml: XmlWriter, bandwidth: Bandwidth | undefined): void {
  if (bandwidth === undefined) return;
  xml.element('bandwidth', [], () => {
    formatRate(xml, 'inbound', bandwidth.inbound);
    formatRate(xml, 'outbound', bandwidth.outbound);
  });
}

function formatRate(xml: XmlWriter, name: string, rate: Rate | undefined): void {
  if (rate === undefined || (rate.average === 0 && rate.floor === 0)) return;
  xml.empty(
    name,
    ['average', rate.average || undefined],
    ['peak', rate.peak || undefined],
    ['floor', rate.floor || undefined],
    ['burst', rate.burst || undefined],
  );
}

/** Writes `<virtualport>`. virNetDevVPortProfileFormat() */
export function formatVirtualPort(xml: XmlWriter, port: VirtualPort | undefined): void {
  if (port === undefined) return;
  xml.optional('virtualport', [['type', port.type]], () => {
    if (port.parameters.size > 0) xml.empty('parameters', ...port.parameters);
  });
}

/** Writes `<portgroup>`. virPortGroupDefFormat() */
export function formatPortGroup(xml: XmlWriter, group: PortGroup): void {
  const attributes = [
    ['name', group.name],
    ['default', group.isDefault ? 'yes' : undefined],
    ['trustGuestRxFilters', group.trustGuestRxFilters],
  ] as const;
  xml.element('portgroup', attributes, () => {
    formatVlan(xml, group.vlan);
    formatVirtualPort(xml, group.virtualPort);
    formatBandwidth(xml, group.bandwidth);
  });
}
