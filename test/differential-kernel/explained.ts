import type { Difference } from './compare/compare.ts';
import type { Case, Observed } from './model/case.ts';

/** A difference that is known, and stays: docs/deviations.md says so, too. */
export interface Explanation {
  readonly name: string;
  /** Why the two sides cannot be held to be equal. */
  readonly reason: string;
  /** A lab that shows it, from the repository's root. */
  readonly lab: string;
  /** Whether a difference is this one, by its cause. */
  readonly holds: (seen: Difference, test: Case, linux: Observed, labwire: Observed) => boolean;
}

/** Copies that go round on lo: TEE in INPUT copies them again, and a changed TOS field gets the copy a new route. */
function circlesOnLo({ tables }: Case): boolean {
  const rules = Object.entries(tables).flatMap(([name, t]) => t.rules.map((r) => `${name} ${r}`));
  const has = (part: RegExp): boolean => rules.some((r) => part.test(r));
  return has(/^mangle .*-j TEE/) && has(/^mangle .*-j (TOS|DSCP|MARK|TTL)/);
}

/** Two numbers of `… is A, in Labwire B`. */
function numbers(text: string): readonly [number, number] {
  const found = / is (\d+), in Labwire (\d+)/.exec(text);
  return [Number(found?.[1]), Number(found?.[2])];
}

const TH_ECE = 0x40;
const TH_SYN_ACK = 0x12;

/** A SYN-ACK that differs in nothing but ECE. */
function offersEcn({ kind, what, text }: Difference): boolean {
  const [a, b] = numbers(text);
  return (
    kind === 'frames' && what === 'flags' && a === (b | TH_ECE) && (a & TH_SYN_ACK) === TH_SYN_ACK
  );
}

/** Bytes of a later fragment that differ in one word, the checksum of its transport, where translation has drawn a port. */
function drawnChecksum(
  { kind, what, text }: Difference,
  test: Case,
  linux: Observed,
  labwire: Observed,
): boolean {
  if (kind !== 'frames' || what !== 'fragment') return false;
  const [, a = '', b = ''] = / is ([0-9a-f]*), in Labwire ([0-9a-f]*)/.exec(text) ?? [];
  const differs = [...a].flatMap((c, i) => (c === b[i] ? [] : [i]));
  const [first = 0, last = 0] = [differs[0], differs.at(-1)];
  return (drawsOfRange(test) || drawn(linux, labwire)) && a.length === b.length && last - first < 4;
}

const drawsOfRange = ({ tables }: Case): boolean =>
  Object.values(tables).some((t) => t.rules.some((r) => /(:|--to-ports )\d+-\d+/.test(r)));

/** Whether connections have other ports on the two sides: one was taken, and another drawn. */
function drawn(linux: Observed, labwire: Observed): boolean {
  const ports = ({ conntrack }: Observed): string =>
    (conntrack.match(/[sd]port=\d+/g) ?? []).join();
  return ports(linux) !== ports(labwire);
}

/** All that are known. */
export const EXPLANATIONS: readonly Explanation[] = [
  {
    name: 'TEE without end',
    reason:
      'copies circle on lo until the namespace goes, on both sides; how many, real time decides',
    lab: 'test/differential-kernel/labs/tee-without-end.md',
    holds: ({ kind, what }, test) => kind === 'storm' && what === 'both' && circlesOnLo(test),
  },
  {
    name: 'ECN is not offered',
    reason: 'Labwire has no ECN for TCP: its SYN-ACK does not take it up',
    lab: 'test/differential-kernel/labs/ecn.md',
    holds: (seen) => offersEcn(seen),
  },
  {
    name: 'checksum of a drawn port',
    reason: 'a port is drawn at random, and the checksum that covers it lies in a later fragment',
    lab: 'test/differential-kernel/labs/drawn-port.md',
    holds: drawnChecksum,
  },
];

/** The explanation of a difference; undefined if there is none. */
export function explain(
  seen: Difference,
  test: Case,
  linux: Observed,
  labwire: Observed,
): Explanation | undefined {
  return EXPLANATIONS.find((e) => e.holds(seen, test, linux, labwire));
}
