import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatTripTime, PingStats } from './ping-stats.ts';

const QUIET = { timing: true, interval: 1000, flood: false, adaptive: false };

function run(trips: readonly number[]): PingStats {
  const stats = new PingStats();
  for (const [i, trip] of trips.entries()) {
    stats.advance();
    stats.acknowledge(i + 1);
    stats.addTrip(trip);
    stats.addReply(i + 1);
  }
  return stats;
}

it('prints what ping printed on Linux for the same times', () => {
  const text = run([50, 51, 40]).summary({
    ...QUIET,
    hostname: '192.168.100.2',
    elapsed: 2_054_321_000,
  });
  expect(text).toBe(`
--- 192.168.100.2 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 2054ms
rtt min/avg/max/mdev = 0.040/0.047/0.051/0.005 ms
`);
});

it('shows errors, loss and the pipe of unanswered requests', () => {
  const stats = new PingStats();
  stats.advance();
  stats.advance();
  stats.acknowledge(1);
  stats.acknowledge(2);
  stats.errors = 2;
  expect(stats.summary({ ...QUIET, hostname: 'h', elapsed: 1_019_000_000 })).toBe(`
--- h ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1019ms
pipe 2
`);
});

it('prints loss with six significant digits', () => {
  const stats = run([10, 10]);
  stats.advance();
  expect(stats.summary({ ...QUIET, hostname: 'h', elapsed: 0 })).toContain(
    ', 33.3333% packet loss',
  );
});

it('adds the interval and the smoothed time when packets follow each other', () => {
  const text = run([9, 5]).summary({ ...QUIET, interval: 0, hostname: 'h', elapsed: 51_000 });
  expect(text).toContain(
    'rtt min/avg/max/mdev = 0.005/0.007/0.009/0.002 ms, ipg/ewma 0.051/0.008 ms',
  );
});

it.each([
  [43, '0.043'],
  [999, '0.999'],
  [1234, '1.23'],
  [9994, '9.99'],
  [9995, '10.0'],
  [12_345, '12.3'],
  [99_949, '99.9'],
  [99_950, '100'],
  [1_234_567, '1235'],
])('prints %i microseconds as %s ms', (us, text) => {
  expect(formatTripTime(us)).toBe(text);
});

it('keeps the number in flight exact over wrapping sequence numbers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 140_000 }),
      fc.integer({ min: 0, max: 50 }),
      (n, open) => {
        const stats = new PingStats();
        for (let i = 1; i <= n; i++) {
          stats.advance();
          stats.acknowledge(i & 0xffff);
          stats.forget(i);
          stats.addReply(i & 0xffff);
        }
        for (let i = 0; i < open; i++) stats.advance();
        expect(stats.inFlight).toBe(open);
      },
    ),
    { numRuns: 20 },
  );
});
