import { bytesOnly, type Dissector, hexNumber, type Names } from '../base/index.ts';

const MODES: readonly string[] = [
  'nonstoring',
  'storing',
  'nonstoring-multicast',
  'storing-multicast',
];
const OPTIONS: Names = {
  0: 'pad1',
  1: 'padN',
  2: 'metrics',
  3: 'routinginfo',
  4: 'config',
  5: 'rpltarget',
  6: 'transitinfo',
  8: 'destprefix',
  9: 'rpltargetdesc',
};
const MESSAGES: readonly string[] = [
  'DODAG Information Solicitation',
  'DODAG Information Object',
  'Destination Advertisement Object',
  'Destination Advertisement Object Ack',
];
const DAGID = 16;

/** Prints a message of RPL. RFC 6550; print-icmp6.c, rpl_print() */
export function rplPrint(d: Dissector, code: number, off: number, length: number): void {
  if ((code & 0x80) !== 0) {
    d.print(', (SEC) [worktodo]');
    return;
  }
  d.print(`, (CLR)${MESSAGES[code] ?? `RPL message, unknown code ${code}`}`);
  if (d.o.verbose === 0) return;
  if (code === 1) informationObject(d, off, length);
  else if (code === 2) advertisement(d, off, length);
  else if (code === 3) acknowledgement(d, off, length);
}

function informationObject(d: Dissector, off: number, length: number): void {
  if (length < 24) {
    d.print(` [length ${length} < 24]`);
    d.invalid();
    return;
  }
  const mode = d.u8(off + 4);
  d.print(
    ` [dagid:${d.ip6(off + 8)},seq:${d.u8(off + 5)},instance:${d.u8(off)},rank:${d.u16(off + 2)},${(mode & 0x80) !== 0 ? 'grounded,' : ''}mop:${MODES[(mode >> 3) & 7] ?? `mop${(mode >> 3) & 7}`},prf:${mode & 7}]`,
  );
  if (d.o.verbose > 1) options(d, off + 24, length - 24);
}

/** Where the options of a message with four bytes and an id that may be left out begin; undefined if it is too short. */
function body(
  d: Dissector,
  off: number,
  length: number,
  has: boolean,
): { readonly id: string; readonly size: number } | 'cut' | 'short' {
  if (!has) return { id: '<elided>', size: 4 };
  if (!d.has(off + 4, DAGID)) return 'cut';
  return length < 4 + DAGID ? 'short' : { id: d.ip6(off + 4), size: 4 + DAGID };
}

function advertisement(d: Dissector, off: number, length: number): void {
  if (!d.has(off, 4 + DAGID)) {
    d.trunc();
    return;
  }
  const flags = d.u8(off + 1);
  const found = length < 4 ? 'short' : body(d, off, length, (flags & 0x40) !== 0);
  if (found === 'cut') d.trunc();
  else if (found === 'short') d.print(' [|length too short]');
  else {
    d.print(
      ` [dagid:${found.id},seq:${d.u8(off + 3)},instance:${d.u8(off)}${(flags & 0x80) !== 0 ? ',acK' : ''}${(flags & 0x40) !== 0 ? ',Dagid' : ''},${hexNumber(flags, 2)}]`,
    );
    if (d.o.verbose > 1) options(d, off + found.size, length - found.size);
  }
}

function acknowledgement(d: Dissector, off: number, length: number): void {
  if (!d.has(off, 4)) {
    d.trunc();
    return;
  }
  const found = length < 4 ? 'short' : body(d, off, length, (d.u8(off + 1) & 0x80) !== 0);
  if (found === 'cut') d.trunc();
  else if (found === 'short') d.print(' [|dao-length too short]');
  else {
    d.print(
      ` [dagid:${found.id},seq:${d.u8(off + 2)},instance:${d.u8(off)},status:${d.u8(off + 3)}]`,
    );
    if (d.o.verbose > 1) options(d, off + found.size, length - found.size);
  }
}

function options(d: Dissector, start: number, total: number): void {
  let left = total;
  for (let at = start; left > 0; ) {
    const type = d.u8(at);
    let size = 1;
    if (type === 0) d.print(' opt:pad1');
    else {
      if (left < 2) {
        d.trunc();
        return;
      }
      size = d.u8(at + 1) + 2;
      d.print(` opt:${OPTIONS[type] ?? `subopt:${type}`} len:${size} `);
      if (!d.has(at, size) || left < size) {
        d.trunc();
        return;
      }
      if (d.o.verbose > 2) d.print(bytesOnly(d.buf.subarray(at + 2, at + size), ' '));
    }
    at += size;
    left -= size;
  }
}
