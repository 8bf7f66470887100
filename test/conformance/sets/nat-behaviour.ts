import type { ConformanceSet, Row } from '../conformance-set.ts';
import { type BehaviourRow, playBehaviour } from '../nat-behaviour/play.ts';

/** What an RFC 5780 client finds behind rule sets. */
export const set: ConformanceSet = {
  play(row: Row) {
    return playBehaviour(row as BehaviourRow);
  },
};
