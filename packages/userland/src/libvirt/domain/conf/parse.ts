import type { RandomStream } from '@labwire/core/sim';
import { generateUuid, LibvirtError, parseUuid } from '../../base/index.ts';
import { parseXml, type XmlElement, XmlSyntaxError } from '../../xml/index.ts';
import { addDefaults } from './defaults.ts';
import { DomainDef } from './domain-def.ts';
import { readGeneral } from './general.ts';
import { fillInterface } from './interface.ts';
import { XmlNode } from './node.ts';
import { assignPciAddresses } from './pci.ts';
import { DEVICES, normalise, OTHER_DEVICES } from './schema.ts';

/** Reads a document of one kind of element. @throws LibvirtError */
export function readXml(text: string, what: string): XmlElement {
  try {
    return parseXml(text, what);
  } catch (e) {
    if (e instanceof XmlSyntaxError) throw new LibvirtError('xml-detail', e.message);
    throw e;
  }
}

/** Reads a domain and fills in what it leaves open. virDomainDefParseString() @throws LibvirtError */
export function parseDomain(text: string, random: RandomStream): DomainDef {
  const root = readXml(text, '(domain_definition)');
  if (root.name !== 'domain')
    throw new LibvirtError('xml-error', `expecting root element of 'domain', not '${root.name}'`);
  return parseDomainElement(root, random);
}

function parseDomainElement(root: XmlElement, random: RandomStream): DomainDef {
  const name = root.childText('name');
  if (name === undefined) throw new LibvirtError('plain', 'missing name information');
  const uuid = readUuid(root, random);
  if (name.includes('/')) throw new LibvirtError('xml-error', `name ${name} cannot contain '/'`);
  const { general, ...known } = readGeneral(root);
  const def = new DomainDef({
    name,
    uuid,
    title: root.childText('title'),
    description: root.childText('description'),
    ...known,
    general,
    devices: readDevices(root.child('devices'), random),
  });
  addDefaults(def);
  assignPciAddresses(def);
  return def;
}

function readUuid(root: XmlElement, random: RandomStream): string {
  const given = root.childText('uuid');
  if (given === undefined) return generateUuid(random);
  const uuid = parseUuid(given);
  if (uuid === undefined) throw new LibvirtError('internal', 'malformed uuid element');
  return uuid;
}

function readDevices(devices: XmlElement | undefined, random: RandomStream): XmlNode[] {
  const nodes: XmlNode[] = [];
  for (const element of devices?.children ?? []) {
    const known = DEVICES[element.name];
    if (element.name === 'emulator') nodes.push(XmlNode.copyOf(element));
    else if (OTHER_DEVICES.includes(element.name))
      throw new LibvirtError('config-unsupported', `Labwire has no <${element.name}> devices`);
    else if (known !== undefined) nodes.push(readDevice(normalise(element, known), random));
  }
  return nodes;
}

function readDevice(node: XmlNode, random: RandomStream): XmlNode {
  if (node.name === 'interface') fillInterface(node, random);
  return node;
}

/** Reads an interface by itself, as `attach-device` gives it. @throws LibvirtError */
export function parseInterface(text: string, random: RandomStream): XmlNode {
  const root = readXml(text, '(device_definition)');
  const known = DEVICES.interface;
  if (root.name !== 'interface' || known === undefined)
    throw new LibvirtError(
      'config-unsupported',
      `Labwire attaches interfaces alone, not <${root.name}>`,
    );
  return readDevice(normalise(root, known), random);
}
