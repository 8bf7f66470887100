import type { Dissector } from '../base/index.ts';

const RESERVED: readonly string[] = [
  'IPv4 explicit NULL',
  'router alert',
  'IPv6 explicit NULL',
  'implicit NULL',
];

/** A label stack entry. RFC 3032 section 2.1 */
export function mplsEntry(entry: number): {
  readonly label: number;
  readonly tc: number;
  readonly last: boolean;
  readonly ttl: number;
} {
  return {
    label: entry >>> 12,
    tc: (entry >> 9) & 7,
    last: (entry & 0x100) !== 0,
    ttl: entry & 0xff,
  };
}

/** Prints labels and what is behind them. print-mpls.c */
export function mplsPrint(d: Dissector, start: number, whole: number): void {
  d.protocol = 'mpls';
  d.print('MPLS');
  let off = start;
  let length = whole;
  for (let depth = 0; ; depth++) {
    if (length < 4) {
      d.invalid();
      d.need(off, length);
      return;
    }
    const { label, tc, last, ttl } = mplsEntry(d.u32(off));
    d.print(`${depth > 0 && d.o.verbose > 0 ? '\n\t' : ' '}(label ${label}`);
    if (d.o.verbose > 0 && label < 16) d.print(` (${RESERVED[label] ?? 'rsvd'})`);
    d.print(`, tc ${tc}${last ? ', [S]' : ''}, ttl ${ttl})`);
    off += 4;
    length -= 4;
    if (!last) continue;
    payload(d, label, off, length);
    return;
  }
}

/** What is behind the labels says its first byte, unless the label does. */
function payload(d: Dissector, label: number, off: number, length: number): void {
  const explicit = label === 0 || label === 3 ? 4 : label === 2 ? 6 : 0;
  if (explicit === 0 && length < 1) return;
  const first = explicit === 0 ? d.u8(off) : 0;
  const lead = d.o.verbose > 0 ? '\n\t' : ' ';
  if (explicit === 4 || (first >= 0x45 && first <= 0x4f)) {
    d.print(lead);
    d.layers.ip4(d, off, length);
  } else if (explicit === 6 || (first >= 0x60 && first <= 0x6f)) {
    d.print(lead);
    d.layers.ip6(d, off, length);
  } else d.restUnlessDumped(off, length);
}
