/** What an option's bytes are. OPTION_* of networking/udhcp/common.h */
export type OptionType =
  | 'ip'
  | 'ip-pair'
  | 'string'
  | 'host'
  | 'dns-names'
  | 'sip-servers'
  | 'u8'
  | 'u16'
  | 'u32'
  | 's32'
  | 'routes'
  | '6rd';

/** An option that udhcpc knows by name. */
export interface KnownOption {
  readonly code: number;
  /** What -O, -x and the script's environment call it. */
  readonly name: string;
  readonly type: OptionType;
  /** Whether several -x of it make one list. */
  readonly list: boolean;
  /** Whether it is asked for unless -o is given. */
  readonly requested: boolean;
}

const LIST = 1;
const REQUESTED = 2;

const known = (code: number, name: string, type: OptionType, flags = 0): KnownOption => ({
  code,
  name,
  type,
  list: (flags & LIST) !== 0,
  requested: (flags & REQUESTED) !== 0,
});

/** The options by code. networking/udhcp/common.c, dhcp_optflags and dhcp_option_strings */
export const KNOWN_OPTIONS: readonly KnownOption[] = [
  known(1, 'subnet', 'ip', REQUESTED),
  known(2, 'timezone', 's32'),
  known(3, 'router', 'ip', LIST | REQUESTED),
  known(6, 'dns', 'ip', LIST | REQUESTED),
  known(9, 'lprsrv', 'ip', LIST),
  known(12, 'hostname', 'host', REQUESTED),
  known(13, 'bootsize', 'u16'),
  known(15, 'domain', 'host', REQUESTED),
  known(16, 'swapsrv', 'ip'),
  known(17, 'rootpath', 'string'),
  known(23, 'ipttl', 'u8'),
  known(26, 'mtu', 'u16'),
  known(28, 'broadcast', 'ip', REQUESTED),
  known(33, 'routes', 'ip-pair', LIST),
  known(40, 'nisdomain', 'host'),
  known(41, 'nissrv', 'ip', LIST),
  known(42, 'ntpsrv', 'ip', LIST | REQUESTED),
  known(44, 'wins', 'ip', LIST),
  known(51, 'lease', 'u32'),
  known(54, 'serverid', 'ip'),
  known(56, 'message', 'string'),
  known(60, 'vendor', 'string'),
  known(66, 'tftp', 'host'),
  known(67, 'bootfile', 'string'),
  known(100, 'tzstr', 'string'),
  known(101, 'tzdbstr', 'string'),
  known(119, 'search', 'dns-names', LIST),
  known(120, 'sipsrv', 'sip-servers'),
  known(121, 'staticroutes', 'routes', LIST),
  known(132, 'vlanid', 'u16'),
  known(133, 'vlanpriority', 'u8'),
  known(209, 'pxeconffile', 'string'),
  known(210, 'pxepathprefix', 'string'),
  known(211, 'reboottime', 'u32'),
  known(212, 'ip6rd', '6rd'),
  known(249, 'msstaticroutes', 'routes', LIST),
  known(252, 'wpad', 'string'),
];

/** The option of a code, if it has a name. */
export function optionByCode(code: number): KnownOption | undefined {
  return KNOWN_OPTIONS.find((o) => o.code === code);
}

/** The option of a name. */
export function optionByName(name: string): KnownOption | undefined {
  return KNOWN_OPTIONS.find((o) => o.name === name);
}

/** What -O and -x say of a name that is none. */
export function unknownOption(name: string): string {
  return `unknown option '${name}', known options: ${KNOWN_OPTIONS.map((o) => `${o.name} `).join('')}`;
}
