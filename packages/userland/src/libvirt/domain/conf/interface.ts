import { formatMac, isMulticastMac, type MacAddr, parseMac } from '@labwire/core/addr';
import type { RandomStream } from '@labwire/core/sim';
import { LibvirtError } from '../../base/index.ts';
import { fillLimits } from './limits.ts';
import { XmlNode } from './node.ts';
import { childOrder } from './schema.ts';

/** QEMU's vendor prefix. */
const PREFIX = 0x52_54_00;
const LOW_24_BITS = 2 ** 24;

/** Kinds of interfaces; those that Labwire does not have, too. virDomainNetType */
const TYPES: readonly string[] = [
  'user',
  'ethernet',
  'vhostuser',
  'server',
  'client',
  'mcast',
  'network',
  'bridge',
  'internal',
  'direct',
  'hostdev',
  'udp',
  'vdpa',
  'null',
  'vds',
];
/** Those that it has. */
const SUPPORTED: readonly string[] = ['user', 'ethernet', 'network', 'bridge', 'direct'];
/** Kinds that must say what they are connected to. */
const WITH_SOURCE: Readonly<Record<string, string>> = {
  network: 'network',
  bridge: 'bridge',
  direct: 'dev',
};

/** A random address with QEMU's prefix. virMacAddrGenerate() */
export function generateMac(random: RandomStream): MacAddr {
  return (PREFIX * LOW_24_BITS + random.below(LOW_24_BITS)) as MacAddr;
}

/** Checks an interface and fills in what it leaves open, but for the address. virDomainNetDefParseXML() @throws LibvirtError */
export function fillInterface(node: XmlNode, random: RandomStream): void {
  const type = node.attr('type') ?? 'user';
  node.attrs.delete('type');
  const rest = [...node.attrs];
  node.attrs.clear();
  for (const [key, value] of [['type', type] as const, ...rest]) node.attrs.set(key, value);
  checkType(node, type);
  const order = childOrder('interface');
  const address = formatMac(macOf(node) ?? generateMac(random));
  node.put(new XmlNode('mac', { address }), order);
  if (type === 'direct') fillDirect(node);
  fillLimits(node);
  fillModel(node, order);
  const target = node.child('target');
  if (target !== undefined && /^(vnet|macvtap|macvlan)\d/.test(target.attr('dev') ?? ''))
    node.remove('target');
  if (node.child('model')?.attr('type') !== 'virtio') node.remove('driver');
}

function checkType(node: XmlNode, type: string): void {
  if (!TYPES.includes(type))
    throw new LibvirtError(
      'xml-error',
      `Invalid value for attribute 'type' in element 'interface': '${type}'.`,
    );
  if (!SUPPORTED.includes(type))
    throw new LibvirtError(
      'config-unsupported',
      `Labwire has no interface type='${type}'; it has ${SUPPORTED.join(', ')}`,
    );
  const key = WITH_SOURCE[type];
  if (key === undefined) return;
  const source = node.child('source');
  if (source === undefined)
    throw new LibvirtError('xml-error', `interface type='${type}' requires a 'source' element`);
  if ((source.attr(key) ?? '') === '')
    throw new LibvirtError('xml-error', `Missing required attribute '${key}' in element 'source'`);
  for (const live of ['portid', ...(type === 'network' ? ['bridge'] : [])])
    source.attrs.delete(live);
}

/** The address that an interface has. @throws LibvirtError if it is none for a station */
function macOf(node: XmlNode): MacAddr | undefined {
  const text = node.child('mac')?.attr('address');
  if (text === undefined) return undefined;
  const mac = parseMac(text);
  if (mac === undefined)
    throw new LibvirtError('xml-error', `unable to parse mac address '${text}'`);
  if (isMulticastMac(mac))
    throw new LibvirtError('xml-error', `expected unicast mac address, found multicast '${text}'`);
  return mac;
}

function fillDirect(node: XmlNode): void {
  const source = node.child('source') as XmlNode;
  const mode = source.attr('mode') ?? 'vepa';
  if (!['vepa', 'private', 'bridge', 'passthrough'].includes(mode))
    throw new LibvirtError(
      'xml-error',
      `Invalid value for attribute 'mode' in element 'source': '${mode}'.`,
    );
  source.set('mode', mode);
}

function fillModel(node: XmlNode, order: readonly string[]): void {
  const type = node.child('model')?.attr('type');
  if (type !== undefined && !/^[\w-]+$/.test(type))
    throw new LibvirtError('invalid-arg', 'Model name contains invalid characters');
  if (type === undefined) node.put(new XmlNode('model', { type: 'rtl8139' }), order);
}
