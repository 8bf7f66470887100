import { MS, SEC } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import type { CongestionState } from './congestion-control.ts';
import { Cubic } from './cubic.ts';
import { HyStart, type HyStartFound } from './hystart.ts';

interface Round {
  /** Round trip of the n-th acknowledgement, milliseconds. */
  rtt(n: number): number;
  /** Milliseconds between two acknowledgements. */
  readonly gap: number;
}

/** Slow start over a path until something is found, or for `n` round trips. @returns what, and the window then */
function slowStart(n: number, round: (i: number) => Round): [HyStartFound | undefined, number] {
  const cubic = new Cubic();
  const f: { -readonly [K in keyof CongestionState]: CongestionState[K] } = {
    ...{ cwnd: 10, cwndCnt: 0, ssthresh: 0x7fffffff, priorCwnd: 10, minRttUs: 50_000, now: SEC },
    ...{ sndUna: 0, sndNxt: 10 },
  };
  for (let i = 0; i < n; i++) {
    const { rtt, gap } = round(i);
    const began = f.now + rtt(0) * MS;
    const window = f.cwnd;
    f.sndNxt = f.sndUna + window;
    for (let k = 0; k < window; k++) {
      f.now = began + k * gap * MS;
      f.sndUna++;
      f.sndNxt += 2;
      const found = cubic.onAcked(f, rtt(k) * 1000, 0);
      if (found !== undefined) return [found, f.ssthresh];
      cubic.congAvoid(f, 1);
    }
  }
  return [undefined, f.cwnd];
}

it('lets slow start go on while acknowledgements come in short trains after a steady time', () => {
  const [found, cwnd] = slowStart(4, () => ({ rtt: () => 50, gap: 0.01 }));
  expect([found, cwnd]).toEqual([undefined, 160]);
});

it('ends slow start when a train of acknowledgements is as long as half the path', () => {
  const [found, cwnd] = slowStart(9, () => ({ rtt: () => 50, gap: 0.25 }));
  expect(found).toBe('train');
  expect(cwnd).toBeGreaterThan(100);
  expect(cwnd).toBeLessThan(330);
});

it('ends slow start when the shortest of eight round trips has grown by an eighth', () => {
  const [found, cwnd] = slowStart(9, (i) => ({ rtt: () => (i < 3 ? 50 : 58), gap: 3 }));
  expect(found).toBe('delay');
  expect(cwnd).toBeGreaterThan(80);
  expect(cwnd).toBeLessThan(120);
  expect(slowStart(5, (i) => ({ rtt: () => (i < 3 ? 50 : 55), gap: 3 }))[0]).toBe(undefined);
});

it('is not asked below sixteen segments', () => {
  const train = (cwnd: number): (HyStartFound | undefined)[] => {
    const hystart = new HyStart();
    const f = { cwnd, cwndCnt: 0, ssthresh: 1000, priorCwnd: 0, minRttUs: 0, now: SEC };
    const path = { ...f, sndUna: 0, sndNxt: 100 };
    return Array.from({ length: 8 }, () => {
      path.now += MS;
      return hystart.onAcked(path, 10_000, 0);
    });
  };
  expect(train(15)).not.toContain('train');
  expect(train(16)).toContain('train');
});
