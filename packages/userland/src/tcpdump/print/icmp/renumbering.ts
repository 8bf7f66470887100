import { type Dissector, hexNumber, type Names } from '../base/index.ts';

const CODES: Names = { 0: ', command', 1: ', result', 255: ', sequence number reset' };
const OPERATIONS: Names = { 1: 'add', 2: 'change', 3: 'setglobal' };
const HEADER = 16;
const MATCH = 24;
const USE = 32;

function flagText(flags: number, letters: string): string {
  return [...letters].filter((_, i) => (flags & (0x80 >> i)) !== 0).join('');
}

/** Prints a router renumbering message. RFC 2894; print-icmp6.c, icmp6_rrenum_print() */
export function renumberingPrint(d: Dissector, off: number): void {
  if (!d.has(off + 12, 4)) {
    d.trunc();
    return;
  }
  const code = d.u8(off + 1);
  d.print(`${CODES[code] ?? `, code-#${code}`}, seq=${d.u32(off + 4)}`);
  if (d.o.verbose > 0) {
    const flags = d.u8(off + 9);
    d.print('[');
    if (flags !== 0) d.print(`${flagText(flags, 'TRASP')},`);
    d.print(`seg=${d.u8(off + 8)},maxdelay=${d.u16(off + 10)}`);
    if (d.u32(off + 12) !== 0) d.print(`rsvd=0x${hexNumber(d.u32(off + 12))}`);
    d.print(']');
  }
  if (code === 0 && !command(d, off + HEADER)) d.trunc();
}

/** @returns whether it is whole */
function command(d: Dissector, at: number): boolean {
  if (!d.has(at + 8, 16)) return false;
  const operation = d.u8(at);
  const lead = d.o.verbose > 1 ? '\n\t' : ' ';
  d.print(`${lead}match(${OPERATIONS[operation] ?? `#${operation}`}`);
  if (d.o.verbose > 0) d.print(`,ord=${d.u8(at + 2)},min=${d.u8(at + 4)},max=${d.u8(at + 5)}`);
  d.print(`,${d.ip6Number(at + 8)}/${d.u8(at + 3)})`);
  const units = d.u8(at + 1) - 3;
  if (units % 4 !== 0) return false;
  for (let i = 0; i < units / 4; i++) if (!use(d, at + MATCH + USE * i, lead)) return false;
  return true;
}

function use(d: Dissector, at: number, lead: string): boolean {
  if (!d.has(at + 16, 16)) return false;
  d.print(`${lead}use(`);
  if (d.u8(at + 12) !== 0)
    d.print(
      `${(d.u8(at + 12) & 0x80) !== 0 ? 'V' : ''}${(d.u8(at + 12) & 0x40) !== 0 ? 'P' : ''},`,
    );
  if (d.o.verbose > 0) {
    const time = (v: number) => (v === 0xffff_ffff ? 'infty' : String(v));
    d.print(`mask=0x${hexNumber(d.u8(at + 2))},raflags=0x${hexNumber(d.u8(at + 3))},`);
    d.print(`vltime=${time(d.u32(at + 4))},pltime=${time(d.u32(at + 8))},`);
  }
  d.print(`${d.ip6Number(at + 16)}/${d.u8(at)}/${d.u8(at + 1)})`);
  return true;
}
