import type { Test } from './test.ts';

/** Paths that are looked at before a filter is believed to have one that accepts. */
const MAX_PATHS = 100_000;

/** What is known on a path: what bytes are, or are not; which tests held. */
interface Facts {
  readonly equal: Map<string, number>;
  readonly unequal: Set<string>;
  readonly calls: Map<string, boolean>;
}

/** Whether any packet may pass: a path through the tests on which none contradicts another. libpcap optimize.c finds as much */
export function satisfiable(test: Test): boolean {
  let paths = 0;
  const walk = (t: Test, wanted: boolean, facts: Facts, then: (f: Facts) => boolean): boolean => {
    if (++paths > MAX_PATHS) return true;
    switch (t.kind) {
      case 'const':
        return t.value === wanted && then(facts);
      case 'not':
        return walk(t.a, !wanted, facts, then);
      case 'and':
      case 'or': {
        // the value that decides without looking at the second
        const short = t.kind === 'or';
        if (wanted === short && walk(t.a, short, facts, then)) return true;
        return walk(t.a, !short, facts, (f) => walk(t.b, wanted, f, then));
      }
      default: {
        const learned = learn(t, wanted, facts);
        return learned !== undefined && then(learned);
      }
    }
  };
  return walk(test, true, { equal: new Map(), unequal: new Set(), calls: new Map() }, () => true);
}

/** What is known once a test came out so; undefined if it cannot. */
function learn(
  t: Extract<Test, { kind: 'compare' | 'call' }>,
  outcome: boolean,
  facts: Facts,
): Facts | undefined {
  if (t.kind === 'call') {
    const known = facts.calls.get(t.key);
    if (known !== undefined) return known === outcome ? facts : undefined;
    return { ...facts, calls: new Map(facts.calls).set(t.key, outcome) };
  }
  const what = `${t.place.key} ${t.size} ${t.mask}`;
  const known = facts.equal.get(what);
  if (known !== undefined) return holds(t.op, known, t.value) === outcome ? facts : undefined;
  if (t.op !== '=') {
    const key = `${what} ${t.op} ${t.value}`;
    const before = facts.calls.get(key);
    if (before !== undefined) return before === outcome ? facts : undefined;
    return { ...facts, calls: new Map(facts.calls).set(key, outcome) };
  }
  if (!outcome) return { ...facts, unequal: new Set(facts.unequal).add(`${what} ${t.value}`) };
  if (facts.unequal.has(`${what} ${t.value}`)) return undefined;
  return { ...facts, equal: new Map(facts.equal).set(what, t.value) };
}

function holds(op: '=' | '>' | '>=' | '&', value: number, other: number): boolean {
  if (op === '=') return value === other;
  if (op === '&') return (value & other) !== 0;
  return op === '>' ? value > other : value >= other;
}
