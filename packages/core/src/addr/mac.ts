/** A MAC address (EUI-48) as an unsigned 48-bit integer. */
export type MacAddr = number & { readonly brand: 'MacAddr' };

/** ff:ff:ff:ff:ff:ff */
export const MAC_BROADCAST: MacAddr = 0xffff_ffff_ffff as MacAddr;
/** 00:00:00:00:00:00 */
export const MAC_ZERO: MacAddr = 0 as MacAddr;

/** Parses `aa:bb:cc:dd:ee:ff`. @returns undefined if it is not one. */
export function parseMac(text: string): MacAddr | undefined {
  const parts = text.split(':');
  if (parts.length !== 6) return undefined;
  let v = 0;
  for (const p of parts) {
    if (!/^[0-9a-f]{1,2}$/i.test(p)) return undefined;
    v = v * 256 + Number.parseInt(p, 16);
  }
  return v as MacAddr;
}

/** Formats as `aa:bb:cc:dd:ee:ff`. */
export function formatMac(mac: MacAddr): string {
  const hex = mac.toString(16).padStart(12, '0');
  return hex.replace(/(..)(?!$)/g, '$1:');
}

/** Whether the group bit is set: multicast or broadcast. IEEE 802-2014 section 8.2.2. */
export function isMulticastMac(mac: MacAddr): boolean {
  return (Math.floor(mac / 0x100_0000_0000) & 1) === 1;
}
