import type { MacAddr } from '@labwire/core/addr';
import { Failure } from './exit.ts';

/** A link-layer address as its bytes. */
export type LinkAddr = readonly number[];

function invalid(text: string): Failure {
  return new Failure(1, `"${text}" is invalid lladdr.\n`);
}

/**
 * Reads a link-layer address of any length; a text with dots is an IPv4 address. sscanf("%x") reads each part, so `2x` is 2.
 * Source: iproute2 lib/ll_addr.c, ll_addr_a2n().
 */
export function parseLinkAddr(text: string): LinkAddr {
  if (text.includes('.')) {
    const parts = text.split('.').map(Number);
    if (parts.length !== 4 || parts.some((p) => !(p >= 0 && p <= 255))) throw invalid(text);
    return parts;
  }
  return text.split(':').map((part) => {
    const digits = /^\s*(?:0[xX])?([0-9a-fA-F]+)/.exec(part)?.[1];
    const value = digits === undefined ? 256 : Number.parseInt(digits, 16);
    if (value > 255) throw invalid(part);
    return value;
  });
}

/** The six bytes of an Ethernet address as a number. */
export function macOfBytes(bytes: LinkAddr): MacAddr {
  return bytes.reduce((v, b) => v * 256 + b, 0) as MacAddr;
}

/** Reads `xx:xx:xx:xx:xx:xx` with sscanf("%hhx:…"), as `bridge fdb` does. @returns undefined if it is none */
export function parseEtherAddr(text: string): MacAddr | undefined {
  const parts = text.split(':');
  if (parts.length !== 6) return undefined;
  let mac = 0;
  for (const [i, part] of parts.entries()) {
    const digits = (i === 5 ? /^([0-9a-fA-F]{1,8})/ : /^([0-9a-fA-F]{1,8})$/).exec(part)?.[1];
    if (digits === undefined) return undefined;
    mac = mac * 256 + (Number.parseInt(digits, 16) & 0xff);
  }
  return mac as MacAddr;
}
