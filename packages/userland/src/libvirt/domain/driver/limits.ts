import type { Process } from '../../../machine/index.ts';
import { BandwidthLimit } from '../../network/index.ts';
import { bandwidthOf, type DomainDef, type XmlNode } from '../conf/index.ts';

/** Limits what a connected interface sends and receives. virNetDevBandwidthSet() @throws LibvirtError */
export async function limitInterface(proc: Process, node: XmlNode): Promise<void> {
  const bandwidth = bandwidthOf(node);
  const name = node.child('target')?.attr('dev');
  if (bandwidth === undefined || name === undefined) return;
  const { inbound, outbound } = bandwidth;
  const limits = isDirect(node)
    ? { sent: outbound, received: inbound }
    : { sent: inbound, received: outbound };
  await new BandwidthLimit(proc, name).set(limits, false);
}

/** Whether it is a macvtap device, which has the guest's view; a tap has the other one. virDomainNetTypeSharesHostView() */
function isDirect(node: XmlNode): boolean {
  if (node.attr('type') !== 'network') return node.attr('type') === 'direct';
  return node.child('source')?.attr('bridge') === undefined;
}

/** Limits all interfaces of a domain that has just begun to run. @throws LibvirtError */
export async function limitInterfaces(proc: Process, def: DomainDef): Promise<void> {
  for (const node of def.all('interface')) await limitInterface(proc, node);
}
