/** Single expectations, in a form that a lab can check with grep on what tcpdump saw. */
import { formatIpv4 } from '@labwire/core/addr';
import type { Seen } from './packet.ts';
import type { Machine } from './topology.ts';
import type { Trace } from './trace.ts';

/** So many packets that look like `line` are wanted at a machine because of a step. */
export interface Check {
  readonly step: string;
  readonly machine: Machine;
  /** What it is about, for people. */
  readonly what: string;
  /** A part of the line that tcpdump -nvt prints for such a packet. */
  readonly line: string;
  readonly wanted: number;
  readonly got: number;
  /** What was judged by more than its line: labs look for its bytes. */
  readonly packet?: Seen;
}

/** Whether a check came out as wanted. */
export function isMet(c: Check): boolean {
  return c.got === c.wanted;
}

/** TCP's flags as tcpdump writes them. */
export const FLAGS: readonly (readonly [bit: number, letter: string])[] = [
  [0x01, 'F'],
  [0x02, 'S'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x10, '.'],
];
const QUERIES: Readonly<Record<number, string>> = {
  0: 'ICMP echo reply, id',
  8: 'ICMP echo request, id',
  13: 'ICMP time stamp query id',
  14: 'ICMP time stamp reply id',
};

/** What a packet is recognised by: a part of tcpdump's line for it; of an ICMP error, for what it quotes. */
export function lineOf(p: Seen): string {
  if (p.isError) return p.quote.proto === 'icmp' ? lineOf(p.quote) : `${p.quote.ends}:`;
  if (p.isLaterFragment) return `${p.ends}: `;
  if (p.proto === 'tcp') {
    const flags = FLAGS.map(([bit, letter]) => ((p.flags & bit) !== 0 ? letter : '')).join('');
    return `${p.ends}: Flags [${flags}]`;
  }
  if (p.proto !== 'icmp') return `${p.ends}: `;
  const what = QUERIES[p.icmpType];
  return `${p.ends}: ${what === undefined ? 'ICMP' : `${what} ${p.src.port},`}`;
}

/** Wants packets with `line` in their own. */
export function wants(
  t: Trace,
  step: string,
  machine: Machine,
  what: string,
  line: string,
  wanted = 1,
): Check {
  const got = t.all(step, machine).filter((p) => lineOf(p).includes(line)).length;
  return { step, machine, what, line, wanted, got };
}

/** The line of a packet with other ends. */
export function lineWith(
  p: Seen,
  ends: { readonly src?: Seen['src']; readonly dst?: Seen['dst'] },
): string {
  const src = ends.src ?? p.src;
  const dst = ends.dst ?? p.dst;
  const port = (e: Seen['src']): string => (p.proto === 'icmp' ? '' : `.${e.port}`);
  const old = lineOf(p);
  const head = `${formatIpv4(src.addr)}${port(src)} > ${formatIpv4(dst.addr)}${port(dst)}`;
  const tail = old.slice(p.ends.length);
  const id = (ends.dst ?? ends.src ?? p.src).port;
  return head + (p.proto === 'icmp' ? tail.replace(`${p.src.port},`, `${id},`) : tail);
}
