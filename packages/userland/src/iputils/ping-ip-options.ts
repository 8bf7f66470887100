import type { Ipv4Addr } from '@labwire/core/addr';
import { get32, put32 } from '@labwire/core/bytes';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/*
 * -R and -T: options of the IPv4 header that ping sends, and what it prints of those that come back. iputils
 * ping/ping.c, ping4_run() and pr_options()
 */

const IPOPT_EOL = 0;
const IPOPT_NOP = 1;
const IPOPT_RR = 7;
const IPOPT_TS = 68;
const IPOPT_LSRR = 131;
const IPOPT_SSRR = 137;
const MINOFF = 4;
/** Bytes of options that ping reckons with, and of a record of the route with a NOP before it. */
export const OPTION_SPACE = 40;

/** Kinds of timestamps by their names, with the numbers of RFC 791. */
export const TIMESTAMP_TYPES: Readonly<Record<string, number>> = {
  tsonly: 0,
  tsandaddr: 1,
  tsprespec: 3,
};

/** A record of the route, empty. */
export function recordRouteOption(): Uint8Array {
  const option = new Uint8Array(OPTION_SPACE);
  option.set([IPOPT_NOP, IPOPT_RR, OPTION_SPACE - 1, MINOFF]);
  return option;
}

/** Timestamps, of these addresses alone if any are given. */
export function timestampOption(type: number, route: readonly InetAddr[]): Uint8Array {
  const option = new Uint8Array(OPTION_SPACE);
  const prespec = type === TIMESTAMP_TYPES.tsprespec;
  const length = prespec ? 4 + 8 * route.length : type === TIMESTAMP_TYPES.tsonly ? 40 : 36;
  option.set([IPOPT_TS, length, 5, type]);
  if (prespec) for (const [i, addr] of route.entries()) put32(option, 4 + 8 * i, addr as Ipv4Addr);
  return option;
}

/** Prints the options of replies; knows the last route. */
export class OptionPrinter {
  readonly #host: (addr: InetAddr) => Promise<string>;
  readonly #flood: boolean;
  #lastRoute = '';

  constructor(host: (addr: InetAddr) => Promise<string>, flood: boolean) {
    this.#host = host;
    this.#flood = flood;
  }

  /** What stands behind a reply's line, which it may break. */
  async text(options: Uint8Array): Promise<string> {
    let text = '';
    for (let at = 0; at < options.length; ) {
      const type = options[at] as number;
      if (type === IPOPT_EOL) break;
      if (type === IPOPT_NOP) {
        at++;
        text += '\nNOP';
        continue;
      }
      const size = options[at + 1] ?? 0;
      if (size < 2 || at + size > options.length) break;
      text += await this.#one(type, options.subarray(at, at + size));
      at += size;
    }
    return text;
  }

  #one(type: number, option: Uint8Array): Promise<string> | string {
    switch (type) {
      case IPOPT_RR:
        return this.#recorded(option);
      case IPOPT_TS:
        return this.#stamps(option);
      case IPOPT_LSRR:
      case IPOPT_SSRR:
        return this.#route(`\n${type === IPOPT_SSRR ? 'S' : 'L'}SRR: `, option, option.length - 3);
      default:
        return `\nunknown option ${type.toString(16)}`;
    }
  }

  async #recorded(option: Uint8Array): Promise<string> {
    const filled = Math.min(option[2] ?? 0, option.length) - MINOFF;
    if (filled <= 0) return '';
    const route = option.subarray(3, 3 + filled).join();
    if (route === this.#lastRoute && !this.#flood) return '\t(same route)';
    this.#lastRoute = route;
    return this.#route('\nRR: ', option, filled);
  }

  async #route(head: string, option: Uint8Array, bytes: number): Promise<string> {
    let text = head;
    for (let at = 3; at < 3 + bytes; at += 4) text += `\t${await this.#address(option, at)}\n`;
    return text;
  }

  #address(option: Uint8Array, at: number): Promise<string> | string {
    const addr = get32(option, at) as Ipv4Addr;
    return addr === 0 ? '0.0.0.0' : this.#host(addr);
  }

  async #stamps(option: Uint8Array): Promise<string> {
    let left = Math.min(option[2] ?? 0, option.length) - 5;
    if (left <= 0) return '';
    const flags = option[3] ?? 0;
    let text = '\nTS: ';
    let last = 0;
    for (let at = 4; left > 0; ) {
      if ((flags & 3) !== 0) {
        text += `\t${await this.#address(option, at)}`;
        at += 4;
        left -= 4;
        if (left <= 0) break;
      }
      const time = get32(option, at) >>> 0;
      at += 4;
      left -= 4;
      text += `\t${stamp(time, last)}\n`;
      last = time & 0x7fff_ffff;
    }
    return flags >>> 4 === 0 ? text : `${text}Unrecorded hops: ${flags >>> 4}\n`;
  }
}

/** A time, from midnight or from the one before; of one's own if the highest bit says so. */
function stamp(time: number, last: number): string {
  const standard = time < 0x8000_0000;
  const value = time & 0x7fff_ffff;
  const suffix = standard ? '' : ' not-standard';
  return last === 0 ? `${value} absolute${suffix}` : `${value - last}${suffix}`;
}
