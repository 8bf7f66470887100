import type { PacketView } from './packet-view.ts';

/** A number that is made of a packet. */
export type Value = (p: PacketView) => number;

/** Where bytes are: from the frame's beginning, or at a place that the packet says. */
export interface Place {
  /** Names the place, so that two tests of the same bytes are known to be that. */
  readonly key: string;
  readonly at: Value;
}

/** What a filter is made of. Evaluated from the left, no further than needed. */
export type Test =
  | { readonly kind: 'const'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly a: Test; readonly b: Test }
  | { readonly kind: 'not'; readonly a: Test }
  | {
      readonly kind: 'compare';
      readonly place: Place;
      readonly size: 1 | 2 | 4;
      readonly mask: number;
      readonly op: '=' | '>' | '>=' | '&';
      readonly value: number;
    }
  | { readonly kind: 'call'; readonly key: string; readonly call: (p: PacketView) => boolean };

export const TRUE: Test = { kind: 'const', value: true };
export const FALSE: Test = { kind: 'const', value: false };

export function and(a: Test, b: Test): Test {
  return { kind: 'and', a, b };
}

export function or(a: Test, b: Test): Test {
  return { kind: 'or', a, b };
}

export function not(a: Test): Test {
  return a.kind === 'const' ? (a.value ? FALSE : TRUE) : { kind: 'not', a };
}

/** Any of several; none is false. */
export function any(tests: readonly Test[]): Test {
  return tests.length === 0 ? FALSE : tests.reduce(or);
}

/** Whether a packet passes, as far as it was not cut short. */
export function passes(t: Test, p: PacketView): boolean {
  switch (t.kind) {
    case 'const':
      return t.value;
    case 'and':
      return passes(t.a, p) && !p.rejected && passes(t.b, p);
    case 'or':
      return passes(t.a, p) || (!p.rejected && passes(t.b, p));
    case 'not':
      return !passes(t.a, p);
    case 'call':
      return t.call(p);
    default: {
      const value = (p.load(t.place.at(p), t.size) & t.mask) >>> 0;
      if (t.op === '=') return value === t.value;
      if (t.op === '&') return (value & t.value) !== 0;
      return t.op === '>' ? value > t.value : value >= t.value;
    }
  }
}
