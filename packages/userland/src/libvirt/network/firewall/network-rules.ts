import { formatInet } from '../../../libc-net/index.ts';
import {
  forwardDevice,
  isIpv4,
  maskByPrefix,
  type NetworkDef,
  type NetworkIp,
  prefixOfIp,
  type Range,
  servesDhcp,
} from '../conf/index.ts';
import type { FirewallRule, Layer } from './rule.ts';

const MULTICAST: Readonly<Record<Layer, string>> = {
  iptables: '224.0.0.0/24',
  ip6tables: 'ff02::/16',
};
const BROADCAST = '255.255.255.255/32';
/** Source ports that guests get unless the network names others: none that a server may trust. */
export const MASQUERADE_PORTS: Range<number> = { start: 1024, end: 65_535 };

/** The rules of a network, each of which goes to its chain's head in turn. networkAddFirewallRules() */
export function networkRules(def: NetworkDef): FirewallRule[] {
  return [
    ...generalIpv4Rules(def),
    ...generalIpv6Rules(def),
    ...def.ips.flatMap((ip) => addressRules(def, ip)),
  ];
}

/** What mends the checksums of DHCP replies to guests; where it fails nobody minds. networkAddChecksumFirewallRules() */
export function checksumRules(def: NetworkDef): FirewallRule[] {
  if (!def.ips.some((ip) => isIpv4(ip.address) && servesDhcp(ip))) return [];
  const match = [
    ...['--out-interface', bridgeOf(def), '--protocol', 'udp', '--destination-port', '68'],
    ...['--jump', 'CHECKSUM', '--checksum-fill'],
  ];
  return [{ layer: 'iptables', table: 'mangle', chain: 'LIBVIRT_PRT', match }];
}

function bridgeOf(def: NetworkDef): string {
  return def.bridge ?? '';
}

function filter(layer: Layer, chain: string, ...match: readonly string[]): FirewallRule {
  return { layer, table: 'filter', chain, match };
}

function inputRule(layer: Layer, bridge: string, protocol: string, port: number): FirewallRule {
  const to = ['--protocol', protocol, '--destination-port', String(port), '--jump', 'ACCEPT'];
  return filter(layer, 'LIBVIRT_INP', '--in-interface', bridge, ...to);
}

function outputRule(layer: Layer, bridge: string, protocol: string, port: number): FirewallRule {
  const to = ['--protocol', protocol, '--destination-port', String(port), '--jump', 'ACCEPT'];
  return filter(layer, 'LIBVIRT_OUT', '--out-interface', bridge, ...to);
}

/** A service over both protocols: requests in, answers out. */
function serviceRules(
  layer: Layer,
  bridge: string,
  inPort: number,
  outPort: number,
): FirewallRule[] {
  return [
    inputRule(layer, bridge, 'tcp', inPort),
    inputRule(layer, bridge, 'udp', inPort),
    outputRule(layer, bridge, 'tcp', outPort),
    outputRule(layer, bridge, 'udp', outPort),
  ];
}

/** What is rejected unless a rule before it accepts it, and what guests may do among themselves. */
function forwardRules(layer: Layer, bridge: string): FirewallRule[] {
  return [
    filter(layer, 'LIBVIRT_FWO', '--in-interface', bridge, '--jump', 'REJECT'),
    filter(layer, 'LIBVIRT_FWI', '--out-interface', bridge, '--jump', 'REJECT'),
    filter(
      layer,
      'LIBVIRT_FWX',
      ...['--in-interface', bridge, '--out-interface', bridge, '--jump', 'ACCEPT'],
    ),
  ];
}

/** networkAddGeneralIPv4FirewallRules() */
function generalIpv4Rules(def: NetworkDef): FirewallRule[] {
  const bridge = bridgeOf(def);
  const first = def.ips.find(
    (ip) => isIpv4(ip.address) && (servesDhcp(ip) || ip.tftpRoot !== undefined),
  );
  const tftp =
    first?.tftpRoot === undefined
      ? []
      : [inputRule('iptables', bridge, 'udp', 69), outputRule('iptables', bridge, 'udp', 69)];
  return [
    ...serviceRules('iptables', bridge, 67, 68),
    ...serviceRules('iptables', bridge, 53, 53),
    ...tftp,
    ...forwardRules('iptables', bridge),
  ];
}

/** networkAddGeneralIPv6FirewallRules() */
function generalIpv6Rules(def: NetworkDef): FirewallRule[] {
  const has = def.ips.some((ip) => !isIpv4(ip.address));
  if (!has && !def.ipv6NoGateway) return [];
  const bridge = bridgeOf(def);
  const among = forwardRules('ip6tables', bridge);
  if (!has) return among;
  return [
    ...among,
    ...serviceRules('ip6tables', bridge, 53, 53),
    inputRule('ip6tables', bridge, 'udp', 547),
    outputRule('ip6tables', bridge, 'udp', 546),
  ];
}

/** networkAddIPSpecificFirewallRules() */
function addressRules(def: NetworkDef, ip: NetworkIp): FirewallRule[] {
  const { mode, natIpv6 } = def.forward;
  if (prefixOfIp(ip) < 0) return [];
  if (mode === 'nat' && (isIpv4(ip.address) || natIpv6 === 'yes')) return natRules(def, ip);
  return mode === 'nat' || mode === 'route' ? routeRules(def, ip) : [];
}

/** An address's network in both directions. */
interface Subnet {
  readonly layer: Layer;
  /** With its prefix length. */
  readonly text: string;
  readonly bridge: string;
  /** The device that traffic must leave through. */
  readonly device: string | undefined;
}

function subnetOf(def: NetworkDef, ip: NetworkIp): Subnet {
  const prefix = prefixOfIp(ip);
  return {
    layer: isIpv4(ip.address) ? 'iptables' : 'ip6tables',
    text: `${formatInet(maskByPrefix(ip.address, prefix))}/${prefix}`,
    bridge: bridgeOf(def),
    device: forwardDevice(def),
  };
}

function allowOut({ layer, text, bridge, device }: Subnet): FirewallRule {
  const match = ['--source', text, '--in-interface', bridge];
  if (device !== undefined) match.push('--out-interface', device);
  return filter(layer, 'LIBVIRT_FWO', ...match, '--jump', 'ACCEPT');
}

function allowIn({ layer, text, bridge, device }: Subnet, state: readonly string[]): FirewallRule {
  const match = ['--destination', text];
  if (device !== undefined) match.push('--in-interface', device);
  match.push('--out-interface', bridge, ...state);
  return filter(layer, 'LIBVIRT_FWI', ...match, '--jump', 'ACCEPT');
}

/** networkAddRoutingFirewallRules() */
function routeRules(def: NetworkDef, ip: NetworkIp): FirewallRule[] {
  const subnet = subnetOf(def, ip);
  return [allowOut(subnet), allowIn(subnet, [])];
}

/** networkAddMasqueradingFirewallRules() */
function natRules(def: NetworkDef, ip: NetworkIp): FirewallRule[] {
  const subnet = subnetOf(def, ip);
  const established = ['--match', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED'];
  const rules = [allowOut(subnet), allowIn(subnet, established)];
  for (const protocol of [undefined, 'udp', 'tcp']) rules.push(masquerade(def, subnet, protocol));
  if (subnet.layer === 'iptables') rules.push(dontMasquerade(subnet, BROADCAST));
  rules.push(dontMasquerade(subnet, MULTICAST[subnet.layer]));
  return rules;
}

/** iptablesForwardMasquerade() */
function masquerade(def: NetworkDef, subnet: Subnet, protocol: string | undefined): FirewallRule {
  const { natAddresses: addresses, natPorts: ports } = def.forward;
  const match = ['--source', subnet.text];
  if (protocol !== undefined) match.push('-p', protocol);
  match.push('!', '--destination', subnet.text);
  if (subnet.device !== undefined) match.push('--out-interface', subnet.device);
  const chosen = ports !== undefined && ports.end > 0 ? ports : MASQUERADE_PORTS;
  const range = protocol === undefined ? undefined : `${chosen.start}-${chosen.end}`;
  if (addresses === undefined) {
    match.push('--jump', 'MASQUERADE');
    if (range !== undefined) match.push('--to-ports', range);
  } else {
    const { start, end } = addresses;
    const to = start === end ? formatInet(start) : `${formatInet(start)}-${formatInet(end)}`;
    match.push('--jump', 'SNAT', '--to-source', range === undefined ? to : `${to}:${range}`);
  }
  return { layer: subnet.layer, table: 'nat', chain: 'LIBVIRT_PRT', match };
}

/** iptablesForwardDontMasquerade() */
function dontMasquerade(subnet: Subnet, destination: string): FirewallRule {
  const match = ['--source', subnet.text, '--destination', destination];
  if (subnet.device !== undefined) match.push('--out-interface', subnet.device);
  match.push('--jump', 'RETURN');
  return { layer: subnet.layer, table: 'nat', chain: 'LIBVIRT_PRT', match };
}
