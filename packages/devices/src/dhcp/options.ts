import { get8 } from '@labwire/core/bytes';
import { DhcpOpt } from './constants.ts';
import { DHCP_FILE_LEN, DHCP_SNAME_LEN, DhcpOff } from './message.ts';

/** One option: a code and at most 255 bytes. */
export interface DhcpOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** Option 52: which fields hold options. RFC 2132 section 9.3. */
export const OVERLOAD_FILE = 1;
export const OVERLOAD_SNAME = 2;

/**
 * The first option of a code in `[off, end)` with at least `minLength` bytes.
 * @returns the offset of its code, or -1: also behind an option that runs over the end
 */
export function findOption(
  buf: Uint8Array,
  off: number,
  end: number,
  code: number,
  minLength = 0,
): number {
  for (let at = off; at < end; ) {
    const here = get8(buf, at);
    if (here === DhcpOpt.end) return code === DhcpOpt.end ? at : -1;
    if (here === DhcpOpt.pad) {
      at++;
      continue;
    }
    if (at + 2 > end) return -1;
    const length = get8(buf, at + 1);
    if (at + 2 + length > end) return -1;
    if (here === code && length >= minLength) return at;
    at += 2 + length;
  }
  return -1;
}

/** The bytes of the option at an offset that {@link findOption} gave, in place. */
export function optionData(buf: Uint8Array, at: number): Uint8Array {
  return buf.subarray(at + 2, at + 2 + get8(buf, at + 1));
}

/** The bytes of a message's option, wherever it stands: also in `file` and `sname` if option 52 says so. */
export function dhcpOption(
  message: Uint8Array,
  code: number,
  minLength = 0,
): Uint8Array | undefined {
  const find = (off: number, end: number) => findOption(message, off, end, code, minLength);
  let at = find(DhcpOff.options, message.length);
  if (at < 0) {
    const fields = overloaded(message);
    if ((fields & OVERLOAD_FILE) !== 0) at = find(DhcpOff.file, DhcpOff.file + DHCP_FILE_LEN);
    if (at < 0 && (fields & OVERLOAD_SNAME) !== 0)
      at = find(DhcpOff.sname, DhcpOff.sname + DHCP_SNAME_LEN);
  }
  return at < 0 ? undefined : optionData(message, at);
}

/** Which fields hold options: {@link OVERLOAD_FILE}, {@link OVERLOAD_SNAME}. */
export function overloaded(message: Uint8Array): number {
  const at = findOption(message, DhcpOff.options, message.length, DhcpOpt.overload, 1);
  return at < 0 ? 0 : get8(message, at + 2);
}

/** What {@link readOptions} found. */
export interface DhcpOptions {
  readonly options: readonly DhcpOption[];
  /** Whether every area ended as it should: with option 255, nothing running over. */
  readonly wellFormed: boolean;
}

/** All options of a message in order: its option area, then `file` and `sname` if option 52 says so; pads are left out. */
export function readOptions(message: Uint8Array): DhcpOptions {
  const options: DhcpOption[] = [];
  let wellFormed = readArea(message, DhcpOff.options, message.length, options);
  const fields = overloaded(message);
  if ((fields & OVERLOAD_FILE) !== 0)
    wellFormed = readArea(message, DhcpOff.file, DhcpOff.cookie, options) && wellFormed;
  if ((fields & OVERLOAD_SNAME) !== 0)
    wellFormed = readArea(message, DhcpOff.sname, DhcpOff.file, options) && wellFormed;
  return { options, wellFormed };
}

function readArea(buf: Uint8Array, off: number, end: number, into: DhcpOption[]): boolean {
  for (let at = off; at < end; ) {
    const code = get8(buf, at);
    if (code === DhcpOpt.end) return true;
    if (code === DhcpOpt.pad) {
      at++;
      continue;
    }
    if (at + 2 > end || at + 2 + get8(buf, at + 1) > end) return false;
    const data = optionData(buf, at).slice();
    into.push({ code, data });
    at += 2 + data.length;
  }
  return false;
}

/** Bytes that {@link writeOptions} writes. */
export function optionsLength(options: readonly DhcpOption[]): number {
  return options.reduce((sum, { data }) => sum + 2 + data.length, 1);
}

/** Writes options and option 255 behind them. @returns the offset behind that */
export function writeOptions(buf: Uint8Array, off: number, options: readonly DhcpOption[]): number {
  let at = off;
  for (const { code, data } of options) {
    buf[at] = code;
    buf[at + 1] = data.length;
    buf.set(data, at + 2);
    at += 2 + data.length;
  }
  buf[at] = DhcpOpt.end;
  return at + 1;
}
