/** How an option's value is written. OT_* of dnsmasq src/dnsmasq.h */
export type ValueKind = 'addresses' | 'name' | 'names' | 'strings' | 'time' | 'decimal' | 'bytes';

/** An option that dnsmasq knows by name. */
export interface NamedOption {
  readonly name: string;
  readonly code: number;
  readonly kind: ValueKind;
  /** Bytes of a number; 0 for as many as it needs. */
  readonly size: number;
  /** dnsmasq makes it itself: it can be matched but not be set by name. */
  readonly internal: boolean;
}

const row = (name: string, code: number, kind: ValueKind = 'bytes', size = 0): NamedOption => ({
  name,
  code,
  kind,
  size,
  internal: false,
});

const own = (name: string, code: number, kind: ValueKind = 'bytes'): NamedOption => ({
  ...row(name, code, kind),
  internal: true,
});

/** Options of DHCP for IPv4, in order of their codes. dnsmasq src/dhcp-common.c, opttab */
export const OPTIONS4: readonly NamedOption[] = [
  row('netmask', 1, 'addresses'),
  row('time-offset', 2, 'bytes', 4),
  row('router', 3, 'addresses'),
  row('dns-server', 6, 'addresses'),
  row('log-server', 7, 'addresses'),
  row('lpr-server', 9, 'addresses'),
  own('hostname', 12, 'name'),
  row('boot-file-size', 13, 'decimal', 2),
  row('domain-name', 15, 'name'),
  row('swap-server', 16, 'addresses'),
  row('root-path', 17, 'name'),
  row('extension-path', 18, 'name'),
  row('ip-forward-enable', 19, 'bytes', 1),
  row('non-local-source-routing', 20, 'bytes', 1),
  row('policy-filter', 21, 'addresses'),
  row('max-datagram-reassembly', 22, 'decimal', 2),
  row('default-ttl', 23, 'decimal', 1),
  row('mtu', 26, 'decimal', 2),
  row('all-subnets-local', 27, 'bytes', 1),
  own('broadcast', 28, 'addresses'),
  row('router-discovery', 31, 'bytes', 1),
  row('router-solicitation', 32, 'addresses'),
  row('static-route', 33, 'addresses'),
  row('trailer-encapsulation', 34, 'bytes', 1),
  row('arp-timeout', 35, 'decimal', 4),
  row('ethernet-encap', 36, 'bytes', 1),
  row('tcp-ttl', 37, 'bytes', 1),
  row('tcp-keepalive', 38, 'decimal', 4),
  row('nis-domain', 40, 'name'),
  row('nis-server', 41, 'addresses'),
  row('ntp-server', 42, 'addresses'),
  own('vendor-encap', 43),
  row('netbios-ns', 44, 'addresses'),
  row('netbios-dd', 45, 'addresses'),
  row('netbios-nodetype', 46, 'bytes', 1),
  row('netbios-scope', 47),
  row('x-windows-fs', 48, 'addresses'),
  row('x-windows-dm', 49, 'addresses'),
  own('requested-address', 50, 'addresses'),
  own('lease-time', 51, 'time'),
  own('option-overload', 52),
  own('message-type', 53, 'decimal'),
  own('server-identifier', 54, 'addresses'),
  own('parameter-request', 55),
  own('message', 56),
  own('max-message-size', 57),
  row('T1', 58, 'time'),
  row('T2', 59, 'time'),
  row('vendor-class', 60),
  own('client-id', 61),
  row('nis+-domain', 64, 'name'),
  row('nis+-server', 65, 'addresses'),
  row('tftp-server', 66, 'name'),
  row('bootfile-name', 67, 'name'),
  row('mobile-ip-home', 68, 'addresses'),
  row('smtp-server', 69, 'addresses'),
  row('pop3-server', 70, 'addresses'),
  row('nntp-server', 71, 'addresses'),
  row('irc-server', 74, 'addresses'),
  row('user-class', 77),
  row('rapid-commit', 80),
  own('FQDN', 81),
  own('agent-id', 82),
  row('client-arch', 93, 'decimal', 2),
  row('client-interface-id', 94),
  row('client-machine-id', 97),
  row('posix-timezone', 100, 'name'),
  row('tzdb-timezone', 101, 'name'),
  row('ipv6-only', 108, 'decimal', 4),
  own('subnet-select', 118),
  row('domain-search', 119, 'names'),
  row('sip-server', 120),
  row('classless-static-route', 121),
  row('vendor-id-encap', 125),
  row('tftp-server-address', 150, 'addresses'),
  row('server-ip-address', 255, 'addresses'),
];

/** Options of DHCPv6. opttab6 */
export const OPTIONS6: readonly NamedOption[] = [
  own('client-id', 1),
  own('server-id', 2),
  own('ia-na', 3),
  own('ia-ta', 4),
  own('iaaddr', 5),
  own('oro', 6),
  own('preference', 7, 'decimal'),
  own('unicast', 12),
  own('status', 13),
  own('rapid-commit', 14),
  own('user-class', 15, 'strings'),
  own('vendor-class', 16, 'strings'),
  own('vendor-opts', 17),
  row('sip-server-domain', 21, 'names'),
  row('sip-server', 22, 'addresses'),
  row('dns-server', 23, 'addresses'),
  row('domain-search', 24, 'names'),
  row('nis-server', 27, 'addresses'),
  row('nis+-server', 28, 'addresses'),
  row('nis-domain', 29, 'names'),
  row('nis+-domain', 30, 'names'),
  row('sntp-server', 31, 'addresses'),
  row('information-refresh-time', 32, 'time'),
  own('FQDN', 39, 'names'),
  row('posix-timezone', 41, 'name'),
  row('tzdb-timezone', 42, 'name'),
  row('ntp-server', 56),
  row('bootfile-url', 59, 'name'),
  row('bootfile-param', 60, 'strings'),
];

/** The option of a name, in any case. */
export function optionByName(table: readonly NamedOption[], name: string): NamedOption | undefined {
  const wanted = name.toLowerCase();
  return table.find((o) => o.name.toLowerCase() === wanted);
}

/** The option of a code. */
export function optionByCode(table: readonly NamedOption[], code: number): NamedOption | undefined {
  return table.find((o) => o.code === code);
}

/** What `dnsmasq --help dhcp` and `--help dhcp6` list. display_opts() */
export function optionList(table: readonly NamedOption[]): string {
  const lines = table.filter((o) => !o.internal);
  return lines.map((o) => `${String(o.code).padStart(3)} ${o.name}\n`).join('');
}
