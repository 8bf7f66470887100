import { MS, SEC } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { type CongestionState, Cubic, Reno } from './index.ts';

type Flight = { -readonly [K in keyof CongestionState]: CongestionState[K] };

function flight(cwnd: number, ssthresh: number): Flight {
  return {
    cwnd,
    cwndCnt: 0,
    ssthresh,
    priorCwnd: cwnd,
    minRttUs: 100_000,
    now: SEC,
    sndUna: 0,
    sndNxt: 0,
  };
}

/** Acknowledges whole windows, one per 100 ms, for `rounds` round trips. */
function rounds(algorithm: Cubic | Reno, f: Flight, n: number): number[] {
  const sizes: number[] = [];
  for (let i = 0; i < n; i++) {
    f.now += 100 * MS;
    for (let left = f.cwnd; left > 0; left--) algorithm.congAvoid(f, 1);
    sizes.push(f.cwnd);
  }
  return sizes;
}

it('RFC 5681 section 3.1: slow start doubles the window each round trip, up to ssthresh', () => {
  for (const algorithm of [new Reno(), new Cubic()]) {
    expect(rounds(algorithm, flight(10, 40), 2)).toEqual([20, 40]);
  }
});

it('RFC 5681 section 3.1: congestion avoidance adds one segment a round trip', () => {
  expect(rounds(new Reno(), flight(10, 10), 4)).toEqual([11, 12, 13, 14]);
});

it('RFC 5681 and RFC 9438 section 4.6: after a loss half the window is left, or seven tenths', () => {
  expect(new Reno().ssthresh(flight(100, 50))).toBe(50);
  expect(new Cubic().ssthresh(flight(100, 50))).toBe(70);
  expect(new Reno().ssthresh(flight(2, 50))).toBe(2);
});

it('RFC 9438 section 4.2: the window is back at its old size after K seconds, slowly at the end', () => {
  const cubic = new Cubic();
  const f = flight(1000, 2000);
  f.cwnd = cubic.ssthresh(f);
  f.ssthresh = f.cwnd;
  const k = Math.cbrt((1000 - f.cwnd) / 0.4);
  const sizes = rounds(cubic, f, Math.ceil(k * 10));
  expect(Math.abs((sizes.at(-1) as number) - 1000)).toBeLessThan(5);
  const early = (sizes[9] as number) - (sizes[0] as number);
  const late = (sizes.at(-1) as number) - (sizes.at(-10) as number);
  expect(early).toBeGreaterThan(10 * late);
});

it('RFC 9438 section 4.3: with a short round trip it is never slower than Reno would be', () => {
  const cubic = new Cubic();
  const f = flight(20, 40);
  f.minRttUs = 1000;
  f.cwnd = cubic.ssthresh(f);
  f.ssthresh = f.cwnd;
  const start = f.cwnd;
  for (let i = 0; i < 50; i++) {
    f.now += MS;
    for (let left = f.cwnd; left > 0; left--) cubic.congAvoid(f, 1);
  }
  expect(f.cwnd - start).toBeGreaterThanOrEqual(Math.floor(50 * 0.5));
});

it('RFC 9438 section 4.7: a second loss below the first gives way to others', () => {
  const plain = new Cubic();
  plain.ssthresh(flight(100, 50));
  const shrinking = new Cubic();
  shrinking.ssthresh(flight(200, 50));
  shrinking.ssthresh(flight(100, 50));
  const after = (cubic: Cubic) => rounds(cubic, flight(70, 70), 40).at(-1) as number;
  expect(after(shrinking)).toBeLessThan(after(plain));
});
