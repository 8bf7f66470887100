/** A message byte by byte, as it is shown when it cannot be read. BIND bin/dig/dighost.c, hex_dump() */
export function hexDump(bytes: Uint8Array): string {
  let text = `${bytes.length} bytes\n`;
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = Array.from(row, (b) => `${b.toString(16).padStart(2, '0')} `).join('');
    const shown = Array.from(row, (b) => (b >= 0x21 && b <= 0x7d ? String.fromCharCode(b) : '.'));
    text += `${hex.padEnd(48)}         ${shown.join('')}\n`;
  }
  return text;
}
