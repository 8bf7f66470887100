import { parseIpv4, parseIpv6, parseMac } from '@labwire/core/addr';
import { BOND_MODES } from '../../network-config/index.ts';
import type { NetKind } from './net-def.ts';

/** What a scalar is; `check` gives what is wrong with it. */
export interface ScalarRule {
  readonly type: 'bool' | 'uint' | 'text';
  /** Written in quotes. */
  readonly quoted?: boolean;
  readonly check?: (text: string) => string | undefined;
}
export interface ListRule {
  readonly type: 'list';
  readonly quoted?: boolean;
  readonly check?: (text: string) => string | undefined;
}
export interface MapRule {
  readonly type: 'map';
  readonly keys: Readonly<Record<string, Rule>>;
}
export interface RoutesRule {
  readonly type: 'routes';
}
/** What netplan knows and Labwire does not; `no` may be said of some. */
export interface RefusedRule {
  readonly type: 'refused';
  readonly boolean?: boolean;
}
export type Rule = ScalarRule | ListRule | MapRule | RoutesRule | RefusedRule;

const MAC_WORDS =
  'must be XX:XX:XX:XX:XX:XX or XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX:XX';

/** Whether netplan's truth values have it. */
export const TRUE: RegExp = /^(true|on|yes|y)$/i;
export const FALSE: RegExp = /^(false|off|no|n)$/i;

const BOOL: ScalarRule = { type: 'bool' };
const UINT: ScalarRule = { type: 'uint' };
const TEXT: ScalarRule = { type: 'text', quoted: true };
const REFUSED: RefusedRule = { type: 'refused' };
/** A time in `unit`, which may be left out. */
const time = (unit: string): ScalarRule => ({
  ...TEXT,
  check: (t) =>
    new RegExp(`^\\d+(${unit})?$`).test(t)
      ? undefined
      : `time '${t}' is not supported by Labwire; a number with or without '${unit}' is`,
});
const MAC: ScalarRule = {
  type: 'text',
  quoted: true,
  check: (t) =>
    parseMac(t) === undefined ? `Invalid MAC address '${t}', ${MAC_WORDS}` : undefined,
};

function checkCidr(text: string): string | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return `address '${text}' is missing /prefixlength`;
  const head = text.slice(0, slash);
  const length = /^\d+$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : undefined;
  const max = parseIpv4(head) !== undefined ? 32 : parseIpv6(head) !== undefined ? 128 : undefined;
  if (max === undefined)
    return `malformed address '${text}', must be X.X.X.X/NN or X:X:X:X:X:X:X:X/NN`;
  return length === undefined || length === 0 || length > max
    ? `invalid prefix length in address '${text}'`
    : undefined;
}

function checkServer(text: string): string | undefined {
  if (parseIpv4(text) !== undefined || parseIpv6(text) !== undefined) return undefined;
  return `malformed address '${text}', must be X.X.X.X or X:X:X:X:X:X:X:X`;
}

const gateway = (family: 4 | 6): ScalarRule => ({
  type: 'text',
  check: (t) =>
    (family === 4 ? parseIpv4(t) : parseIpv6(t)) === undefined
      ? `invalid IPv${family} address '${t}'`
      : undefined,
});

const refused = (names: string): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, REFUSED]));

/** Keys that all devices have, in the order in which netplan writes them. */
const COMMON_HEAD: Record<string, Rule> = {
  optional: BOOL,
  addresses: { type: 'list', quoted: true, check: checkCidr },
  nameservers: {
    type: 'map',
    keys: { addresses: { type: 'list', check: checkServer }, search: { type: 'list' } },
  },
  gateway4: gateway(4),
  gateway6: gateway(6),
  dhcp4: BOOL,
  dhcp6: { type: 'refused', boolean: true },
  macaddress: MAC,
};
const COMMON_TAIL: Record<string, Rule> = {
  mtu: UINT,
  routes: { type: 'routes' },
  ...refused(
    'accept-ra activation-mode critical dhcp-identifier dhcp4-overrides dhcp6-overrides ignore-carrier ipv6-address-generation ipv6-address-token ipv6-mtu ipv6-privacy link-local neigh-suppress networkmanager openvswitch optional-addresses regulatory-domain renderer routing-policy',
  ),
};

const INTERFACES: ListRule = { type: 'list' };

const BRIDGE_PARAMETERS: MapRule = {
  type: 'map',
  keys: {
    'ageing-time': time('s'),
    'aging-time': time('s'),
    'forward-delay': time('s'),
    'hello-time': time('s'),
    'max-age': time('s'),
    priority: UINT,
    stp: BOOL,
    ...refused('path-cost port-priority'),
  },
};

const BOND_PARAMETERS: MapRule = {
  type: 'map',
  keys: {
    mode: {
      ...TEXT,
      check: (t) => (BOND_MODES.includes(t) ? undefined : `unknown bond mode '${t}'`),
    },
    'mii-monitor-interval': time('ms'),
    'up-delay': time('ms'),
    'down-delay': time('ms'),
    ...refused(
      'active-slave ad-select all-members-active all-slaves-active arp-all-targets arp-interval arp-ip-targets arp-validate fail-over-mac-policy gratuitious-arp gratuitous-arp lacp-rate learn-packet-interval min-links packets-per-member packets-per-slave primary primary-reselect-policy primary-slave resend-igmp transmit-hash-policy',
    ),
  },
};

/** What each kind of device may have. */
export const DEVICE_KEYS: Readonly<Record<NetKind, Readonly<Record<string, Rule>>>> = {
  ethernets: {
    match: { type: 'map', keys: { name: TEXT, macaddress: MAC, ...refused('driver') } },
    ...COMMON_HEAD,
    'set-name': TEXT,
    ...COMMON_TAIL,
    ...refused(
      'auth delay-virtual-functions-rebind embedded-switch-mode emit-lldp generic-receive-offload generic-segmentation-offload infiniband-mode large-receive-offload link receive-checksum-offload tcp-segmentation-offload tcp6-segmentation-offload transmit-checksum-offload virtual-function-count wakeonlan',
    ),
  },
  bridges: {
    ...COMMON_HEAD,
    ...COMMON_TAIL,
    interfaces: INTERFACES,
    parameters: BRIDGE_PARAMETERS,
  },
  bonds: { ...COMMON_HEAD, ...COMMON_TAIL, interfaces: INTERFACES, parameters: BOND_PARAMETERS },
  vlans: { ...COMMON_HEAD, ...COMMON_TAIL, id: UINT, link: TEXT },
};

/** A route's keys, in the order in which netplan writes them. */
export const ROUTE_KEYS: Readonly<Record<string, Rule>> = {
  metric: UINT,
  'on-link': BOOL,
  scope: {
    ...TEXT,
    check: (t) =>
      ['global', 'link', 'host'].includes(t) ? undefined : `invalid route scope '${t}'`,
  },
  to: TEXT,
  via: TEXT,
  ...refused('advertised-receive-window congestion-window from mtu table type'),
};

/** Kinds of devices that netplan knows and Labwire does not. */
export const REFUSED_KINDS: readonly string[] = [
  'modems',
  'nm-devices',
  'openvswitch',
  'tunnels',
  'vrfs',
  'wifis',
];
