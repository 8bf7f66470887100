import type { MacAddr } from '@labwire/core/addr';

/** Reads a MAC address whose parts may have one digit: `0:1:2:a:b:c`. virMacAddrParse() @returns undefined if it is none */
export function parseLooseMac(text: string): MacAddr | undefined {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((p) => /^[0-9a-fA-F]{1,2}$/.test(p))) return undefined;
  return parts.reduce((sum, p) => sum * 256 + Number.parseInt(p, 16), 0) as MacAddr;
}
