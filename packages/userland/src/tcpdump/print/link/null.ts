import type { Dissector, Names } from '../base/index.ts';

const HEADER = 4;
/** Address families as BSD numbers them. af.c, bsd_af_values */
export const BSD_FAMILIES: Names = {
  2: 'IPv4',
  6: 'NS',
  7: 'ISO',
  16: 'Appletalk',
  23: 'IPX',
  24: 'IPv6',
  28: 'IPv6',
  30: 'IPv6',
};

/** LINKTYPE_NULL and LINKTYPE_LOOP: an address family before the packet. print-null.c @returns the length of the header */
export function nullPrint(d: Dissector, start: number, whole: number): number {
  d.protocol = 'null';
  d.need(start, HEADER);
  const little =
    ((d.u8(start + 3) << 24) | (d.u8(start + 2) << 16) | (d.u8(start + 1) << 8) | d.u8(start)) >>>
    0;
  const family = little > 0xffff ? d.u32(start) : little;
  const name = BSD_FAMILIES[family];
  const details = () =>
    d.print(
      `${d.o.quiet ? (name ?? `Unknown AF ${family}`) : `AF ${name ?? 'Unknown'} (${family})`}, length ${whole}: `,
    );
  if (d.o.ether) details();
  const off = start + HEADER;
  if (family === 2) d.layers.ip4(d, off, whole - HEADER);
  else if (name === 'IPv6') d.layers.ip6(d, off, whole - HEADER);
  else {
    if (!d.o.ether) details();
    d.restUnlessDumped(off, d.left(off));
  }
  return HEADER;
}
