import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { parseWrapping, tristate } from './attributes.ts';
import type { DnsForwarder, DnsHost, DnsSrv, DnsTxt, NetworkDns } from './definition.ts';
import { readAddress } from './socket-address.ts';

/** Bytes of a service's name. DNS_RECORD_LENGTH_SRV */
const MAX_SERVICE = 482;
const PORT_MAX = 65_535;

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

function detail(text: string): LibvirtError {
  return new LibvirtError('xml-detail', text);
}

/** What `<dns>` says if there is none. */
export const NO_DNS: NetworkDns = {
  enable: undefined,
  forwardPlainNames: undefined,
  forwarders: [],
  hosts: [],
  srvs: [],
  txts: [],
};

/** `<dns>`. virNetworkDNSDefParseXML() @throws LibvirtError */
export function parseDns(name: string, element: XmlElement): NetworkDns {
  const dns: NetworkDns = {
    enable: tristate(element, 'enable'),
    forwardPlainNames: tristate(element, 'forwardPlainNames'),
    forwarders: element.all('forwarder').map((e) => parseForwarder(name, e)),
    hosts: element.all('host').map((e) => parseDnsHost(name, e, false)),
    srvs: element.all('srv').map((e) => parseDnsSrv(name, e, false)),
    txts: element.all('txt').map((e) => parseDnsTxt(name, e, false)),
  };
  const { forwarders, hosts, srvs, txts } = dns;
  if (dns.enable === 'no' && forwarders.length + hosts.length + srvs.length + txts.length > 0)
    throw xmlError(`Extra data in disabled network '${name}'`);
  return dns;
}

function parseForwarder(name: string, element: XmlElement): DnsForwarder {
  const text = element.attr('addr');
  const addr = text === undefined ? undefined : readAddress(text);
  if (text !== undefined && addr === undefined)
    throw xmlError(`Invalid forwarder IP address '${text}' in network '${name}'`);
  const domain = element.attr('domain');
  if (text === undefined && domain === undefined)
    throw xmlError('Invalid forwarder element, must contain at least one of addr or domain');
  return { addr, domain };
}

/** `<host>` of `<dns>`. virNetworkDNSHostDefParseXML() @param partial a part is enough, as to find one @throws LibvirtError */
export function parseDnsHost(name: string, element: XmlElement, partial: boolean): DnsHost {
  const text = element.attr('ip');
  const record = `network '${name}' DNS HOST record`;
  if (text === undefined && !partial) throw detail(`Missing IP address in ${record}`);
  const ip = text === undefined ? undefined : readAddress(text);
  if (text !== undefined && ip === undefined) throw detail(`Invalid IP address in ${record}`);
  const names = element.all('hostname').map((e) => e.text);
  if (names.includes('')) throw detail(`Missing hostname in ${record}`);
  if (names.length === 0 && !partial) throw detail(`Missing hostname in ${record}`);
  if (names.length === 0 && ip === undefined) throw detail(`Missing ip and hostname in ${record}`);
  return { ip, names };
}

/** `<srv>`. virNetworkDNSSrvDefParseXML() @throws LibvirtError */
export function parseDnsSrv(name: string, element: XmlElement, partial: boolean): DnsSrv {
  const service = element.attr('service');
  const record = `DNS SRV record of network '${name}'`;
  if (service === undefined && !partial)
    throw detail(`missing required service attribute in ${record}`);
  if (service !== undefined && service.length > MAX_SERVICE)
    throw detail(
      `service attribute '${service}' in network '${name}' is too long, limit is ${MAX_SERVICE} bytes`,
    );
  if (service !== undefined && !/^[A-Za-z0-9_\-+/*]*$/.test(service))
    throw detail(`invalid character in service attribute '${service}' in ${record}`);
  const protocol = element.attr('protocol');
  if (protocol === undefined && !partial)
    throw detail(
      `missing required protocol attribute in DNS SRV record '${service}' of network '${name}'`,
    );
  if (protocol !== undefined && !/^[A-Za-z0-9\-+/]*$/.test(protocol))
    throw detail(`invalid character in protocol attribute '${protocol}' in ${record}`);
  const domain = element.attr('domain');
  const target = element.attr('target');
  const where = `for service '${service ?? '(null)'}' in network '${name}'`;
  const number = (attr: string, least: number, invalid: string) =>
    srvNumber(element, attr, { least, invalid, where });
  return {
    ...{ service, protocol, domain, target },
    port: number('port', 1, 'invalid'),
    priority: number('priority', 0, 'Invalid'),
    weight: number('weight', 0, 'invalid'),
  };
}

/** A number of an SRV record. @returns 0 if it is not given */
function srvNumber(
  element: XmlElement,
  attr: string,
  rule: { readonly least: number; readonly invalid: string; readonly where: string },
): number {
  const text = element.attr(attr) ?? '';
  if (text === '') return 0;
  const value = parseWrapping(text);
  if (value !== undefined && element.attr('target') === undefined)
    throw detail(`DNS SRV ${attr} attribute not permitted without target ${rule.where}`);
  if (value === undefined || value < rule.least || value > PORT_MAX)
    throw detail(`${rule.invalid} DNS SRV ${attr} attribute ${rule.where}`);
  return value;
}

/** `<txt>`. virNetworkDNSTxtDefParseXML() @throws LibvirtError */
export function parseDnsTxt(name: string, element: XmlElement, partial: boolean): DnsTxt {
  const txt = element.attr('name');
  if (txt === undefined)
    throw detail(`missing required name attribute in DNS TXT record of network ${name}`);
  if (/[ ,]/.test(txt))
    throw detail(`prohibited character in DNS TXT record name '${txt}' of network ${name}`);
  const value = element.attr('value');
  if (value === undefined && !partial)
    throw detail(
      `missing required value attribute in DNS TXT record named '${txt}' of network ${name}`,
    );
  return { name: txt, value };
}
