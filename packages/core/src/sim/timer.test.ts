import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nanos, Simulator, Timer } from './index.ts';

/** A timer, and what the plainest one would do beside it. */
class Watched {
  readonly sim = new Simulator();
  readonly fired: Nanos[] = [];
  readonly expected: Nanos[] = [];
  readonly timer: Timer = new Timer(
    this.sim,
    { onTimer: () => void this.fired.push(this.sim.now) },
    0,
  );
  deadline: Nanos = -1;

  advance(by: Nanos): void {
    const until = this.sim.now + by;
    if (this.deadline >= 0 && this.deadline <= until) {
      this.expected.push(this.deadline);
      this.deadline = -1;
    }
    this.sim.runEvents(until);
  }

  arm(delay: Nanos): void {
    this.deadline = this.sim.now + delay;
    this.timer.arm(delay);
  }

  cancel(): void {
    this.deadline = -1;
    this.timer.cancel();
  }
}

describe('a timer', () => {
  const delay = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5_000_000 }));
  const step = fc.oneof(
    fc.record({ op: fc.constantFrom('arm' as const, 'advance' as const), by: delay }),
    fc.constant({ op: 'cancel' as const, by: 0 }),
  );

  it('expires when the plainest timer would, and never has more than one event waiting', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const w = new Watched();
        for (const { op, by } of steps) {
          w[op](by);
          expect([w.timer.armed, w.timer.deadline]).toEqual([w.deadline >= 0, w.deadline]);
          expect(w.sim.pendingEvents).toBeLessThanOrEqual(1);
        }
        w.advance(10_000_000);
        expect(w.fired).toEqual(w.expected);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves nothing behind when it is moved to earlier and later times by turns', () => {
    const w = new Watched();
    for (let i = 0; i < 1000; i++) {
      w.arm(200_000_000);
      w.arm(2000 - i);
      expect(w.sim.pendingEvents).toBe(1);
      w.advance(i % 2);
    }
  });

  it('tells its owner which of its timers it is, and may be armed again by it', () => {
    const sim = new Simulator();
    const log: string[] = [];
    const owner = {
      onTimer(kind: number): void {
        log.push(`${kind} ${sim.now}`);
        if (log.length < 4) timers[kind]!.arm(10);
      },
    };
    const timers = [new Timer(sim, owner, 0), new Timer(sim, owner, 1)];
    timers[0]!.arm(5);
    timers[1]!.arm(6);
    sim.runEvents();
    expect(log).toEqual(['0 5', '1 6', '0 15', '1 16', '0 25']);
  });
});
