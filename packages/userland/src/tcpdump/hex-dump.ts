/** What `-x`, `-X` and `-A` show below a packet. */
export interface DumpStyle {
  /** Hexadecimal, without and with text beside it, or text alone. */
  readonly kind: 'hex' | 'both' | 'text';
  /** The link header too. */
  readonly withLink: boolean;
}

const ROW = 16;

function printable(byte: number): string {
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.';
}

/** The bytes of a packet as lines. tcpdump print-ascii.c */
export function hexDump(bytes: Uint8Array, kind: DumpStyle['kind']): string {
  if (kind === 'text') return asciiDump(bytes);
  let out = '';
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = bytes.subarray(at, at + ROW);
    let hex = '';
    for (let i = 0; i < row.length; i++)
      hex += (i % 2 === 0 ? ' ' : '') + (row[i] as number).toString(16).padStart(2, '0');
    const text = [...row].map(printable).join('');
    const offset = `\n\t0x${at.toString(16).padStart(4, '0')}: `;
    out += kind === 'both' ? `${offset}${hex.padEnd(40)}  ${text}` : `${offset}${hex}`;
  }
  return out;
}

function asciiDump(bytes: Uint8Array): string {
  let out = '\n';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === 13) {
      if (i + 2 < bytes.length && bytes[i + 1] !== 10) out += '.';
    } else if (byte === 9 || byte === 10 || byte === 32) out += String.fromCharCode(byte);
    else out += printable(byte);
  }
  return out;
}
