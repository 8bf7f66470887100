import { formatIpv4, IPV4_ANY, type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { inetAton } from '../libc-net/index.ts';
import type { FileSystem, Process } from '../machine/index.ts';
import { type GaiError, lookupName, type Resolved, reverse } from '../resolver/index.ts';
import { Exit } from './exit.ts';

/** What a word on the command line stands for. */
export interface InetTarget {
  readonly addr: Ipv4Addr;
  /** `default`, or a name of /etc/networks. */
  readonly isNet: boolean;
}

interface Network {
  readonly name: string;
  readonly addr: Ipv4Addr;
}

/** networks(5). */
function readNetworks(fs: FileSystem): Network[] {
  if (!fs.exists('/etc/networks')) return [];
  return fs
    .readText('/etc/networks')
    .split('\n')
    .flatMap((line) => {
      const [name, text] = line.replace(/#.*/, '').trim().split(/\s+/);
      const addr = inetAton(text ?? '');
      return name === undefined || addr === undefined ? [] : [{ name, addr }];
    });
}

/** herror(3) */
function herror(name: string, error: GaiError): string {
  switch (error) {
    case 'EAI_AGAIN':
      return `${name}: Host name lookup failure\n`;
    case 'EAI_NODATA':
      return `${name}: No address associated with name\n`;
    case 'EAI_FAIL':
      return `${name}: Unknown server error\n`;
    default:
      return `${name}: Unknown host\n`;
  }
}

/** gethostbyname(3): what is all digits and dots, or cannot be a host's name, is asked of no one. */
async function lookUp(proc: Process, name: string): Promise<Resolved> {
  if (/^[\d.]*\d$|^-/.test(name)) return { error: 'EAI_NONAME' };
  return lookupName(proc, name, 'inet');
}

/**
 * Reads an address or looks a name up, among networks first unless a host is meant. net-tools lib/inet.c, INET_resolve().
 * @throws Exit with `status` and the reason
 */
export async function resolveInet(
  proc: Process,
  name: string,
  status: number,
  hostFirst = false,
): Promise<InetTarget> {
  if (name === 'default') return { addr: IPV4_ANY, isNet: true };
  const addr = inetAton(name);
  if (addr !== undefined) return { addr, isNet: false };
  const network = () => readNetworks(proc.fs).find((n) => n.name === name);
  const net = hostFirst ? undefined : network();
  if (net !== undefined) return { addr: net.addr, isNet: true };
  const found = await lookUp(proc, name);
  if (!('error' in found)) {
    return { addr: found.addrs[0]?.addr as Ipv4Addr, isNet: false };
  }
  const late = hostFirst ? network() : undefined;
  if (late === undefined) throw new Exit(status, herror(name, found.error));
  return { addr: late.addr, isNet: true };
}

/**
 * An address or a name with its prefix length apart: `10.0.0.0/8`. A length counts modulo 32, as the processor's shift does:
 * `/32` is no mask at all. net-tools lib/inet.c, INET_getnetmask()
 * @returns undefined for a length that is no number
 */
export function splitPrefix(
  text: string,
): { readonly name: string; readonly mask: Ipv4Addr | undefined } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return { name: text, mask: undefined };
  const digits = text.slice(slash + 1);
  if (!/^\d*$/.test(digits)) return undefined;
  return { name: text.slice(0, slash), mask: ipv4Mask(Number(digits) % 32) };
}

/** How {@link inetName} shows an address. */
export interface NameStyle {
  readonly numeric: boolean;
  /** `default` in place of `*` for any address. */
  readonly defaultName?: boolean;
  /** It is a host's, whatever its bits. */
  readonly host?: boolean;
  readonly mask: Ipv4Addr;
}

/** An address by name where it has one. net-tools lib/inet.c, INET_rresolve() */
export async function inetName(proc: Process, addr: Ipv4Addr, style: NameStyle): Promise<string> {
  if (style.numeric) return formatIpv4(addr);
  if (addr === IPV4_ANY) {
    if (style.mask !== 0) return '0.0.0.0';
    return style.defaultName === true ? 'default' : '*';
  }
  const isHost = style.host === true || (addr & ~style.mask) !== 0;
  const name = isHost
    ? (await reverse(proc, addr))?.name
    : readNetworks(proc.fs).find((n) => n.addr === addr)?.name;
  return name ?? formatIpv4(addr);
}
