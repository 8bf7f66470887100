import { type Bits, bitNames, type Dissector, hexNumber } from '../base/index.ts';

const HEADER = 8;
const TYPES: readonly string[] = ['BRR', 'HoTI', 'CoTI', 'HoT', 'CoT', 'BU', 'BA', 'BE'];
/** Bytes of each type's fixed part. */
const LENGTHS: readonly number[] = [8, 16, 16, 24, 24, 12, 12, 24];
const UPDATE_FLAGS: Bits = [
  [0x08, 'A'],
  [0x04, 'H'],
  [0x02, 'L'],
  [0x01, 'K'],
];

/** Prints a mobility header. RFC 3775; print-mobility.c */
export function mobilityPrint(d: Dissector, off: number): void {
  d.protocol = 'mobility';
  if (!d.has(off + 1, 1)) {
    d.trunc();
    return;
  }
  const size = (d.u8(off + 1) + 1) * 8;
  const type = d.u8(off + 2);
  const fixed = LENGTHS[type];
  if (fixed !== undefined && size < fixed) {
    d.print(`(header length ${size} is too small for type ${type})`);
    d.trunc();
    return;
  }
  d.print(`mobility: ${TYPES[type] ?? `type-#${type}`}`);
  if (fixed === undefined) {
    d.print(` len=${d.u8(off + 1)}`);
    return;
  }
  if (!message(d, off, type)) d.trunc();
  else if (d.o.verbose > 0 && !options(d, off + fixed, size - fixed)) d.trunc();
}

function cookie(d: Dissector, at: number): string {
  return `${d.hex(at, 4)}:${d.hex(at + 4, 4)}`;
}

/** @returns whether it was all captured */
function message(d: Dissector, off: number, type: number): boolean {
  const at = off + HEADER;
  const where = type === 1 || type === 3 ? 'Home' : 'Care-of';
  switch (type) {
    case 1:
    case 2:
      if (d.o.verbose > 0) d.print(` ${where} Init Cookie=${cookie(d, at)}`);
      return true;
    case 3:
    case 4:
      d.print(` nonce id=0x${hexNumber(d.u16(off + 6))}`);
      if (d.o.verbose > 0)
        d.print(
          ` ${where} Init Cookie=${cookie(d, at)} ${where} Keygen Token=${cookie(d, at + 8)}`,
        );
      return true;
    case 5: {
      d.print(` seq#=${d.u16(off + 6)}`);
      if (!d.has(at, 2)) return false;
      const bits = d.u8(at) >> 4;
      if (bits !== 0) d.print(` ${bitNames(UPDATE_FLAGS, bits, '')}`);
      d.print(` lifetime=${d.u16(at + 2) * 4}`);
      return true;
    }
    case 6:
      d.print(` status=${d.u8(off + 6)}${(d.u8(off + 7) & 0x80) !== 0 ? ' K' : ''}`);
      d.print(` seq#=${d.u16(at)} lifetime=${d.u16(at + 2) * 4}`);
      return true;
    case 7:
      d.print(` status=${d.u8(off + 6)} homeaddr ${d.ip6(at)}`);
      return true;
    default:
      return true;
  }
}

/** Names and least lengths of options. */
const OPTIONS: Readonly<Record<number, readonly [name: string, least: number]>> = {
  1: ['padn', 2],
  2: ['refresh', 4],
  3: ['altcoa', 18],
  4: ['ni', 6],
  5: ['auth', 12],
};

function options(d: Dissector, start: number, total: number): boolean {
  for (let i = 0; i < total; ) {
    const at = start + i;
    const type = d.u8(at);
    if (type !== 0 && i + 1 >= total) return false;
    const size = type === 0 ? 1 : d.u8(at + 1) + 2;
    if (i + size > total || !d.has(at + size, 1)) return false;
    const known = OPTIONS[type];
    if (known !== undefined && total - i < known[1]) {
      d.print(`(${known[0]}: trunc)`);
      return false;
    }
    d.print(optionText(d, at, type));
    i += size;
  }
  return true;
}

function optionText(d: Dissector, at: number, type: number): string {
  switch (type) {
    case 0:
      return '(pad1)';
    case 1:
      return '(padn)';
    case 2:
      return `(refresh: ${d.u16(at + 2) * 4})`;
    case 3:
      return `(alt-CoA: ${d.ip6(at + 2)})`;
    case 4:
      return `(ni: ho=0x${d.hex(at + 2, 2)} co=0x${d.hex(at + 4, 2)})`;
    case 5:
      return '(auth)';
    default:
      return `(type-0x${hexNumber(type, 2)}: len=${d.u8(at + 1)})`;
  }
}
