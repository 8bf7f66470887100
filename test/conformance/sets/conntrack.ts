import type { ConformanceSet, Row } from '../conformance-set.ts';
import { type Episode, playEpisode } from '../conntrack/episode.ts';

/** conntrack-tools' own tests of conntrack(8): commands on a table that is empty at first. */
export const set: ConformanceSet = {
  play(row: Row) {
    return playEpisode(row as Episode);
  },
};
