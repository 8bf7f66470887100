import { describe, expect, it } from 'vitest';
import { InvariantError } from '../error/index.ts';
import {
  allocSkb,
  CHECKSUM_PARTIAL,
  cloneSkb,
  freeSkb,
  HEADROOM,
  PACKET_MULTICAST,
  type SkBuff,
} from './index.ts';

/** The fields that say something about a packet, without its bytes. */
function fields(skb: SkBuff): Record<string, unknown> {
  const { buf: _buf, words: _words, ...rest } = skb;
  return rest;
}

/** Sets every field to something it is not in a fresh skb. */
function dirty(skb: SkBuff): void {
  const off = skb.put(100);
  skb.buf.fill(7, off, off + 100);
  skb.pull(14);
  Object.assign(skb, { mac: 62, nh: 76, th: 96, protocol: 0x800, pktType: PACKET_MULTICAST });
  Object.assign(skb, { ipSummed: CHECKSUM_PARTIAL, mark: 1, priority: 2, vlanTci: 3, gsoSize: 4 });
  Object.assign(skb, {
    nfTrace: true,
    dev: {},
    dst: {},
    sk: {},
    ignoreDf: true,
    ct: {},
    ctinfo: 5,
    iif: 10,
    sdif: 7,
    ipOptions: {},
    nfBridge: {},
    tstamp: 6,
    fragMaxSize: 8,
    fragSizes: [8],
    vlanProto: 0x88a8,
    gsoSegs: 9,
    redirectedFrom: {},
    fromIngress: true,
    tcSkipClassify: true,
  });
}

describe('an skb', () => {
  it('grows at both ends and shrinks at both', () => {
    const skb = allocSkb(100);
    expect([skb.len, skb.headroom, skb.data]).toEqual([0, HEADROOM, HEADROOM]);
    expect(skb.put(60)).toBe(HEADROOM);
    expect(skb.push(14)).toBe(HEADROOM - 14);
    expect(skb.len).toBe(74);
    expect(skb.pull(34)).toBe(HEADROOM + 20);
    skb.trim(10);
    expect([skb.len, skb.tail]).toEqual([10, HEADROOM + 30]);
    freeSkb(skb);
  });

  it('has the room that was asked for, up to a whole super-segment', () => {
    for (const size of [0, 322, 323, 1500, 1986, 1987, 9014, 65_550]) {
      const skb = allocSkb(size);
      expect(skb.tailroom).toBeGreaterThanOrEqual(size);
      skb.put(size);
      freeSkb(skb);
    }
    expect(() => allocSkb(70_000)).toThrow(InvariantError);
  });

  it('keeps L3 headers behind Ethernet on word boundaries', () => {
    expect((HEADROOM + 14) % 4).toBe(0);
  });

  it('does not give out bytes that it has not', () => {
    const skb = allocSkb(100);
    expect(() => skb.push(HEADROOM + 1)).toThrow('headroom');
    expect(() => skb.put(skb.tailroom + 1)).toThrow('tailroom');
    expect(skb.len).toBe(0);
    freeSkb(skb);
  });
});

describe('the pool', () => {
  it.each([100, 1000, 40_000])(
    'resets every field of an skb of %i bytes that it gives out again',
    (size) => {
      const first = allocSkb(size);
      const fresh = fields(first);
      dirty(first);
      for (const [name, value] of Object.entries(fresh)) {
        if (name !== 'next' && name !== 'data')
          expect(first[name as keyof SkBuff], name).not.toEqual(value);
      }
      freeSkb(first);
      const again = allocSkb(size);
      expect(again).toBe(first);
      expect(fields(again)).toEqual(fresh);
      freeSkb(again);
    },
  );

  it('refuses an skb that it already has', () => {
    const skb = allocSkb(10);
    freeSkb(skb);
    expect(() => freeSkb(skb)).toThrow('skb freed twice');
    const one = allocSkb(10);
    const two = allocSkb(10);
    expect(one).not.toBe(two);
    freeSkb(one);
    freeSkb(two);
  });

  it.each([
    [100, 10_000],
    [1000, 10_000],
    [40_000, 300],
  ])('keeps some skbs of %i bytes after a burst of %i, and not all', (size, burst) => {
    const skbs = Array.from({ length: burst }, () => allocSkb(size));
    expect(new Set(skbs).size).toBe(burst);
    for (const skb of skbs) freeSkb(skb);
    const again = Array.from({ length: burst }, () => allocSkb(size));
    const first = new Set(skbs);
    const kept = again.filter((skb) => first.has(skb)).length;
    expect(kept).toBeGreaterThan(burst / 10);
    expect(kept).toBeLessThan(burst / 2);
    for (const skb of again) freeSkb(skb);
  });

  it('lets go of what a packet referred to', () => {
    const skb = allocSkb(10);
    dirty(skb);
    freeSkb(skb);
    expect([skb.dev, skb.dst, skb.sk, skb.ct, skb.nfBridge]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('a clone', () => {
  it.each([100, 1000, 40_000])(
    'of an skb for %i bytes is equal and has bytes of its own',
    (size) => {
      const skb = allocSkb(size);
      dirty(skb);
      skb.next = allocSkb(1);
      const clone = cloneSkb(skb);
      expect(fields(clone)).toEqual({ ...fields(skb), next: null });
      const whole = (s: SkBuff) => s.buf.slice(s.mac, s.tail);
      expect(whole(clone)).toEqual(whole(skb));
      clone.buf[clone.data] = 8;
      expect(skb.buf[skb.data]).toBe(7);
      freeSkb(skb.next);
      freeSkb(skb);
      expect(clone.freed).toBe(false);
      freeSkb(clone);
    },
  );

  it('of an empty skb is empty', () => {
    const skb = allocSkb(10);
    const clone = cloneSkb(skb);
    expect(clone.len).toBe(0);
    freeSkb(clone);
    freeSkb(skb);
  });
});
