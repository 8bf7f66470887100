import type { Dissector, Names } from '../base/index.ts';

const EOL = 0;
const NOP = 1;
const RR = 7;
const TS = 68;
const LSRR = 131;
const SSRR = 137;
const RA = 148;
const OPTIONS: Names = {
  [EOL]: 'EOL',
  [NOP]: 'NOP',
  [TS]: 'timestamp',
  130: 'security',
  [RR]: 'RR',
  [SSRR]: 'SSRR',
  [LSRR]: 'LSRR',
  [RA]: 'RA',
  82: 'traceroute',
};
const TS_KINDS: Names = { 0: 'TSONLY', 1: 'TS+ADDR', 3: 'PRESPEC' };

/** Prints the options of an IPv4 header. print-ip.c, ip_optprint() @returns whether they were captured */
export function ip4Options(d: Dissector, start: number, total: number): boolean {
  let left = total;
  for (let at = start; left > 0; ) {
    if (at > start) d.print(',');
    const code = d.u8(at);
    d.print(OPTIONS[code] ?? `unknown ${code}`);
    const length = code === NOP || code === EOL ? 1 : d.u8(at + 1);
    if ((length < 2 && code !== NOP && code !== EOL) || length > left) {
      d.print(` [bad length ${length}]`);
      return true;
    }
    if (!d.has(at, length)) return false;
    if (code === EOL) return true;
    if (code === TS) timestamps(d, at, length);
    else if (code === RR || code === SSRR || code === LSRR) route(d, at, length);
    else if (code === RA) alert(d, at, length);
    at += length;
    left -= length;
  }
  return true;
}

function route(d: Dissector, at: number, length: number): void {
  if (length < 3) {
    d.print(` [bad length ${length}]`);
    return;
  }
  if (((length + 1) & 3) !== 0) d.print(` [bad length ${length}]`);
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 3 || ((pointer + 1) & 3) !== 0 || pointer > length + 1)
    d.print(` [bad ptr ${d.u8(at + 2)}]`);
  for (let i = 3; i < length; i += 4) d.print(` ${d.ip4(at + i)}${pointer >>> 0 > i ? ',' : ''}`);
}

function timestamps(d: Dissector, at: number, length: number): void {
  if (length < 4) {
    d.print(`[bad length ${length}]`);
    return;
  }
  d.print(' TS{');
  const flags = d.u8(at + 3);
  const kind = flags & 15;
  const size = kind === 0 ? 4 : 8;
  if (((length - 4) & (size - 1)) !== 0) d.print(`[bad length ${length}]`);
  const pointer = (d.u8(at + 2) - 1) >>> 0;
  if (pointer < 4 || ((pointer - 4) & (size - 1)) !== 0 || pointer > length + 1)
    d.print(`[bad ptr ${d.u8(at + 2)}]`);
  d.print(TS_KINDS[kind] ?? `[bad ts type ${kind}]`);
  let i = 0;
  if (TS_KINDS[kind] !== undefined)
    for (i = 4; i < length; i += size) {
      const mark = pointer === i ? ' ^ ' : ' ';
      d.need(at + i, size);
      d.print(`${mark}${d.u32(at + i + size - 4)}@${size === 8 ? d.ip4(at + i) : ''}`);
    }
  if (pointer === i) d.print(' ^ ');
  d.print(flags >> 4 !== 0 ? ` [${flags >> 4} hops not recorded]} ` : '}');
}

function alert(d: Dissector, at: number, length: number): void {
  if (length < 4) d.print(` [bad length ${length}]`);
  else if (d.u16(at + 2) !== 0) d.print(` value ${d.u16(at + 2)}`);
}
