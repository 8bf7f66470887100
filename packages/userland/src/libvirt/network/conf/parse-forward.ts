import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { parseWrapping, tristate, unsigned } from './attributes.ts';
import type {
  ForwardDevice,
  ForwardMode,
  NetworkForward,
  PciAddress,
  Range,
  Tristate,
} from './definition.ts';
import { isIpv4, rangeSize, readAddress } from './socket-address.ts';

const MODES: readonly ForwardMode[] = [
  'none',
  'nat',
  'route',
  'open',
  'bridge',
  'private',
  'vepa',
  'passthrough',
  'hostdev',
];
const DRIVERS: readonly string[] = ['kvm', 'vfio'];
const PORT_MAX = 65_535;

function xmlError(text: string): LibvirtError {
  return new LibvirtError('xml-error', text);
}

/** What a network without `<forward>` does. */
export const NO_FORWARD: NetworkForward = {
  mode: 'none',
  managed: false,
  driver: undefined,
  pf: undefined,
  devices: [],
  natIpv6: undefined,
  natAddresses: undefined,
  natPorts: undefined,
};

/** `<forward>`. virNetworkForwardDefParseXML() @throws LibvirtError */
export function parseForward(name: string, element: XmlElement): NetworkForward {
  const mode = parseMode(element);
  const driver = element.child('driver')?.attr('name');
  if (driver !== undefined && driver !== '' && !DRIVERS.includes(driver))
    throw new LibvirtError(
      'config-unsupported',
      `Unknown forward <driver name='${driver}'/> in network ${name}`,
    );
  const nat = parseNatOf(name, element, mode);
  const dev = element.attr('dev') || undefined;
  const [pf, otherPf] = element.all('pf');
  const addresses = element.all('address');
  if (dev !== undefined && (addresses.length > 0 || pf !== undefined))
    throw xmlError(
      "the <forward> 'dev' attribute cannot be used when <address> or <pf> sub-elements are present in network %s",
    );
  const base = {
    ...{ mode, managed: element.attr('managed')?.toLowerCase() === 'yes', pf: undefined },
    ...{ driver: driver || undefined, ...nat },
  };
  const interfaces = element.all('interface');
  if (interfaces.length > 0 || dev !== undefined)
    return { ...base, devices: parseInterfaces(name, interfaces, dev) };
  if (addresses.length > 0) return { ...base, devices: parseAddresses(name, addresses) };
  if (otherPf !== undefined)
    throw xmlError(`Only one <pf> element is allowed in <forward> of network ${name}`);
  if (pf === undefined) return { ...base, devices: [] };
  const pfDev = pf.attr('dev');
  if (pfDev === undefined)
    throw xmlError(`Missing required dev attribute in <pf> element of network '${name}'`);
  return { ...base, devices: [], pf: pfDev };
}

function parseMode(element: XmlElement): ForwardMode {
  const text = element.attr('mode') || 'nat';
  const mode = MODES.find((m) => m === text);
  if (mode === undefined)
    throw new LibvirtError('config-unsupported', `unknown forwarding type '${text}'`);
  return mode;
}

interface Nat {
  readonly natIpv6: Tristate;
  readonly natAddresses: NetworkForward['natAddresses'];
  readonly natPorts: Range<number> | undefined;
}

function parseNatOf(name: string, element: XmlElement, mode: ForwardMode): Nat {
  const [nat, second] = element.all('nat');
  if (second !== undefined)
    throw xmlError(`Only one <nat> element is allowed in <forward> of network ${name}`);
  if (nat === undefined)
    return { natIpv6: undefined, natAddresses: undefined, natPorts: undefined };
  if (mode !== 'nat')
    throw xmlError(
      `The <nat> element can only be used when <forward> 'mode' is 'nat' in network ${name}`,
    );
  return {
    natIpv6: tristate(nat, 'ipv6'),
    natAddresses: parseNatAddresses(name, nat),
    natPorts: parseNatPorts(name, nat),
  };
}

/** The one element of a name in `<nat>`. */
function onlyOne(name: string, nat: XmlElement, child: string): XmlElement | undefined {
  const [first, second] = nat.all(child);
  if (second !== undefined)
    throw xmlError(
      `Only one <${child}> element is allowed in <nat> in <forward> in network ${name}`,
    );
  return first;
}

/** virNetworkForwardNatDefParseXML() */
function parseNatAddresses(name: string, nat: XmlElement): NetworkForward['natAddresses'] {
  const element = onlyOne(name, nat, 'address');
  if (element === undefined) return undefined;
  const texts = (['start', 'end'] as const).map((end) => {
    const text = element.attr(end);
    if (text === undefined)
      throw xmlError(
        `missing '${end}' attribute in <address> element in <nat> in <forward> in network ${name}`,
      );
    return [end, text] as const;
  });
  const [start, end] = texts.map(([which, text]) => {
    const addr = readAddress(text);
    if (addr === undefined || !isIpv4(addr))
      throw xmlError(
        `Bad ipv4 ${which} address '${text}' in <nat> in <forward> in network '${name}'`,
      );
    return addr;
  });
  if (start === undefined || end === undefined) return undefined;
  rangeSize(start, end);
  return { start, end };
}

function parseNatPorts(name: string, nat: XmlElement): Range<number> | undefined {
  const element = onlyOne(name, nat, 'port');
  if (element === undefined) return undefined;
  const port = (end: 'start' | 'end', least: number) => {
    const value = parseWrapping(element.attr(end) ?? '');
    if (value === undefined || value > PORT_MAX || value < least)
      throw new LibvirtError(
        'xml-detail',
        `Missing or invalid '${end}' attribute in <port> in <nat> in <forward> in network ${name}`,
      );
    return value;
  };
  const start = port('start', 0);
  return { start, end: port('end', start) };
}

function parseInterfaces(
  name: string,
  elements: readonly XmlElement[],
  dev: string | undefined,
): ForwardDevice[] {
  const names: string[] = dev === undefined ? [] : [dev];
  for (const [i, element] of elements.entries()) {
    const own = element.attr('dev');
    if (own === undefined)
      throw xmlError(
        `Missing required dev attribute in <forward> <interface> element of network ${name}`,
      );
    if (i === 0 && dev !== undefined) {
      if (own !== dev)
        throw xmlError(
          `<forward dev='${dev}'> must match first <interface dev='${own}'/> in network ${name}`,
        );
      continue;
    }
    if (names.includes(own))
      throw xmlError(`interface '${own}' can only be listed once in network ${name}`);
    names.push(own);
  }
  return names.map((n) => ({ kind: 'netdev', dev: n }));
}

function parseAddresses(name: string, elements: readonly XmlElement[]): ForwardDevice[] {
  const devices: PciAddress[] = [];
  for (const element of elements) {
    const type = element.attr('type');
    if (type === undefined) throw xmlError(`missing address type in network ${name}`);
    if (type !== 'pci')
      throw new LibvirtError(
        'config-unsupported',
        `unknown address type '${type}' in network ${name}`,
      );
    const address = parsePci(element);
    if (devices.some((d) => formatPci(d) === formatPci(address)))
      throw xmlError(
        `PCI device '${formatPci(address)}' can only be listed once in network ${name}`,
      );
    devices.push(address);
  }
  return devices.map((address) => ({ kind: 'pci', address }));
}

/** virPCIDeviceAddressParseXML() */
function parsePci(element: XmlElement): PciAddress {
  const part = (attr: string) => unsigned(element, attr, { base: 0 }) ?? 0;
  const [domain, bus, slot] = [part('domain'), part('bus'), part('slot')];
  return { domain, bus, slot, function: part('function') };
}

/** `0000:03:00.1` */
export function formatPci(address: PciAddress): string {
  const hex = (n: number, width: number) => n.toString(16).padStart(width, '0');
  const { domain, bus, slot } = address;
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${hex(address.function, 1)}`;
}
