import type { MacAddr } from '@labwire/core/addr';
import { put16, put32, put48 } from '@labwire/core/bytes';
import type { Process } from '../machine/index.ts';

/** 2000-01-01, from which a DUID counts, in seconds since the epoch. RFC 8415 section 11.2 */
const DUID_EPOCH = 946_684_800;
const DUID_LLT = 1;
const HW_ETHERNET = 1;

/** A DUID of link-layer address and time. RFC 8415 section 11.2 */
function makeDuid(mac: MacAddr, now: number): Uint8Array {
  const duid = new Uint8Array(14);
  put16(duid, 0, DUID_LLT);
  put16(duid, 2, HW_ETHERNET);
  put32(duid, 4, now - DUID_EPOCH);
  put48(duid, 8, mac);
  return duid;
}

/** A string as lease files have it: what is not printable in octal. */
function quote(data: Uint8Array): string {
  const text = Array.from(data, (b) =>
    b === 34 || b === 92
      ? `\\${String.fromCharCode(b)}`
      : b >= 32 && b < 127
        ? String.fromCharCode(b)
        : `\\${b.toString(8).padStart(3, '0')}`,
  );
  return `"${text.join('')}"`;
}

function unquote(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, octal, char] of text.matchAll(/\\([0-7]{3})|\\?(.)/gs))
    bytes.push(octal === undefined ? (char as string).charCodeAt(0) : Number.parseInt(octal, 8));
  return Uint8Array.from(bytes);
}

/** The DUID of `-i`: what a lease file has, or a new one. `created` tells of a new one in quotes. */
export function findDuid(
  proc: Process,
  files: readonly string[],
  mac: MacAddr,
): { readonly duid: Uint8Array; readonly created: string | undefined; readonly line: string } {
  for (const path of files.filter((f) => proc.fs.exists(f))) {
    const found = /default-duid "((?:[^"\\]|\\.)*)";/.exec(proc.fs.readText(path));
    if (found !== null)
      return { duid: unquote(found[1] as string), created: undefined, line: `${found[0]}\n` };
  }
  const duid = makeDuid(mac, Math.floor(proc.machine.wallClock));
  return { duid, created: quote(duid), line: `default-duid ${quote(duid)};\n` };
}

/** Option 61 of a device by a DUID. RFC 4361 section 6.1 */
export function duidClientId(duid: Uint8Array, mac: MacAddr): Uint8Array {
  const id = new Uint8Array(5 + duid.length);
  id[0] = 255;
  put32(id, 1, mac % 0x1_0000_0000);
  id.set(duid, 5);
  return id;
}
