import type { Ipv4Addr } from '@labwire/core/addr';
import { inetAton } from '../../../libc-net/index.ts';
import { Opts } from '../../command-line/index.ts';
import { QemuError } from '../../qemu-error.ts';
import { type Ipv6Config, readIpv6 } from './ipv6-config.ts';

/** What a user-mode network is like. QEMU net/slirp.c, net_slirp_init() */
export interface UserConfig {
  readonly net: Ipv4Addr;
  readonly mask: number;
  /** QEMU's own address, and the guest's gateway. */
  readonly host: Ipv4Addr;
  readonly dns: Ipv4Addr;
  readonly dhcpStart: Ipv4Addr;
  /** The guest reaches nobody but what `guestfwd` lets it. */
  readonly restricted: boolean;
  /** Told to the guest by DHCP. */
  readonly hostname: string | undefined;
  readonly domainname: string | undefined;
  readonly dnsSearch: readonly string[];
  readonly bootfile: string | undefined;
  readonly tftpServerName: string | undefined;
  /** The directory of the host's that TFTP serves. */
  readonly tftp: string | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly v6: Ipv6Config;
}

/** Bytes of a domain's name. */
const MAX_DOMAIN = 255;

/** Words that need what Labwire does not have. */
const REFUSED: Readonly<Record<string, string>> = {
  smb: 'no SMB server',
  smbserver: 'no SMB server',
};

/** Reads the words of `-netdev user`. @throws QemuError */
export function readUserConfig(opts: Opts): UserConfig {
  for (const [word, why] of Object.entries(REFUSED))
    if (opts.get(word) !== undefined) throw opts.error(`Labwire's user mode has ${why} (${word}=)`);
  const families = readFamilies(opts);
  const { net, mask } = readNet(opts);
  const at = (word: string, what: string, n: number) =>
    addressOf(opts, word, what) ?? ((net | n) as Ipv4Addr);
  const inside = (addr: Ipv4Addr) => (addr & mask) === net;
  const host = at('host', 'host', 2);
  if (!inside(host)) throw opts.error("Host doesn't belong to network");
  const dns = at('dns', 'DNS', 3);
  const restricted = opts.flag('restrict') ?? false;
  if (restricted && !inside(dns)) throw opts.error("DNS doesn't belong to network");
  if (dns === host) throw opts.error('DNS must be different from host');
  if (opts.get('domainname') === '') throw opts.error("'domainname' parameter cannot be empty");
  if ((opts.get('domainname') ?? '').length > MAX_DOMAIN)
    throw opts.error("'domainname' parameter cannot exceed 255 bytes");
  const dhcpStart = at('dhcpstart', 'DHCP start address', 15);
  if (!inside(dhcpStart)) throw opts.error("DHCP doesn't belong to network");
  if (dhcpStart === host || dhcpStart === dns)
    throw opts.error('DHCP must be different from host and DNS');
  return {
    net,
    mask,
    host,
    dns,
    dhcpStart,
    restricted,
    hostname: opts.get('hostname'),
    domainname: opts.get('domainname'),
    dnsSearch: opts.all('dnssearch'),
    bootfile: opts.get('bootfile'),
    tftpServerName: opts.get('tftp-server-name'),
    tftp: opts.get('tftp'),
    v6: readIpv6(opts, families.ipv6),
    ...families,
  };
}

function readFamilies(opts: Opts): { readonly ipv4: boolean; readonly ipv6: boolean } {
  const [v4, v6] = [opts.flag('ipv4'), opts.flag('ipv6')];
  if (v4 === false && v6 === false) throw opts.error('IPv4 and IPv6 disabled');
  return { ipv4: v4 ?? v6 !== true, ipv6: v6 ?? v4 !== true };
}

/** `net=10.0.2.0/24`, `/255.255.255.0`, or with the mask of its class. */
function readNet(opts: Opts): { readonly net: Ipv4Addr; readonly mask: number } {
  const text = opts.get('net');
  if (text === undefined) return { net: 0x0a_00_02_00 as Ipv4Addr, mask: -256 };
  const [address = '', length] = text.split('/', 2);
  const addr = inetAton(address);
  if (addr === undefined) throw opts.error('Failed to parse netmask');
  const mask = length === undefined ? classMask(addr) : maskOf(opts, length);
  return { net: (addr & mask) as Ipv4Addr, mask };
}

function maskOf(opts: Opts, text: string): number {
  if (!/^\d+$/.test(text)) {
    const mask = inetAton(text);
    if (mask === undefined) throw opts.error('Failed to parse netmask');
    return mask;
  }
  const length = Number(text);
  if (length < 4 || length > 32)
    throw opts.error('Invalid netmask provided (must be in range 4-32)');
  return -1 << (32 - length);
}

function classMask(addr: number): number {
  if (addr >>> 31 === 0) return -1 << 24;
  return addr >>> 30 === 2 ? -1 << 16 : -1 << 8;
}

function addressOf(opts: Opts, word: string, what: string): Ipv4Addr | undefined {
  const text = opts.get(word);
  if (text === undefined) return undefined;
  const addr = inetAton(text);
  if (addr === undefined) throw opts.error(`Failed to parse ${what}`);
  return addr as Ipv4Addr;
}

/** A port of the host's that leads to the guest. */
export interface HostForward {
  readonly protocol: 'tcp' | 'udp';
  readonly hostAddr: Ipv4Addr;
  readonly hostPort: number;
  /** 0: the first address that DHCP gives. */
  readonly guestAddr: Ipv4Addr;
  readonly guestPort: number;
}

/** Reads `tcp:HOSTADDR:PORT-GUESTADDR:PORT`. net/slirp.c, slirp_hostfwd() @throws QemuError without a place */
export function parseHostForward(rule: string): HostForward {
  const fail = (why: string) =>
    new QemuError(undefined, `Invalid host forwarding rule '${rule}' (${why})`);
  const rest = { text: rule };
  const take = (separator: string, missing: string): string => {
    const at = rest.text.indexOf(separator);
    if (at < 0) throw fail(missing);
    const part = rest.text.slice(0, at);
    rest.text = rest.text.slice(at + 1);
    return part;
  };
  const address = (text: string, bad: string): Ipv4Addr => {
    const addr = text === '' ? 0 : inetAton(text);
    if (addr === undefined) throw fail(bad);
    return addr as Ipv4Addr;
  };
  const port = (text: string, least: number, bad: string): number => {
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < least || n > 65_535) throw fail(bad);
    return n;
  };
  const protocol = take(':', 'No : separators') || 'tcp';
  if (protocol !== 'tcp' && protocol !== 'udp') throw fail('Bad protocol name');
  const hostAddr = address(take(':', 'Missing : separator'), 'Bad host address');
  const hostPort = port(take('-', 'Bad host port separator'), 0, 'Bad host port');
  const guestAddr = address(take(':', 'Missing guest address'), 'Bad guest address');
  const guestPort = port(rest.text, 1, 'Bad guest port');
  return { protocol, hostAddr, hostPort, guestAddr, guestPort };
}

/** A rule of `guestfwd`: what is behind an address, still to be opened. */
export interface GuestForwardRule {
  readonly addr: Ipv4Addr;
  readonly port: number;
  /** `cmd:PROGRAM` or a character device. */
  readonly target: string;
}

/** Reads `tcp:SERVER:PORT-TARGET`. net/slirp.c, slirp_guestfwd() @throws QemuError */
export function parseGuestForward(opts: Opts, rule: string): GuestForwardRule {
  const match = /^(?:tcp)?:([^:]*):(\d+)-(.*)$/s.exec(rule);
  const addr = match?.[1] === '' ? 0 : inetAton(match?.[1] ?? '');
  const port = Number(match?.[2]);
  if (match === null || addr === undefined || port < 1 || port > 65_535)
    throw opts.error(`Invalid guest forwarding rule '${rule}'`);
  return { addr: addr as Ipv4Addr, port, target: match[3] as string };
}

/** The network where nothing else is said. */
export const DEFAULT_USER_CONFIG: UserConfig = readUserConfig(
  new Opts('-netdev user', 'user', 'type'),
);
