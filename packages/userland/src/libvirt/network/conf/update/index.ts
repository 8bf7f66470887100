import type { NetworkDef } from '../definition.ts';
import { formatNetwork } from '../format-network.ts';
import { parseDocument, parseNetwork } from '../parse-network.ts';
import { updateDhcpHost, updateDhcpRange } from './dhcp.ts';
import { updateDnsHost, updateDnsSrv, updateDnsTxt } from './dns.ts';
import { updateForwardInterface, updatePortGroup } from './forward.ts';
import { type SectionUpdate, type UpdateCommand, unsupported } from './section.ts';

export type { UpdateCommand } from './section.ts';

/** Sections that libvirt names but does not change. virNetworkDefUpdateNoSupport() */
function fixed(section: string): SectionUpdate {
  return (def) => {
    throw unsupported(`can't update '${section}' section of network '${def.name}'`);
  };
}

/** What of a network can be asked to change. virNetworkUpdateSection */
export type Section =
  | 'bridge'
  | 'domain'
  | 'ip'
  | 'ip-dhcp-host'
  | 'ip-dhcp-range'
  | 'forward'
  | 'forward-interface'
  | 'forward-pf'
  | 'portgroup'
  | 'dns-host'
  | 'dns-txt'
  | 'dns-srv';

const SECTIONS: Readonly<Record<Section, SectionUpdate>> = {
  bridge: fixed('bridge'),
  domain: fixed('domain'),
  ip: fixed('ip'),
  'ip-dhcp-host': updateDhcpHost,
  'ip-dhcp-range': updateDhcpRange,
  forward: fixed('forward'),
  'forward-interface': updateForwardInterface,
  'forward-pf': fixed('forward pf'),
  portgroup: updatePortGroup,
  'dns-host': updateDnsHost,
  'dns-txt': updateDnsTxt,
  'dns-srv': updateDnsSrv,
};

/** Whether a word names a section. */
export function isSection(word: string): word is Section {
  return Object.hasOwn(SECTIONS, word);
}

/** A change of a network. */
export interface NetworkUpdate {
  readonly command: UpdateCommand;
  readonly section: Section;
  /** Which `<ip>` of the network; negative: the one with `<dhcp>`. */
  readonly parentIndex: number;
  readonly xml: string;
}

/** A definition with a change made, which must still be one. virNetworkObjUpdate() @throws LibvirtError */
export function updatedNetwork(def: NetworkDef, update: NetworkUpdate): NetworkDef {
  const element = parseDocument(update.xml, 'network_update_xml');
  const copy = { ...def, ips: def.ips.map((ip) => ({ ...ip })) };
  SECTIONS[update.section](copy, { ...update, element });
  return parseNetwork(formatNetwork(copy), () => def.uuid);
}
