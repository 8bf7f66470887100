import { type Dissector, hexNumber, internetSum, type Names, relativeTime } from '../base/index.ts';

/** Kinds of group records. RFC 3376 section 4.2.12, RFC 3810 section 5.2.12 */
export const RECORDS: Names = {
  1: 'is_in',
  2: 'is_ex',
  3: 'to_in',
  4: 'to_ex',
  5: 'allow',
  6: 'block',
};
const DEFAULT_TIME = 100;

/** A time of IGMPv3: a number, or from 128 on a mantissa and an exponent. RFC 3376 section 4.1.1 */
export function codeTime(code: number): number {
  return code < 128 ? code : (0x10 | (code & 0xf)) << (((code >> 4) & 7) + 3);
}

function queryV3(d: Dissector, off: number, length: number): void {
  d.print(' v3');
  if ((length & 3) !== 0) {
    d.print(` [invalid len ${length}]`);
    return;
  }
  const time = codeTime(d.u8(off + 1));
  if (d.u8(off + 1) !== DEFAULT_TIME)
    d.print(
      ` [max resp time ${time < 600 ? `${(time * 0.1).toFixed(1)}s` : relativeTime(Math.floor(time / 10))}]`,
    );
  if (d.u32(off + 4) === 0) return;
  d.print(` [gaddr ${d.ip4(off + 4)}`);
  const sources = d.u16(off + 10);
  if (sources > 0) {
    if (length < 12 + sources * 4) d.print(' [invalid number of sources]');
    else if (d.o.verbose > 1) {
      d.print(' {');
      for (let i = 0; i < sources; i++) d.print(` ${d.ip4(off + 12 + 4 * i)}`);
      d.print(' }');
    } else d.print(`, ${sources} source(s)`);
  }
  d.print(']');
}

function reportV3(d: Dissector, off: number, length: number): void {
  if (length < 16 || (length & 3) !== 0) {
    d.print(` [invalid len ${length}]`);
    return;
  }
  const records = d.u16(off + 6);
  d.print(`, ${records} group record(s)`);
  if (d.o.verbose === 0) return;
  let at = 8;
  for (let i = 0; i < records; i++) {
    if (length < at + 8) {
      d.print(' [invalid number of groups]');
      return;
    }
    const type = d.u8(off + at);
    d.print(` [gaddr ${d.ip4(off + at + 4)} ${RECORDS[type] ?? ` [v3-report-#${type}]`}`);
    const sources = d.u16(off + at + 2);
    if (length < at + 8 + sources * 4) {
      d.print(` [invalid number of sources ${sources}]`);
      return;
    }
    if (d.o.verbose === 1) d.print(`, ${sources} source(s)`);
    else {
      d.print(' {');
      for (let k = 0; k < sources; k++) d.print(` ${d.ip4(off + at + 8 + 4 * k)}`);
      d.print(' }');
    }
    at += 8 + sources * 4;
    d.print(']');
  }
}

function query(d: Dissector, off: number, length: number): void {
  d.print('igmp query');
  if (length >= 12) {
    queryV3(d, off, length);
    return;
  }
  const time = d.u8(off + 1);
  d.print(time === 0 ? ' v1' : ' v2');
  if (time !== 0 && time !== DEFAULT_TIME) d.print(` [max resp time ${time}]`);
  if (d.u32(off + 4) !== 0) d.print(` [gaddr ${d.ip4(off + 4)}]`);
  if (length !== 8) d.print(` [len ${length}]`);
}

function traceroute(d: Dissector, name: string, off: number, length: number): void {
  if (length < 24) {
    d.print(` [invalid len ${length}]`);
    return;
  }
  const at = off + 8;
  d.print(`${name} ${d.u24(at + 13)}: ${d.ip4(at)} to ${d.ip4(at + 4)} reply-to ${d.ip4(at + 8)}`);
  if (d.u8(at + 8) >> 4 === 0xe) d.print(` with-ttl ${d.u8(at + 12)}`);
}

function message(d: Dissector, off: number, length: number): void {
  const type = d.u8(off);
  switch (type) {
    case 0x11:
      query(d, off, length);
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
    case 0x1e:
      traceroute(d, 'mresp', off, length);
      return;
    case 0x1f:
      traceroute(d, 'mtrace', off, length);
      return;
    case 0x22:
      d.print('igmp v3 report');
      reportV3(d, off, length);
      return;
    default:
      d.print(`igmp-${type}`);
  }
}

/** Prints an IGMP message. print-igmp.c */
export function igmpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'igmp';
  if (d.o.quiet) {
    d.print('igmp');
    return;
  }
  message(d, off, length);
  if (d.o.verbose === 0 || length < 4 || !d.has(off, length)) return;
  if (internetSum(d.buf, off, length) !== 0)
    d.print(` bad igmp cksum ${hexNumber(d.u16(off + 2))}!`);
}
