import type { ConformanceSet, Row } from '../conformance-set.ts';
import { type CaptureRow, playCapture } from '../tcpdump/play-capture.ts';

/** tcpdump's own tests: a capture, and what it prints of it. */
export const set: ConformanceSet = {
  play: (row: Row) => playCapture(row as CaptureRow),
};
