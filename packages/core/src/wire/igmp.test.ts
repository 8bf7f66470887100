import { describe, expect, it } from 'vitest';
import {
  checksumOk,
  IGMPV3_CHANGE_TO_EXCLUDE,
  igmp3ReportLength,
  writeIgmp3Report,
} from './index.ts';

describe('an IGMPv3 report', () => {
  it('is what Linux sends when a bridge joins 224.0.0.106', () => {
    const buf = new Uint8Array(20).fill(0xff);
    writeIgmp3Report(buf, 2, [{ type: IGMPV3_CHANGE_TO_EXCLUDE, group: 0xe000_006a | 0 }]);
    const hex = Array.from(buf.subarray(2, 18), (b) => b.toString(16).padStart(2, '0')).join('');
    expect(hex).toBe('2200f9930000000104000000e000006a');
    expect(igmp3ReportLength([{ type: IGMPV3_CHANGE_TO_EXCLUDE, group: 1 }])).toBe(16);
    expect(checksumOk(buf, 2, 16)).toBe(true);
    expect([...buf.subarray(0, 2), ...buf.subarray(18)]).toEqual([255, 255, 255, 255]);
  });
});
