import { parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import type { Config, DhcpHost, HardwareAddress, HostAddress6 } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import type { OptionHandlers } from '../handlers/index.ts';
import { optionName, parseInteger, splitAll, splitAt } from '../option-text.ts';
import {
  isHostname,
  parseHex,
  parseLeaseTime,
  stripHostname,
  tagToSet,
  textBytes,
} from './dhcp-words.ts';

/** Bytes of a hardware address. DHCP_CHADDR_MAX */
const CHADDR_MAX = 16;
/** Bytes of a client identifier. */
const CLIENT_ID_MAX = 255;

type Draft = { -readonly [K in keyof DhcpHost]: DhcpHost[K] };

function emptyHost(origin: DhcpHost['origin']): Draft {
  return {
    hardware: [],
    clientId: undefined,
    ignoreClientId: false,
    addr: undefined,
    addr6: [],
    hostname: undefined,
    domain: undefined,
    leaseTime: undefined,
    ignore: false,
    sets: [],
    filter: [],
    origin,
    addrFromHosts: false,
    addr6FromHosts: false,
    declinedAt: undefined,
  };
}

/** A part with a colon: an identifier, a tag, an IPv6 address or a hardware address. */
function takeColon(host: Draft, part: string): void {
  const id = /^id:(.*)$/i.exec(part)?.[1];
  if (id !== undefined) takeClientId(host, id);
  else if (/^(?:net|set):/.test(part))
    host.sets = [tagToSet(part.replace(/^net:/, 'set:')), ...host.sets];
  else if (part.startsWith('tag:')) host.filter = [part.slice(4), ...host.filter];
  else if (part.startsWith('[') && part.endsWith(']'))
    host.addr6 = [address6(part.slice(1, -1)), ...host.addr6];
  else host.hardware = [hardware(part), ...host.hardware];
}

function takeClientId(host: Draft, id: string): void {
  if (id.startsWith('*')) {
    host.ignoreClientId = true;
    return;
  }
  const bytes = id.includes(':') ? parseHex(id, CLIENT_ID_MAX, false)?.bytes : textBytes(id);
  if (bytes === undefined) throw new OptionError('bad hex constant');
  host.clientId = bytes;
}

/** A hardware address, bytes of which may be `*`. @throws OptionError */
export function hardware(text: string): HardwareAddress {
  const hex = parseHex(text, CHADDR_MAX, true);
  if (hex === undefined) throw new OptionError('bad hex constant');
  return hex;
}

function address6(text: string): HostAddress6 {
  const [head, tail] = splitAt(text, '/');
  const addr = parseIpv6(head);
  if (addr === undefined) throw new OptionError('bad IPv6 address');
  const length = tail === undefined ? undefined : parseInteger(tail);
  const bad = length === undefined ? tail !== undefined : length < 64 || length > 128;
  if (bad) throw new OptionError('bad IPv6 prefix');
  return { addr, prefixLength: length, wildcard: addr.w0 === 0 && addr.w1 === 0 };
}

/** A part without a colon or a dotted address: a time, `ignore`, or a name. */
function takeWord(host: Draft, part: string): void {
  if (/^ *$/.test(part)) return;
  const time = parseLeaseTime(part);
  if (time !== undefined) host.leaseTime = time;
  else if (part === 'ignore') host.ignore = true;
  else {
    const name = optionName(part);
    if (name === undefined || !isHostname(name)) throw new OptionError('bad DHCP host name');
    [host.hostname, host.domain] = stripHostname(name);
  }
}

/** Reads what stands for one host. @throws OptionError */
export function readHost(config: Config, arg: string, origin: DhcpHost['origin']): DhcpHost {
  const host = emptyHost(origin);
  for (const part of splitAll(arg)) {
    const addr = part.includes('.') ? parseIpv4(part) : undefined;
    if (part.includes(':')) takeColon(host, part);
    else if (addr === undefined) takeWord(host, part);
    else {
      if (config.dhcp.hosts.some((h) => h.addr === addr))
        throw new OptionError(`duplicate dhcp-host IP address ${formatInet(addr)}`);
      host.addr = addr;
    }
  }
  return host;
}

/** A host without anything: what a line of /etc/ethers begins with. */
export function ethersHost(mac: HardwareAddress): DhcpHost {
  return { ...emptyHost('ethers'), hardware: [mac], ignoreClientId: true };
}

/** Options for single hosts. */
export const hostOptions: OptionHandlers = {
  G: ({ config }, arg) => {
    config.dhcp.hosts.unshift(readHost(config, arg, 'config'));
  },
  'bank-host': ({ config }, arg) => {
    config.dhcp.hosts.unshift(readHost(config, arg, 'file'));
  },
};
