import type { Dissector } from '../base/index.ts';
import { codeTime, RECORDS } from './igmp.ts';

/** A message of MLD version 1. RFC 2710 */
export function mldPrint(d: Dissector, off: number): void {
  if (!d.has(off, 24)) return;
  d.print(`max resp delay: ${d.u16(off + 4)} addr: ${d.ip6(off + 8)}`);
}

/** A report of MLD version 2. RFC 3810 section 5.2 */
export function mldReportPrint(d: Dissector, off: number, length: number): void {
  if (length < 8) {
    d.print(` [invalid len ${length}]`);
    return;
  }
  const groups = d.u16(off + 6);
  d.print(`, ${groups} group record(s)`);
  if (d.o.verbose === 0) return;
  let at = 8;
  for (let i = 0; i < groups; i++) {
    if (length < at + 20) {
      d.print(' [invalid number of groups]');
      return;
    }
    const type = d.u8(off + at);
    d.print(` [gaddr ${d.ip6(off + at + 4)} ${RECORDS[type] ?? ` [v2-report-#${type}]`}`);
    const sources = d.u16(off + at + 2);
    if (length < at + 20 + sources * 16) {
      d.print(` [invalid number of sources ${sources}]`);
      return;
    }
    if (d.o.verbose === 1) d.print(`, ${sources} source(s)`);
    else sourcesPrint(d, off + at + 20, sources);
    at += 20 + sources * 16;
    d.print(']');
  }
}

function sourcesPrint(d: Dissector, at: number, sources: number): void {
  d.print(' {');
  for (let i = 0; i < sources; i++) d.print(` ${d.ip6(at + 16 * i)}`);
  d.print(' }');
}

/** A query of MLD version 2. RFC 3810 section 5.1 */
export function mldQueryPrint(d: Dissector, off: number, length: number): void {
  d.print(' v2');
  const code = d.u16(off + 4);
  const delay = code < 32_768 ? code : ((code & 0xfff) | 0x1000) << (((code >> 12) & 7) + 3);
  if (d.o.verbose > 0) d.print(` [max resp delay=${delay}]`);
  d.print(` [gaddr ${d.ip6(off + 8)}`);
  if (d.o.verbose > 0) {
    const flags = d.u8(off + 24);
    if ((flags & 0x08) !== 0) d.print(' sflag');
    if ((flags & 0x07) !== 0) d.print(` robustness=${flags & 0x07}`);
    d.print(` qqi=${codeTime(d.u8(off + 25))}`);
  }
  const sources = d.u16(off + 26);
  if (sources > 0) {
    if (length < 28 + sources * 16) d.print(' [invalid number of sources]');
    else if (d.o.verbose > 1) sourcesPrint(d, off + 28, sources);
    else d.print(`, ${sources} source(s)`);
  }
  d.print(']');
}
