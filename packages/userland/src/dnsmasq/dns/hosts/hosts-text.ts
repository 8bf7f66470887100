import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../../libc-net/index.ts';

/** One line of a hosts file with an address. */
export interface HostsLine {
  readonly line: number;
  /** Undefined: the line begins with none. */
  readonly addr: InetAddr | undefined;
  readonly names: readonly string[];
}

/** The lines of a hosts file that say something. dnsmasq src/cache.c, read_hostsfile() */
export function* hostsLines(text: string): Generator<HostsLine> {
  for (const [i, raw] of text.split('\n').entries()) {
    const [first, ...names] = raw.replace(/#.*/, '').trim().split(/\s+/);
    if (first === undefined || first === '') continue;
    yield { line: i + 1, addr: parseInet(first), names };
  }
}
