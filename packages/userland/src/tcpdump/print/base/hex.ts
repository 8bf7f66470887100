const ROW = 16;

function pairs(row: Uint8Array): string {
  let hex = '';
  for (let i = 0; i < row.length; i++)
    hex += (i % 2 === 0 ? ' ' : '') + (row[i] as number).toString(16).padStart(2, '0');
  return hex;
}

function visible(byte: number): string {
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.';
}

function rows(bytes: Uint8Array, lead: string, show: (row: Uint8Array) => string): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += ROW)
    out += `${lead}0x${at.toString(16).padStart(4, '0')}: ${show(bytes.subarray(at, at + ROW))}`;
  return out;
}

/** Bytes in rows of hexadecimal. hex_print() */
export function bytesOnly(bytes: Uint8Array, lead: string): string {
  return rows(bytes, lead, pairs);
}

/** Bytes in rows of hexadecimal with their text beside. hex_and_ascii_print() */
export function bytesAndText(bytes: Uint8Array, lead: string): string {
  return rows(bytes, lead, (row) => `${pairs(row).padEnd(40)}  ${[...row].map(visible).join('')}`);
}

/** Bytes as text: carriage returns at the ends of lines are left out, what is not printable is a dot. ascii_print() */
export function textOnly(bytes: Uint8Array): string {
  let out = '\n';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === 13) {
      if (i + 2 < bytes.length && bytes[i + 1] !== 10) out += '.';
    } else if (byte === 9 || byte === 10 || byte === 32) out += String.fromCharCode(byte);
    else out += visible(byte);
  }
  return out;
}
