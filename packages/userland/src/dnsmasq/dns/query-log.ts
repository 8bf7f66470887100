import { typeName } from '@labwire/devices/dns';
import type { SockAddr } from '@labwire/devices/sock';
import { formatInet } from '../../libc-net/index.ts';
import type { Config } from '../config/index.ts';
import type { Log } from '../log.ts';
import {
  type CacheEntry,
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_HOSTS,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_NXDOMAIN,
  F_RR,
} from './cache/index.ts';

/** A type as the log shows it alone: `<MX>`. */
export function typeText(type: number): string {
  return `<${typeName(type) ?? `type=${type}`}>`;
}

/** What the log says of something that is not there. @param flags F_NXDOMAIN, F_IPV4, F_IPV6 */
export function negativeText(flags: number): string {
  if ((flags & F_NXDOMAIN) !== 0) return 'NXDOMAIN';
  if ((flags & F_IPV4) !== 0) return 'NODATA-IPv4';
  return (flags & F_IPV6) !== 0 ? 'NODATA-IPv6' : 'NODATA';
}

/** Where an entry of the cache is from, as the log says it. */
export function sourceText({ flags, source }: CacheEntry, stale: boolean): string {
  if ((flags & F_CONFIG) !== 0) return 'config';
  if ((flags & F_DHCP) !== 0) return 'DHCP';
  if ((flags & F_HOSTS) !== 0) return source;
  return stale ? 'cached-stale' : 'cached';
}

/** What an entry of the cache says, as the log says it. */
export function entryText(entry: CacheEntry): string {
  const { flags, addr, type } = entry;
  if ((flags & F_NEG) !== 0) return negativeText(flags);
  if ((flags & F_CNAME) !== 0) return '<CNAME>';
  if ((flags & F_RR) !== 0) return typeText(type);
  return addr === undefined ? '' : formatInet(addr);
}

function printable(name: string): string {
  return /\\(?!032)\d\d\d/.test(name) ? '<name unprintable>' : name;
}

/** The lines of --log-queries that belong to one question. dnsmasq src/cache.c, log_query() */
export class QueryLog {
  readonly #log: Log;
  readonly #config: Config;
  /** The number of the question, which --log-queries=extra shows. */
  readonly id: number;
  readonly #from: SockAddr | undefined;

  constructor(log: Log, config: Config, id: number, from: SockAddr | undefined) {
    this.#log = log;
    this.#config = config;
    this.id = id;
    this.#from = from;
  }

  /** Whether anything is logged. */
  get active(): boolean {
    return this.#config.has('log-queries');
  }

  /** One line: `source name verb what`. */
  say(source: string, name: string | undefined, what: string, verb = 'is'): void {
    if (!this.active) return;
    const shown = name === undefined ? '' : `${name === '' ? '.' : printable(name)} `;
    this.#log.info(`${this.#extra()}${source} ${shown}${verb} ${what}`);
  }

  #extra(): string {
    if (!this.#config.has('log-queries-extra')) return '';
    const from = this.#from;
    return `${this.id} ${from === undefined ? '' : `${formatInet(from.addr)}/${from.port} `}`;
  }

  /** A question came. */
  query(name: string, type: number, from: SockAddr): void {
    const known = typeName(type) ?? `type=${type}`;
    this.say(type > 0 ? `query[${known}]` : 'query', name, formatInet(from.addr), 'from');
  }

  /** A question goes on. */
  forwarded(name: string, to: SockAddr): void {
    const port = to.port === 53 ? '' : `#${to.port}`;
    this.say('forwarded', name, `${formatInet(to.addr)}${port}`, 'to');
  }
}
