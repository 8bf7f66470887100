import type { Dissector } from './dissector.ts';

const RECORDS: readonly string[] = ['', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'];

/** A time of IGMPv3: a number, or from 128 on a mantissa and an exponent. RFC 3376 section 4.1.1 */
function codeTime(code: number): number {
  return code < 128 ? code : (0x10 | (code & 0xf)) << (((code >> 4) & 7) + 3);
}

function queryV3(d: Dissector, off: number): void {
  const time = codeTime(d.u8(off + 1));
  d.print(' v3');
  if (d.o.verbose > 0 && time !== 100)
    d.print(
      ` [max resp time ${time < 100 ? `${(time * 0.1).toFixed(1)}s` : `${Math.floor(time / 10)}s`}]`,
    );
  const sources = d.u16(off + 10);
  if (d.u32(off + 4) === 0) return;
  d.print(` [gaddr ${d.ip4(off + 4)}`);
  if (sources > 0) {
    if (d.o.verbose > 1) {
      d.print(' {');
      for (let i = 0; i < sources; i++) d.print(`${i > 0 ? ' ' : ''}${d.ip4(off + 12 + 4 * i)}`);
      d.print(' }');
    } else d.print(`, ${sources} source(s)`);
  }
  d.print(']');
}

function reportV3(d: Dissector, off: number): void {
  const records = d.u16(off + 6);
  d.print(`, ${records} group record(s)`);
  if (d.o.verbose === 0) return;
  let at = off + 8;
  for (let i = 0; i < records; i++) {
    const type = d.u8(at);
    const sources = d.u16(at + 2);
    d.print(` [gaddr ${d.ip4(at + 4)} ${RECORDS[type] ?? `v3-report-#${type}`}`);
    if (d.o.verbose > 1) {
      const list = Array.from({ length: sources }, (_, k) => ` ${d.ip4(at + 8 + 4 * k)}`);
      d.print(` {${list.join('')} }`);
    } else d.print(`, ${sources} source(s)`);
    d.print(']');
    at += 8 + 4 * sources + 4 * d.u8(at + 1);
  }
}

/** Prints an IGMP message. print-igmp.c */
export function igmpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'igmp';
  if (d.o.quiet) {
    d.print('igmp');
    return;
  }
  const type = d.u8(off);
  const time = d.u8(off + 1);
  switch (type) {
    case 0x11:
      d.print('igmp query');
      if (length >= 12) {
        queryV3(d, off);
        return;
      }
      d.print(time === 0 ? ' v1' : ' v2');
      if (time !== 0 && time !== 100) d.print(` [max resp time ${time}]`);
      if (d.u32(off + 4) !== 0) d.print(` [gaddr ${d.ip4(off + 4)}]`);
      if (length !== 8) d.print(` [len ${length}]`);
      return;
    case 0x12:
      d.print(`igmp v1 report ${d.ip4(off + 4)}${length === 8 ? '' : ` [len ${length}]`}`);
      return;
    case 0x16:
      d.print(`igmp v2 report ${d.ip4(off + 4)}`);
      return;
    case 0x17:
      d.print(`igmp leave ${d.ip4(off + 4)}`);
      return;
    case 0x22:
      d.print('igmp v3 report');
      reportV3(d, off);
      return;
    default:
      d.print(`igmp-${type}`);
  }
}
