import { LEASE_INFINITE } from '@labwire/devices/dhcp';
import { unhide } from '../option-text.ts';

const SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
/** Seconds: some clients do not understand shorter leases. */
export const MIN_LEASE_TIME = 120;

/** Whether a part of an option says which tag a client must have. is_tag_prefix() */
export function isTag(text: string): boolean {
  return text.startsWith('net:') || text.startsWith('tag:');
}

/** The name of a tag to set. set_prefix() */
export function tagToSet(text: string): string {
  return unhide(text.startsWith('set:') ? text.slice(4) : text);
}

/** A time with a unit of its own, in seconds. @returns undefined if it is none */
export function parseTime(text: string): number | undefined {
  const m = /^([ \d]*\d[ ]*)([wdhmsWDHMS]?)$/.exec(text);
  if (m === null) return undefined;
  const value = Number.parseInt((m[1] as string).trim(), 10);
  return (value * (SECONDS[(m[2] as string).toLowerCase()] ?? 1)) >>> 0;
}

/** The time of a lease: a time, or `infinite`. @returns undefined if it is neither */
export function parseLeaseTime(text: string): number | undefined {
  if (text === 'infinite') return LEASE_INFINITE;
  const time = parseTime(text);
  return time === undefined ? undefined : Math.max(MIN_LEASE_TIME, time);
}

/** What {@link parseHex} has read. */
export interface HexBytes {
  readonly bytes: Uint8Array;
  /** What stands in front of a `-`: a hardware type; 0 without one. */
  readonly type: number;
  /** Bytes that were `*`, the last in bit 0. */
  readonly wildcards: number;
}

/**
 * Bytes in hexadecimal with `:`, `-` or a space between, `*` for any byte.
 * @param withType whether `TYPE-` may stand in front
 * @returns undefined if it is none. dnsmasq src/util.c, parse_hex()
 */
export function parseHex(text: string, max: number, withType: boolean): HexBytes | undefined {
  const bytes: number[] = [];
  let wildcards = 0;
  let type = 0;
  let mayType = withType;
  const parts = text.split(/([:\- ])/);
  for (let i = 0; i < parts.length && bytes.length < max; i += 2) {
    const word = parts[i] as string;
    if (!/^[0-9a-fA-F*]*$/.test(word)) return undefined;
    if (word === '') continue;
    if (parts[i + 1] === '-' && bytes.length === 0 && mayType) {
      type = Number.parseInt(word, 16);
      mayType = false;
    } else if (word === '*') {
      wildcards = (wildcards << 1) | 1;
      bytes.push(0);
    } else {
      if (word.includes('*')) return undefined;
      for (let at = 0; at < word.length && bytes.length < max; at += 2) {
        bytes.push(Number.parseInt(word.slice(at, at + 2), 16));
        wildcards <<= 1;
      }
    }
  }
  return { bytes: new Uint8Array(bytes), type, wildcards };
}

/** The characters of a text as bytes. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from([...unhide(text)], (c) => c.charCodeAt(0));
}

/** Whether a name can be a host's, as far as its first dot. dnsmasq src/util.c, legal_hostname() */
export function isHostname(name: string): boolean {
  return name.length <= 1025 && /^[A-Za-z0-9][A-Za-z0-9_-]*(?:$|\.)/.test(name) && labelsFit(name);
}

function labelsFit(name: string): boolean {
  return name.split('.').every((label) => label.length <= 63) && /^[\x21-\x7e]*$/.test(name);
}

/** Cuts a name at its first dot. @returns the host, and the domain if there is one. strip_hostname() */
export function stripHostname(name: string): readonly [string, string | undefined] {
  const dot = name.indexOf('.');
  if (dot < 0) return [name, undefined];
  return [name.slice(0, dot), dot + 1 < name.length ? name.slice(dot + 1) : undefined];
}
