import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementName, type NftElement, type NftInterval, type NftSet } from '../data/index.ts';
import { SetIndex } from './set-index.ts';

function setOf(bits: readonly number[], interval: boolean, keys: readonly NftInterval[][]): NftSet {
  const elements = new Map<string, NftElement>();
  for (const key of keys) elements.set(elementName(key), { key, stmts: [] });
  return {
    name: 's',
    handle: 1,
    anonymous: false,
    key: bits.map((b) => ({ type: 'integer', bits: b })),
    constant: false,
    interval,
    dynamic: false,
    hasTimeout: false,
    autoMerge: false,
    stmts: [],
    elements,
    version: 0,
  };
}

/** Writes a key's parts as a packet's would be. */
function write(index: SetIndex, bits: readonly number[], values: readonly bigint[]): void {
  let at = 0;
  bits.forEach((b, i) => {
    for (let k = b / 8 - 1; k >= 0; k--)
      index.key[at++] = Number(((values[i] as bigint) >> BigInt(8 * k)) & 0xffn);
  });
}

const value = fc.bigInt({ min: 0n, max: 0xffffn });

describe('finding elements', () => {
  it('finds exactly the values that were added', () => {
    fc.assert(
      fc.property(fc.array(value), value, (values, asked) => {
        const index = new SetIndex(
          setOf(
            [16],
            false,
            values.map((v) => [{ lo: v, hi: v }]),
          ),
        );
        write(index, [16], [asked]);
        expect(index.find(0) !== null).toBe(values.includes(asked));
      }),
    );
  });

  it('finds the interval that holds a value, at its ends too', () => {
    const cuts = fc.uniqueArray(value, { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(cuts, value, (list, asked) => {
        const sorted = [...list].sort((a, b) => (a < b ? -1 : 1));
        const keys: NftInterval[][] = [];
        for (let i = 0; i + 1 < sorted.length; i += 2)
          keys.push([{ lo: sorted[i] as bigint, hi: sorted[i + 1] as bigint }]);
        const index = new SetIndex(setOf([16], true, keys));
        for (const v of [asked, ...sorted]) {
          write(index, [16], [v]);
          const want = keys.find(([k]) => k !== undefined && k.lo <= v && v <= k.hi);
          expect(index.find(0)?.key).toEqual(want);
        }
      }),
    );
  });

  it('asks every part of a concatenation', () => {
    const part = fc
      .tuple(value, value)
      .map(([a, b]) => (a < b ? { lo: a, hi: b } : { lo: b, hi: a }));
    fc.assert(
      fc.property(part, part, value, value, (a, b, x, y) => {
        const index = new SetIndex(setOf([16, 32], true, [[a, b]]));
        write(index, [16, 32], [x, y]);
        const inside = a.lo <= x && x <= a.hi && b.lo <= y && y <= b.hi;
        expect(index.find(0) !== null).toBe(inside);
      }),
    );
  });

  it('does not find what has timed out, and finds again what is refreshed', () => {
    const set = setOf([16], false, []);
    const e: NftElement = { key: [{ lo: 5n, hi: 5n }], stmts: [], expires: 100 };
    set.elements.set(elementName(e.key), e);
    const index = new SetIndex(set);
    write(index, [16], [5n]);
    expect(index.find(99)).toBe(e);
    expect(index.find(100)).toBeNull();
    e.expires = 200;
    expect(index.find(100)).toBe(e);
  });

  it('gives the element that catches all where no other has the key', () => {
    const set = setOf([16], false, [[{ lo: 1n, hi: 1n }], []]);
    const index = new SetIndex(set);
    write(index, [16], [2n]);
    expect(index.find(0)?.key).toEqual([]);
    write(index, [16], [1n]);
    expect(index.find(0)?.key).toEqual([{ lo: 1n, hi: 1n }]);
  });
});
