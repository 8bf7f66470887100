import { get16, put8, put16 } from '@labwire/core/bytes';
import type { Family } from '@labwire/devices/rtnetlink';
import { ProgramError } from './program-error.ts';

const ICMP_ECHO = 8;
const ICMP_ECHOREPLY = 0;
const ICMP6_ECHO_REQUEST = 128;
const ICMP6_ECHO_REPLY = 129;
/** Bytes of the ICMP header of an echo. */
export const ECHO_HEADER = 8;
/** Bytes of `struct timeval` at the start of the data. */
export const TIMEVAL = 16;
const MAX_PATTERN = 16;

/** The type of an echo request of a family. */
export function echoRequestType(family: Family): number {
  return family === 'inet' ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
}

/** The type of an echo reply of a family. */
export function echoReplyType(family: Family): number {
  return family === 'inet' ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
}

/** The bytes that a `-p` pattern stands for. ping_common.c, fill() */
export function parsePattern(text: string): number[] {
  const bad = /[^0-9a-fA-F]/.exec(text);
  if (bad !== null)
    throw new ProgramError(2, `patterns must be specified as hex digits: ${text.slice(bad.index)}`);
  const bytes = (text.match(/..?/g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return bytes.slice(0, MAX_PATTERN);
}

/** An echo request with `size` bytes of data: counting up, or the pattern over and over. */
export function newEcho(family: Family, size: number, pattern: readonly number[]): Uint8Array {
  const packet = new Uint8Array(ECHO_HEADER + size);
  put8(packet, 0, echoRequestType(family));
  for (let i = 0; i < size; i++)
    put8(packet, ECHO_HEADER + i, pattern.length > 0 ? (pattern[i % pattern.length] as number) : i);
  return packet;
}

/** Writes the sequence number, and the time into the data if it has room. @param at microseconds since the epoch */
export function stampEcho(packet: Uint8Array, seq: number, sec: number, usec: number): void {
  put16(packet, 6, seq);
  if (packet.length < ECHO_HEADER + TIMEVAL) return;
  putLittle64(packet, ECHO_HEADER, sec);
  putLittle64(packet, ECHO_HEADER + 8, usec);
}

function putLittle64(buf: Uint8Array, off: number, value: number): void {
  let rest = value;
  for (let i = 0; i < 8; i++) {
    put8(buf, off + i, rest % 256);
    rest = Math.floor(rest / 256);
  }
}

function getLittle64(buf: Uint8Array, off: number): number {
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * 256 + (buf[off + i] as number);
  return value;
}

/** The time in a reply's data, in microseconds since the epoch. */
export function echoTime(packet: Uint8Array): number {
  return getLittle64(packet, ECHO_HEADER) * 1_000_000 + getLittle64(packet, ECHO_HEADER + 8);
}

/** The sequence number of an echo. */
export function echoSeq(packet: Uint8Array): number {
  return get16(packet, 6);
}

/** What is said of a reply whose data is not what was sent; empty if it is. ping_common.c, gather_statistics() */
export function wrongData(sent: Uint8Array, got: Uint8Array): string {
  const end = sent.length - ECHO_HEADER;
  for (let i = TIMEVAL; i < end; i++) {
    const want = sent[ECHO_HEADER + i] as number;
    const have = got[ECHO_HEADER + i] as number;
    if (want === have) continue;
    let text = `\nwrong data byte #${i} should be 0x${want.toString(16)} but was 0x${have.toString(16)}`;
    for (let k = TIMEVAL; k < end; k++) {
      if (k % 32 === TIMEVAL) text += `\n#${k}\t`;
      text += `${(got[ECHO_HEADER + k] as number).toString(16)} `;
    }
    return text;
  }
  return '';
}
