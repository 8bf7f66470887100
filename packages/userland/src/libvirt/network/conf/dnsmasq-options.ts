import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';

/** The namespace of options that go into dnsmasq's configuration as they are. */
export const DNSMASQ_NAMESPACE = 'http://libvirt.org/schemas/network/dnsmasq/1.0';

/** `<dnsmasq:options>`. networkDnsmasqDefNamespaceParseOptions() @throws LibvirtError */
export function parseDnsmasqOptions(root: XmlElement): string[] {
  const elements = root.children
    .filter((e) => e.isNamed(DNSMASQ_NAMESPACE, 'options'))
    .flatMap((e) => e.children.filter((o) => o.isNamed(DNSMASQ_NAMESPACE, 'option')));
  return elements.map((option) => {
    const value = option.attr('value');
    if (value === undefined)
      throw new LibvirtError('internal', 'No dnsmasq options value specified');
    return value;
  });
}
