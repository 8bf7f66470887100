import { formatInet } from '../../../libc-net/index.ts';
import type { XmlWriter } from '../../xml/index.ts';
import type { NetworkDns } from './definition.ts';

/** Writes `<dns>`. virNetworkDNSDefFormat() */
export function formatDns(xml: XmlWriter, dns: NetworkDns): void {
  const attributes = [
    ['enable', dns.enable],
    ['forwardPlainNames', dns.forwardPlainNames],
  ] as const;
  xml.optional('dns', attributes, () => {
    for (const { domain, addr } of dns.forwarders)
      xml.empty(
        'forwarder',
        ['domain', domain],
        ['addr', addr === undefined ? undefined : formatInet(addr)],
      );
    for (const { name, value } of dns.txts) xml.empty('txt', ['name', name], ['value', value]);
    for (const srv of dns.srvs)
      xml.empty(
        'srv',
        ['service', srv.service],
        ['protocol', srv.protocol],
        ['domain', srv.domain],
        ['target', srv.target],
        ['port', srv.port || undefined],
        ['priority', srv.priority || undefined],
        ['weight', srv.weight || undefined],
      );
    for (const { ip, names } of dns.hosts)
      xml.element('host', [['ip', ip === undefined ? undefined : formatInet(ip)]], () => {
        for (const name of names) xml.leaf('hostname', name);
      });
  });
}
