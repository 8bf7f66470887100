import { LibvirtError } from '../../base/index.ts';
import { type Bandwidth, parseBandwidth } from '../../network/index.ts';
import { XmlNode } from './node.ts';
import { childOrder } from './schema.ts';

/** What an interface's `<bandwidth>` says. @returns undefined if there is none, or it limits nothing @throws LibvirtError */
export function bandwidthOf(node: XmlNode): Bandwidth | undefined {
  const element = node.child('bandwidth');
  return element && parseBandwidth(element, node.attr('type') === 'network');
}

/** Writes an interface's `<bandwidth>` as libvirt does. */
export function putBandwidth(node: XmlNode, bandwidth: Bandwidth | undefined): void {
  if (bandwidth === undefined) {
    node.remove('bandwidth');
    return;
  }
  const rates = Object.entries(bandwidth).flatMap(([name, rate]) => {
    if (rate === undefined) return [];
    const { average, peak, floor, burst } = rate;
    const given = Object.entries({ average, peak, floor, burst }).filter(([, n]) => n > 0);
    return new XmlNode(name, Object.fromEntries(given.map(([key, n]) => [key, String(n)])));
  });
  node.put(new XmlNode('bandwidth', {}, rates), childOrder('interface'));
}

/** Checks what an interface may do, and writes it as libvirt does. @throws LibvirtError */
export function fillLimits(node: XmlNode): void {
  putBandwidth(node, bandwidthOf(node));
  const isolated = node.child('port')?.attr('isolated');
  if (isolated !== undefined && !['yes', 'no'].includes(isolated))
    throw new LibvirtError(
      'xml-error',
      `Invalid value for attribute 'isolated' in element 'port': '${isolated}'.`,
    );
}
