import type { ConformanceSet, Row } from '../conformance-set.ts';
import { type PathRow, playPath } from '../iptables-path/play-path.ts';

/** Rules, and what a packet then meets: flows between two machines on one veth. */
export const set: ConformanceSet = {
  play: (row: Row) => playPath(row as PathRow),
};
