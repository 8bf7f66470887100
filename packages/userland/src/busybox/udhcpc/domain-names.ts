/** Pointers that one name may go through. networking/udhcp/domain_codec.c, NS_MAXDNSRCH */
const MAX_JUMPS = 6;
/** Characters that all names of an option may come to: NS_MAXDNAME times NS_MAXDNSRCH. */
const MAX_TEXT = 1025 * MAX_JUMPS;
const MAX_LABEL = 63;

/** Domain names with compression (RFC 1035) as text, with spaces between. @returns undefined if they are malformed or none. `dname_dec()` */
export function decodeNames(data: Uint8Array): string | undefined {
  let text = '';
  let back = 0;
  let jumps = 0;
  for (let at = 0; at < data.length; ) {
    const length = data[at] as number;
    if ((length & 0xc0) === 0xc0) {
      if (at + 2 > data.length) return undefined;
      if (back === 0) back = at + 2;
      jumps++;
      at = ((length << 8) | (data[at + 1] as number)) & 0x3fff;
    } else if (length > 0) {
      if (at + length + 1 > data.length) return undefined;
      text += `${String.fromCharCode(...data.subarray(at + 1, at + 1 + length))}.`;
      at += length + 1;
    } else {
      at = back === 0 ? at + 1 : back;
      back = 0;
      jumps = 0;
      if (text !== '') text = `${text.slice(0, -1)} `;
    }
    if (jumps > MAX_JUMPS || text.length > MAX_TEXT) return undefined;
  }
  return text === '' ? undefined : text.slice(0, -1);
}

/** A domain name as labels. @returns undefined if a label is empty or too long. `dname_enc()` */
export function encodeName(name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  if (labels.some((l) => l === '' || l.length > MAX_LABEL)) return undefined;
  const bytes = labels.flatMap((l) => [l.length, ...[...l].map((c) => c.charCodeAt(0))]);
  return new Uint8Array([...bytes, 0]);
}
