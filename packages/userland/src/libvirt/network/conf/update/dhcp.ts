import { formatInet, sameInet } from '../../../../libc-net/index.ts';
import { type DhcpHost, type NetworkDef, type NetworkIp, servesDhcp } from '../definition.ts';
import { parseLooseMac } from '../mac.ts';
import { parseDhcpHost, parseDhcpRange } from '../parse-dhcp.ts';
import { isIpv4 } from '../socket-address.ts';
import {
  checkElement,
  inserted,
  invalid,
  isAdd,
  type SectionUpdate,
  unsupported,
  without,
} from './section.ts';

/** The `<ip>` whose `<dhcp>` is meant. virNetworkIPDefByIndex() @throws LibvirtError */
function ipByIndex(def: NetworkDef, index: number): NetworkIp {
  const { ips, name } = def;
  const ip =
    index >= 0
      ? ips[index]
      : (ips.find(servesDhcp) ?? ips.find((i) => isIpv4(i.address)) ?? ips[0]);
  if (ip !== undefined) return ip;
  const at = index >= 0 ? `at index ${index} in` : 'in';
  throw invalid(`couldn't update dhcp host entry - no <ip> element found ${at} network '${name}'`);
}

/** virNetworkDefUpdateCheckMultiDHCP() */
function checkOnlyDhcp(def: NetworkDef, ip: NetworkIp): void {
  const of4 = isIpv4(ip.address);
  if (def.ips.some((i) => i !== ip && isIpv4(i.address) === of4 && servesDhcp(i)))
    throw invalid(
      `dhcp is supported only for a single ${of4 ? 'IPv4' : 'IPv6'} address on each network`,
    );
}

function sameMac(a: DhcpHost, b: DhcpHost): boolean {
  if (a.mac === undefined || b.mac === undefined) return false;
  return parseLooseMac(a.mac) === parseLooseMac(b.mac);
}

function sameName(a: DhcpHost, b: DhcpHost): boolean {
  return a.name !== undefined && a.name === b.name;
}

function sameIp(a: DhcpHost, b: DhcpHost): boolean {
  return a.ip !== undefined && b.ip !== undefined && sameInet(a.ip, b.ip);
}

/** Whether two entries share a MAC, a name or an address. */
function overlaps(a: DhcpHost, b: DhcpHost): boolean {
  return sameMac(a, b) || sameIp(a, b) || sameName(a, b);
}

/** Whether an entry has all that is asked for. */
function matches(wanted: DhcpHost, host: DhcpHost): boolean {
  return (
    (wanted.mac === undefined || host.mac === undefined || sameMac(wanted, host)) &&
    (wanted.name === undefined || sameName(wanted, host)) &&
    (wanted.ip === undefined || sameIp(wanted, host))
  );
}

/** `ip-dhcp-host`. virNetworkDefUpdateIPDHCPHost() */
export const updateDhcpHost: SectionUpdate = (def, { command, element, parentIndex }) => {
  const found = attempt(() => ipByIndex(def, parentIndex));
  checkElement(def, element, 'host');
  const ip = found();
  const host = parseDhcpHost(def.name, ip, element, command === 'delete');
  if (command !== 'delete' && host.ip !== undefined && isIpv4(ip.address) !== isIpv4(host.ip))
    throw invalid(
      "the address family of a host entry IP must match the address family of the dhcp element's parent",
    );
  const shown = {
    mac: host.mac ?? 'unknown',
    name: host.name ?? '(null)',
    ip: host.ip === undefined ? 'unknown' : formatInet(host.ip),
  };
  if (command === 'modify') {
    const at = ip.hosts.findIndex((h) => overlaps(host, h));
    if (at < 0)
      throw invalid(
        `couldn't locate an existing dhcp host entry with "mac='${shown.mac}'" "name='${shown.name}'" "ip='${shown.ip}'" in network '${def.name}'`,
      );
    ip.hosts = ip.hosts.map((h, i) => (i === at ? host : h));
  } else if (isAdd(command)) {
    checkOnlyDhcp(def, ip);
    if (ip.hosts.some((h) => overlaps(host, h)))
      throw invalid(
        `there is an existing dhcp host entry in network '${def.name}' that matches "<host mac='${shown.mac}' name='${shown.name}' ip='${shown.ip}'/>"`,
      );
    ip.hosts = inserted(ip.hosts, host, command);
  } else {
    const at = ip.hosts.findIndex((h) => matches(host, h));
    if (at < 0)
      throw invalid(`couldn't locate a matching dhcp host entry in network '${def.name}'`);
    ip.hosts = without(ip.hosts, at);
  }
};

/** Keeps a failure until its value is asked for: another check comes first. */
function attempt<T>(get: () => T): () => T {
  try {
    const value = get();
    return () => value;
  } catch (e) {
    return () => {
      throw e;
    };
  }
}

/** `ip-dhcp-range`. virNetworkDefUpdateIPDHCPRange() */
export const updateDhcpRange: SectionUpdate = (def, { command, element, parentIndex }) => {
  const found = attempt(() => ipByIndex(def, parentIndex));
  checkElement(def, element, 'range');
  const ip = found();
  if (command === 'modify')
    throw unsupported('dhcp ranges cannot be modified, only added or deleted');
  const range = parseDhcpRange(def.name, ip, element);
  const at = ip.ranges.findIndex(
    (r) => sameInet(r.start, range.start) && sameInet(r.end, range.end),
  );
  if (isAdd(command)) {
    checkOnlyDhcp(def, ip);
    if (at >= 0)
      throw invalid(
        `there is an existing dhcp range entry in network '${def.name}' that matches "<range start='${formatInet(range.start)}' end='${formatInet(range.end)}'/>"`,
      );
    ip.ranges = inserted(ip.ranges, range, command);
  } else {
    if (at < 0)
      throw invalid(`couldn't locate a matching dhcp range entry in network '${def.name}'`);
    ip.ranges = without(ip.ranges, at);
  }
};
