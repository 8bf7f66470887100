import { type Ipv6Addr, ipv6, parseIpv6 } from '@labwire/core/addr';
import type { Opts } from '../../command-line/index.ts';

/** What IPv6 is like in a user-mode network. */
export interface Ipv6Config {
  readonly prefix: Ipv6Addr;
  /** Bits. */
  readonly prefixLen: number;
  readonly host: Ipv6Addr;
  readonly dns: Ipv6Addr;
}

const DEFAULT_PREFIX: Ipv6Addr = ipv6(0xfec00000, 0, 0, 0);
const DEFAULT_LENGTH = 64;
const MAX_LENGTH = 126;

/** An address of the network: QEMU takes the prefix's first 64 bits whatever its length. */
function inPrefix(prefix: Ipv6Addr, last: number): Ipv6Addr {
  return ipv6(prefix.w0, prefix.w1, prefix.w2, (prefix.w3 | last) >>> 0);
}

function same(a: Ipv6Addr, b: Ipv6Addr, bits: number): boolean {
  const words = ['w0', 'w1', 'w2', 'w3'] as const;
  return words.every((w, i) => {
    const n = Math.min(32, Math.max(0, bits - i * 32));
    return n === 0 || (a[w] ^ b[w]) >>> (32 - n) === 0;
  });
}

/** Reads `ipv6-net`, or the older `ipv6-prefix` and `ipv6-prefixlen`, `ipv6-host` and `ipv6-dns`. net_slirp_init() @throws QemuError */
export function readIpv6(opts: Opts, enabled: boolean): Ipv6Config {
  const given = ['ipv6-net', 'ipv6-prefix', 'ipv6-host', 'ipv6-dns'].some(
    (word) => opts.get(word) !== undefined,
  );
  if (!enabled && given) throw opts.error('IPv6 disabled but prefix/host6/dns6 provided');
  const { prefix, prefixLen } = readPrefix(opts);
  const at = (word: string, what: string, last: number): Ipv6Addr => {
    const text = opts.get(word);
    if (text === undefined) return inPrefix(prefix, last);
    const addr = parseIpv6(text);
    if (addr === undefined) throw opts.error(`Failed to parse IPv6 ${what}`);
    return addr;
  };
  const host = at('ipv6-host', 'host', 2);
  if (!same(host, prefix, prefixLen)) throw opts.error("IPv6 Host doesn't belong to network");
  const dns = at('ipv6-dns', 'DNS', 3);
  if (opts.flag('restrict') === true && !same(dns, prefix, prefixLen))
    throw opts.error("IPv6 DNS doesn't belong to network");
  return { prefix, prefixLen, host, dns };
}

function readPrefix(opts: Opts): { readonly prefix: Ipv6Addr; readonly prefixLen: number } {
  const net = opts.get('ipv6-net');
  const [text, length] =
    net === undefined ? [opts.get('ipv6-prefix'), opts.get('ipv6-prefixlen')] : net.split('/', 2);
  if (length !== undefined && !/^-?\d+$/.test(length))
    throw opts.error(
      net === undefined
        ? "Parameter 'ipv6-prefixlen' expects an int64 value"
        : `Parameter 'ipv6-prefixlen' expects a number`,
    );
  const prefix = text === undefined ? DEFAULT_PREFIX : parseIpv6(text);
  if (prefix === undefined) throw opts.error('Failed to parse IPv6 prefix');
  const prefixLen = length === undefined ? DEFAULT_LENGTH : Number(length);
  if (prefixLen < 0 || prefixLen > MAX_LENGTH)
    throw opts.error(
      `Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and ${MAX_LENGTH})`,
    );
  return { prefix, prefixLen };
}
