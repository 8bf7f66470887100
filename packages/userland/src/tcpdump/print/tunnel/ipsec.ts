import { type Dissector, hexNumber } from '../base/index.ts';

/** Prints an authentication header. RFC 4302; print-ah.c @returns its length */
export function ahPrint(d: Dissector, off: number): number {
  d.protocol = 'ah';
  d.print('AH');
  const words = d.u8(off + 1);
  const size = (words + 2) * 4;
  d.print('(');
  if (d.o.verbose > 0) d.print(`length=${words}(${size}-bytes),`);
  const reserved = d.u16(off + 2);
  if (reserved !== 0) d.print(`reserved=0x${hexNumber(reserved)}[MustBeZero],`);
  d.print(`spi=0x${d.hex(off + 4, 4)},`);
  d.print(`seq=0x${hexNumber(d.u32(off + 8))},`);
  d.print('icv=0x');
  for (let at = off + 12; at < off + size; at++) d.print(hexNumber(d.u8(at), 2));
  d.print('): ');
  return size;
}

/** Prints an encapsulating security payload, whose contents nobody can read. RFC 4303; print-esp.c */
export function espPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'esp';
  if (!d.has(off, 9)) {
    d.trunc();
    return;
  }
  d.print(`ESP(spi=0x${d.hex(off, 4)},seq=0x${hexNumber(d.u32(off + 4))})`);
  d.print(`, length ${length}`);
}

/** Prints a compressed payload's header. RFC 3173; print-ipcomp.c */
export function ipcompPrint(d: Dissector, off: number): void {
  d.protocol = 'ipcomp';
  d.print(`IPComp(cpi=0x${d.hex(off + 2, 2)})`);
}
