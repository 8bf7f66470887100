import type { ConformanceSet, Row } from '../conformance-set.ts';
import { playRestore, type RestoreRow } from '../iptables/restore.ts';
import { playRule, type RuleRow } from '../iptables/rule.ts';
import { playTranscript, type TranscriptRow } from '../iptables/transcript.ts';

/** The iptables project's own tests: rules, dumps, and transcripts of commands. */
export const set: ConformanceSet = {
  play(row: Row) {
    if ('steps' in row) return playTranscript(row as TranscriptRow);
    if ('stdin' in row) return playRestore(row as RestoreRow);
    return playRule(row as RuleRow);
  },
};
