import type { Dissector, Names } from '../base/index.ts';

const OPERATIONS: Names = { 1: 'RRQ', 2: 'WRQ', 3: 'DATA', 4: 'ACK', 5: 'ERROR', 6: 'OACK' };
const ERRORS: readonly string[] = [
  'EUNDEF',
  'ENOTFOUND',
  'EACCESS',
  'ENOSPACE',
  'EBADOP',
  'EBADID',
  'EEXISTS',
  'ENOUSER',
];

/** Prints a message of TFTP. RFC 1350; print-tftp.c */
export function tftpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'tftp';
  d.print(`TFTP, length ${length}`);
  if (length < 2) {
    d.trunc();
    return;
  }
  const code = d.u16(off);
  const name = OPERATIONS[code];
  d.print(`, ${name ?? `tftp-#${code}`}`);
  if (name !== undefined && !body(d, name, off + 2, length - 2)) d.trunc();
}

/** @returns whether it is whole */
function body(d: Dissector, name: string, at: number, length: number): boolean {
  switch (name) {
    case 'RRQ':
    case 'WRQ':
      return request(d, at, length);
    case 'OACK':
      return options(d, at, length);
    case 'ERROR':
      return error(d, at, length);
    default:
      if (length < 2) return false;
      d.print(` block ${d.u16(at)}`);
      return true;
  }
}

function request(d: Dissector, at: number, length: number): boolean {
  if (length === 0) return false;
  d.print(' "');
  const file = d.printz(at, length);
  d.print('"');
  if (file === 0 || file === length) return false;
  d.print(' ');
  const mode = d.printz(at + file, length - file);
  return mode !== 0 && options(d, at + file + mode, length - file - mode);
}

/** RFC 2347 */
function options(d: Dissector, start: number, total: number): boolean {
  for (let at = start; at < start + total; ) {
    if (d.u8(at) !== 0) d.print(' ');
    const size = d.printz(at, start + total - at);
    if (size === 0) return false;
    at += size;
  }
  return true;
}

function error(d: Dissector, at: number, length: number): boolean {
  if (length < 2) return false;
  const code = d.u16(at);
  d.print(` ${ERRORS[code] ?? `tftp-err-#${code} "`}`);
  if (length === 2) return false;
  d.print(' "');
  const size = d.printz(at + 2, length - 2);
  d.print('"');
  return size !== 0;
}
