import { type Dissector, hexNumber } from '../base/index.ts';

const SOURCE_ROUTE = 0;
const MOBILE = 2;
const SEGMENTS = 4;

/** Prints a routing header. print-rt6.c @returns its length, undefined if it makes no sense */
export function routingPrint(d: Dissector, off: number): number | undefined {
  d.protocol = 'rt6';
  d.print('RT6');
  const units = d.u8(off + 1);
  d.print(` (len=${units}`);
  const type = d.u8(off + 2);
  d.print(`, type=${type}${type === SOURCE_ROUTE ? ' [Deprecated]' : ''}`);
  d.print(`, segleft=${d.u8(off + 3)}`);
  if (type === SOURCE_ROUTE || type === MOBILE) {
    const reserved = d.u32(off + 4);
    if (reserved !== 0 || d.o.verbose > 0) d.print(`, rsv=0x${hexNumber(reserved)}`);
  } else if (type === SEGMENTS) {
    d.print(`, last-entry=${d.u8(off + 4)}`);
    const flags = d.u8(off + 5);
    if (flags !== 0 || d.o.verbose > 0) d.print(`, flags=0x${hexNumber(flags)}`);
    d.print(`, tag=${hexNumber(d.u16(off + 6))}`);
  } else return invalid(d, ' (unknown type)');
  if (units % 2 === 1) return invalid(d, ` (invalid length ${units})`);
  for (let i = 0; i < units / 2; i++) d.print(`, [${i}]${d.ip6(off + 8 + 16 * i)}`);
  d.print(') ');
  return (units + 1) * 8;
}

function invalid(d: Dissector, why: string): undefined {
  d.print(why);
  d.invalid();
}
