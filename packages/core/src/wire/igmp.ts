/**
 * Membership reports, version 3. RFC 3376 section 4.2
 *
 *      0                   1                   2                   3
 *     | type 0x22     | reserved      | checksum                      |
 *     | reserved                      | number of records             |
 *     | record type   | aux words     | number of sources             |
 *     | multicast address                                             |
 *     | sources ...                                                   |
 */
import { put8, put16, put32 } from '../bytes/index.ts';
import { checksum } from './checksum.ts';

/** Type of a version 3 membership report. */
const IGMPV3_REPORT = 0x22;
const HEADER_LENGTH = 8;
const RECORD_LENGTH = 8;

/** Record type: wants no traffic of a group any more. RFC 3376 section 4.2.12 */
export const IGMPV3_CHANGE_TO_INCLUDE = 3;
/** Record type: wants all traffic of a group from now on. */
export const IGMPV3_CHANGE_TO_EXCLUDE = 4;

/** What a report says of one group, whatever the source. */
export interface Igmp3Record {
  /** IGMPV3_CHANGE_TO_* */
  readonly type: number;
  readonly group: number;
}

/** Bytes of a report of so many groups. */
export function igmp3ReportLength(records: number): number {
  return HEADER_LENGTH + records * RECORD_LENGTH;
}

/** Writes a report with its checksum. */
export function writeIgmp3Report(
  buf: Uint8Array,
  off: number,
  records: readonly Igmp3Record[],
): void {
  put8(buf, off, IGMPV3_REPORT);
  put8(buf, off + 1, 0);
  put16(buf, off + 2, 0);
  put16(buf, off + 4, 0);
  put16(buf, off + 6, records.length);
  let at = off + HEADER_LENGTH;
  for (const { type, group } of records) {
    put8(buf, at, type);
    put8(buf, at + 1, 0);
    put16(buf, at + 2, 0);
    put32(buf, at + 4, group);
    at += RECORD_LENGTH;
  }
  put16(buf, off + 2, checksum(buf, off, at - off));
}
