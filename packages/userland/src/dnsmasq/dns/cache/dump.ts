import { typeName } from '@labwire/devices/dns';
import { formatDate } from '../../../coreutils/index.ts';
import { formatInet } from '../../../libc-net/index.ts';
import { type CacheEntry, cnameTarget } from './cache-entry.ts';
import {
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_FORWARD,
  F_HOSTS,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_NXDOMAIN,
  F_REVERSE,
  F_RR,
} from './cache-flags.ts';

/** The lines above a dump. */
export const DUMP_HEAD: readonly string[] = [
  'Host                           Address                                  Flags      Expires                  Source',
  '------------------------------ ---------------------------------------- ---------- ------------------------ ------------',
];

function address(entry: CacheEntry): string {
  const { flags, addr, type } = entry;
  if ((flags & F_CNAME) !== 0) return cnameTarget(entry) ?? '';
  if ((flags & F_RR) !== 0) return `<${typeName(type) ?? `type=${type}`}>`;
  if ((flags & F_NEG) !== 0 && (flags & F_FORWARD) !== 0) return '';
  return addr === undefined ? '' : formatInet(addr);
}

function kind(flags: number): string {
  if ((flags & F_IPV4) !== 0) return '4';
  if ((flags & F_IPV6) !== 0) return '6';
  if ((flags & F_CNAME) !== 0) return 'C';
  if ((flags & F_RR) !== 0) return 'T';
  return (flags & F_NXDOMAIN) === 0 ? '!' : ' ';
}

const LETTERS: readonly (readonly [flag: number, letter: string])[] = [
  [F_FORWARD, 'F'],
  [F_REVERSE, 'R'],
  [F_IMMORTAL, 'I'],
  [F_DHCP, 'D'],
  [F_NEG, 'N'],
  [F_NXDOMAIN, 'X'],
  [F_HOSTS, 'H'],
  [F_CONFIG, 'C'],
  [0, 'V'],
];

function column(text: string, width: number): string {
  return text.slice(0, width).padEnd(width);
}

/** An entry as SIGUSR1 logs it. dump_cache_entry() */
export function dumpLine(entry: CacheEntry): string {
  const { flags, name, dies, source } = entry;
  const reverseNeg = (flags & F_REVERSE) !== 0 && (flags & F_NEG) !== 0;
  const shown = reverseNeg ? '' : name === '' && (flags & F_REVERSE) === 0 ? '<Root>' : name;
  const letters = LETTERS.map(([flag, letter]) => ((flags & flag) !== 0 ? letter : ' ')).join('');
  const expires = (flags & F_IMMORTAL) !== 0 ? '' : formatDate('%a %b %e %H:%M:%S %Y', dies);
  const from =
    (flags & (F_HOSTS | F_CONFIG)) !== 0 && source !== '' ? ` ${column(source, 40)}` : '';
  return `${column(shown, 30)} ${column(address(entry), 40)} ${kind(flags)}${letters} ${column(expires, 24)}${from}`;
}
