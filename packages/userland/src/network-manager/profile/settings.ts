import type { Property, PropertyKind } from './property.ts';

/** A setting: a group of properties. */
export interface Setting {
  readonly name: string;
  /** The name in keyfiles, which nmcli takes as well. */
  readonly alias?: string;
  readonly properties: readonly Property[];
}

type Extra = Omit<Property, 'name' | 'kind' | 'initial'>;

function p(name: string, kind: PropertyKind, initial = '', extra: Extra = {}): Property {
  return { name, kind, initial, ...extra };
}

/** A property that Labwire shows and refuses to change. */
function fixed(name: string, initial = '', extra: Extra = {}): Property {
  return p(name, 'fixed', initial, extra);
}

const DEFAULT = { labels: { '-1': 'default' } };
const ZERO_DEFAULT = { labels: { '0': 'default' } };
const NONE = { labels: { '0x0': 'none' } };
const U32: readonly [number, number] = [0, 4294967295];

const connection: Setting = {
  name: 'connection',
  properties: [
    p('id', 'text'),
    fixed('uuid'),
    fixed('stable-id'),
    fixed('type'),
    p('interface-name', 'text'),
    p('autoconnect', 'boolean', 'yes'),
    p('autoconnect-priority', 'number', '0', { range: [-999, 999] }),
    p('autoconnect-retries', 'number', '-1', { range: [-1, 2147483647], ...DEFAULT }),
    fixed('multi-connect', '0', ZERO_DEFAULT),
    fixed('auth-retries', '-1'),
    fixed('timestamp', '0'),
    fixed('read-only', 'no'),
    fixed('permissions'),
    fixed('zone'),
    p('master', 'text'),
    p('slave-type', 'choice', '', {
      choices: ['bond', 'bridge', 'ovs-bridge', 'ovs-port', 'team', 'vrf'],
    }),
    fixed('autoconnect-slaves', '-1', DEFAULT),
    fixed('secondaries'),
    fixed('gateway-ping-timeout', '0'),
    fixed('metered', 'unknown'),
    fixed('lldp', 'default'),
    fixed('mdns', '-1', DEFAULT),
    fixed('llmnr', '-1', DEFAULT),
    fixed('dns-over-tls', '-1', DEFAULT),
    fixed('mptcp-flags', '0x0', { labels: { '0x0': 'default' } }),
    fixed('wait-device-timeout', '-1'),
    fixed('wait-activation-delay', '-1'),
  ],
};

const wired: Setting = {
  name: '802-3-ethernet',
  alias: 'ethernet',
  properties: [
    fixed('port'),
    fixed('speed', '0'),
    fixed('duplex'),
    fixed('auto-negotiate', 'no'),
    p('mac-address', 'mac'),
    p('cloned-mac-address', 'mac'),
    fixed('generate-mac-address-mask'),
    fixed('mac-address-blacklist'),
    p('mtu', 'mtu', '0'),
    fixed('s390-subchannels'),
    fixed('s390-nettype'),
    fixed('s390-options'),
    fixed('wake-on-lan', 'default'),
    fixed('wake-on-lan-password'),
    fixed('accept-all-mac-addresses', '-1', DEFAULT),
  ],
};

const IP4_METHODS = ['auto', 'link-local', 'manual', 'shared', 'disabled'];
const IP6_METHODS = ['ignore', 'auto', 'dhcp', 'link-local', 'manual', 'shared', 'disabled'];

/** What both families begin with. */
function ipHead(methods: readonly string[]): Property[] {
  return [
    p('method', 'choice', '', { choices: methods }),
    p('dns', 'servers'),
    p('dns-search', 'list'),
    p('dns-options', 'list'),
    p('dns-priority', 'number', '0'),
    p('addresses', 'addresses'),
    p('gateway', 'gateway'),
    p('routes', 'routes'),
    p('route-metric', 'number', '-1', { range: [-1, 4294967295] }),
    fixed('route-table', '0', { labels: { '0': 'unspec' } }),
    fixed('routing-rules'),
    fixed('replace-local-rule', '-1', DEFAULT),
    p('ignore-auto-routes', 'boolean', 'no'),
    p('ignore-auto-dns', 'boolean', 'no'),
  ];
}

const ipv4: Setting = {
  name: 'ipv4',
  properties: [
    ...ipHead(IP4_METHODS),
    p('dhcp-client-id', 'text'),
    fixed('dhcp-iaid'),
    p('dhcp-timeout', 'number', '0', { range: [0, 2147483647], ...ZERO_DEFAULT }),
    p('dhcp-send-hostname', 'boolean', 'yes'),
    p('dhcp-hostname', 'text'),
    fixed('dhcp-fqdn'),
    fixed('dhcp-hostname-flags', '0x0', NONE),
    p('never-default', 'boolean', 'no'),
    p('may-fail', 'boolean', 'yes'),
    fixed('required-timeout', '-1', DEFAULT),
    fixed('dad-timeout', '-1', DEFAULT),
    fixed('dhcp-vendor-class-identifier'),
    fixed('link-local', '0', ZERO_DEFAULT),
    fixed('dhcp-reject-servers'),
    fixed('auto-route-ext-gw', '-1', DEFAULT),
  ],
};

const ipv6: Setting = {
  name: 'ipv6',
  properties: [
    ...ipHead(IP6_METHODS),
    p('never-default', 'boolean', 'no'),
    p('may-fail', 'boolean', 'yes'),
    fixed('required-timeout', '-1', DEFAULT),
    fixed('ip6-privacy', '-1', { labels: { '-1': 'unknown' } }),
    fixed('addr-gen-mode', 'default'),
    fixed('ra-timeout', '0', ZERO_DEFAULT),
    fixed('mtu', 'auto'),
    fixed('dhcp-duid'),
    fixed('dhcp-iaid'),
    fixed('dhcp-timeout', '0', ZERO_DEFAULT),
    fixed('dhcp-send-hostname', 'yes'),
    fixed('dhcp-hostname'),
    fixed('dhcp-hostname-flags', '0x0', NONE),
    fixed('auto-route-ext-gw', '-1', DEFAULT),
    fixed('token'),
  ],
};

const bridge: Setting = {
  name: 'bridge',
  properties: [
    p('mac-address', 'mac'),
    p('stp', 'boolean', 'yes'),
    p('priority', 'number', '32768', { range: [0, 65535] }),
    p('forward-delay', 'number', '15', { range: [0, 30], daemonRange: [2, 30] }),
    p('hello-time', 'number', '2', { range: [0, 10], daemonRange: [1, 10] }),
    p('max-age', 'number', '20', { range: [0, 40], daemonRange: [6, 40] }),
    p('ageing-time', 'number', '300', { range: [0, 1000000] }),
    p('group-forward-mask', 'number', '0', { range: [0, 65535] }),
    p('multicast-snooping', 'boolean', 'yes'),
    p('vlan-filtering', 'boolean', 'no'),
    p('vlan-default-pvid', 'number', '1', { range: [0, 4094] }),
    fixed('vlans'),
  ],
};

const bridgePort: Setting = {
  name: 'bridge-port',
  properties: [
    p('priority', 'number', '32', { range: [0, 63] }),
    p('path-cost', 'number', '100', { range: [0, 65535] }),
    p('hairpin-mode', 'boolean', 'no'),
    fixed('vlans'),
  ],
};

const bond: Setting = { name: 'bond', properties: [p('options', 'options', 'mode=balance-rr')] };

const vlan: Setting = {
  name: 'vlan',
  properties: [
    p('parent', 'text'),
    p('id', 'number', '0', { range: [0, 4095] }),
    p('flags', 'number', '1', { range: [0, 15], labels: { '1': 'REORDER_HEADERS', '0': 'NONE' } }),
    fixed('protocol'),
    fixed('ingress-priority-map'),
    fixed('egress-priority-map'),
  ],
};

const tun: Setting = {
  name: 'tun',
  properties: [
    p('mode', 'choice', '1', {
      choices: ['1', '2', 'tun', 'tap'],
      labels: { '1': 'tun', '2': 'tap' },
    }),
    p('owner', 'user', '', { range: U32 }),
    p('group', 'user', '', { range: U32 }),
    p('pi', 'boolean', 'no'),
    p('vnet-hdr', 'boolean', 'no'),
    p('multi-queue', 'boolean', 'no'),
  ],
};

const dummy: Setting = { name: 'dummy', properties: [] };

const loopback: Setting = { name: 'loopback', properties: [fixed('mtu', 'auto')] };

const proxy: Setting = {
  name: 'proxy',
  properties: [
    fixed('method', 'none'),
    fixed('browser-only', 'no'),
    fixed('pac-url'),
    fixed('pac-script'),
  ],
};

/** All settings, in the order in which a profile's are shown. */
export const SETTINGS: readonly Setting[] = [
  connection,
  wired,
  bridgePort,
  ipv4,
  ipv6,
  bond,
  bridge,
  dummy,
  loopback,
  tun,
  vlan,
  proxy,
];

/** A setting by its name or alias, or by how either begins if no other does so. */
export function findSetting(name: string): Setting | undefined {
  const exact = SETTINGS.find((s) => s.name === name || s.alias === name);
  if (exact !== undefined) return exact;
  const starts = SETTINGS.filter((s) => s.name.startsWith(name) || s.alias?.startsWith(name));
  return starts.length === 1 ? starts[0] : undefined;
}

/** A property of a setting, by its name or how it alone begins. */
export function findProperty(setting: Setting, name: string): Property | undefined {
  const exact = setting.properties.find((each) => each.name === name);
  if (exact !== undefined) return exact;
  const starts = setting.properties.filter((each) => each.name.startsWith(name));
  return starts.length === 1 ? starts[0] : undefined;
}
