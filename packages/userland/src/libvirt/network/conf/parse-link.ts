import { LibvirtError, parseUuid } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { choice, parseUnsigned, required, tristate, unsigned } from './attributes.ts';
import type { Bandwidth, PortGroup, Rate, VirtualPort, Vlan } from './definition.ts';

const MAX_TAG = 4095;

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

function unsupported(text: string): LibvirtError {
  return new LibvirtError('config-unsupported', text);
}

/** `<vlan>`. virNetDevVlanParse() @throws LibvirtError */
export function parseVlan(element: XmlElement): Vlan {
  const elements = element.all('tag');
  if (elements.length === 0)
    throw xmlError("missing tag id - each <vlan> must have at least one <tag id='n'/> subelement");
  const tags: number[] = [];
  let native: Vlan['native'];
  for (const tag of elements) {
    required(tag, 'id');
    const id = unsigned(tag, 'id') as number;
    if (id > MAX_TAG) throw xmlError(`vlan tag id ${id} too large (maximum ${MAX_TAG})`);
    tags.push(id);
    const mode = choice(tag, 'nativeMode', ['tagged', 'untagged']);
    if (mode === undefined) continue;
    if (native !== undefined) throw xmlError('duplicate native vlan setting');
    native = { mode, tag: id };
  }
  return { tags, native, trunk: isTrunk(element.attr('trunk'), tags.length, native) };
}

function isTrunk(text: string | undefined, tags: number, native: Vlan['native']): boolean {
  if (text === undefined || text === '') return tags > 1;
  if (text.toLowerCase() === 'yes') return true;
  if (tags > 1)
    throw xmlError(
      `invalid "trunk='${text}'" in <vlan> - trunk='yes' is required for more than one vlan tag`,
    );
  if (native !== undefined)
    throw xmlError(
      `invalid configuration in <vlan> - "trunk='no'" is not allowed with a native vlan id`,
    );
  if (text.toLowerCase() !== 'no')
    throw xmlError(`invalid "trunk='${text}'" in <vlan> - must be yes or no`);
  return false;
}

/** What bandwidth is read from: an element that was read, or one that is filled in. */
export interface LimitElement {
  readonly name: string;
  attr(name: string): string | undefined;
  all(name: string): readonly LimitElement[];
}

/**
 * `<bandwidth>` of a network, a port group or a guest's interface. virNetDevBandwidthParse()
 * @param floorAllowed whether a share can be guaranteed
 * @returns undefined if it limits nothing
 * @throws LibvirtError
 */
export function parseBandwidth(element: LimitElement, floorAllowed = false): Bandwidth | undefined {
  if (element.attr('classID') !== undefined)
    throw new LibvirtError(
      'xml-detail',
      'classID attribute not supported on <bandwidth> in this usage context',
    );
  const [inbound, outbound] = (['inbound', 'outbound'] as const).map((name) => {
    const [first, second] = element.all(name);
    if (second !== undefined)
      throw new LibvirtError('xml-detail', `Only one child <${name}> element allowed`);
    return first;
  });
  const rates = {
    inbound: inbound && parseRate(inbound, floorAllowed),
    outbound: outbound && parseRate(outbound, floorAllowed),
  };
  return rates.inbound === undefined && rates.outbound === undefined ? undefined : rates;
}

/** virNetDevBandwidthParseRate() */
function parseRate(element: LimitElement, floorAllowed: boolean): Rate {
  const has = (name: string) => element.attr(name) !== undefined;
  const number = (name: string) => {
    const text = element.attr(name);
    const value = text === undefined ? 0 : parseUnsigned(text);
    if (value === undefined)
      throw unsupported(`could not convert bandwidth ${name} value '${text}'`);
    return value;
  };
  const average = number('average');
  if (!has('average') && !has('floor'))
    throw new LibvirtError('xml-detail', 'Missing mandatory average or floor attributes');
  if ((has('peak') || has('burst')) && !has('average'))
    throw unsupported("'peak' and 'burst' require 'average' attribute");
  const rate = { average, peak: number('peak'), burst: number('burst'), floor: number('floor') };
  if (!has('floor')) return rate;
  if (element.name === 'outbound')
    throw unsupported("'floor' attribute allowed only in <inbound> element");
  if (!floorAllowed) throw unsupported('floor attribute is not supported for this config');
  return rate;
}

/** What a kind of virtual port may say. virNetDevVPortProfileCheckNoExtras() */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  '802.1Qbg': ['managerid', 'typeid', 'typeidversion', 'instanceid'],
  '802.1Qbh': ['profileid'],
  openvswitch: ['interfaceid', 'profileid'],
  midonet: ['interfaceid'],
};
const NUMBERS: Readonly<Record<string, number>> = {
  managerid: 0xff,
  typeid: 0xff_ffff,
  typeidversion: 0xff,
};
/** In the order in which libvirt reads and writes them. */
const PARAMETERS: readonly string[] = [
  'managerid',
  'typeid',
  'typeidversion',
  'instanceid',
  'interfaceid',
  'profileid',
];

/** `<virtualport>`. virNetDevVPortProfileParse() @throws LibvirtError */
export function parseVirtualPort(element: XmlElement, typeNeeded: boolean): VirtualPort {
  const type = element.attr('type');
  if (type !== undefined && ALLOWED[type] === undefined)
    throw unsupported(`unknown virtualport type ${type}`);
  if (type === undefined && typeNeeded) throw xmlError('missing required virtualport type');
  const parameters = new Map<string, string>();
  const written = element.child('parameters');
  for (const name of PARAMETERS) {
    const text = written?.attr(name);
    if (text !== undefined) parameters.set(name, parseParameter(name, text));
  }
  if (type !== undefined)
    for (const name of parameters.keys())
      if (ALLOWED[type]?.includes(name) !== true)
        throw xmlError(`extra ${name} unsupported in <virtualport type='${type}'>`);
  return { type, parameters };
}

function parseParameter(name: string, text: string): string {
  const max = NUMBERS[name];
  if (max !== undefined) {
    const value = parseUnsigned(text, 0);
    if (value === undefined) throw xmlError(`cannot parse value of ${name} parameter`);
    if (value > max)
      throw xmlError(
        name === 'typeid' ? 'value for typeid out of range' : `value of ${name} out of range`,
      );
    return String(value);
  }
  if (name === 'profileid') return text;
  const uuid = parseUuid(text);
  if (uuid === undefined) throw xmlError(`cannot parse ${name} parameter as a uuid`);
  return uuid;
}

/** `<portgroup>`. virNetworkPortGroupParseXML() @throws LibvirtError */
export function parsePortGroup(element: XmlElement): PortGroup {
  const name = element.attr('name');
  if (name === undefined || name === '')
    throw xmlError('Missing required name attribute in portgroup');
  const isDefault = element.attr('default')?.toLowerCase() === 'yes';
  const trustGuestRxFilters = tristate(element, 'trustGuestRxFilters');
  const port = element.child('virtualport');
  const virtualPort = port && parseVirtualPort(port, false);
  const limits = element.child('bandwidth');
  const bandwidth = limits && parseBandwidth(limits);
  const tags = element.child('vlan');
  const vlan = tags && parseVlan(tags);
  return { name, isDefault, trustGuestRxFilters, virtualPort, bandwidth, vlan };
}
