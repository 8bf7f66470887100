import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHandler, EventQueue, type Nanos } from '../index.ts';

/** Distances in which the structure of the queue changes: within a tick, a level, an era, beyond. */
const distance = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 0, max: 400_000 }),
  fc.integer({ min: 0, max: 80_000_000 }),
  fc.integer({ min: 0, max: 20_000_000_000 }),
  fc.integer({ min: 0, max: 5_000_000_000_000 }),
  fc.integer({ min: 0, max: 90_000_000_000_000 }),
  fc.constantFrom(5000, 5001, 70_000_000, 70_000_001, 5_000_000_000_000), // often into one bucket
  fc.constantFrom(1024, 1024 * 256, 1024 * 65_536, 1024 * 256 ** 3, 1024 * 256 ** 4),
);

type Step =
  | { readonly op: 'push'; readonly after: Nanos }
  | { readonly op: 'cancel'; readonly which: number }
  | { readonly op: 'pop' }
  | { readonly op: 'look'; readonly ahead: Nanos };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: distance.map((after) => ({ op: 'push' as const, after })) },
  { weight: 1, arbitrary: fc.nat().map((which) => ({ op: 'cancel' as const, which })) },
  { weight: 3, arbitrary: fc.constant({ op: 'pop' as const }) },
  { weight: 1, arbitrary: distance.map((ahead) => ({ op: 'look' as const, ahead })) },
);

interface Waiting {
  readonly time: Nanos;
  readonly id: number;
  readonly handle: number;
}

/** The queue beside a sorted array that has the same events. */
class Pair implements EventHandler {
  readonly queue = new EventQueue();
  waiting: Waiting[] = [];
  ran: unknown[] = [];
  #ids = 0;

  onEvent(kind: number, arg: unknown): void {
    this.ran.push([kind, arg]);
  }

  push(after: Nanos): void {
    const id = this.#ids++;
    const time = this.queue.now + after;
    const handle = this.queue.push(after, this, id, `event ${id}`);
    this.waiting.push({ time, id, handle });
    this.waiting.sort((a, b) => a.time - b.time || a.id - b.id);
  }

  cancel(which: number): void {
    const [gone] = this.waiting.splice(which % Math.max(1, this.waiting.length), 1);
    if (gone !== undefined) this.queue.cancel(gone.handle);
  }

  look(ahead: Nanos): void {
    const until = this.queue.now + ahead;
    expect(this.queue.dueBy(until)).toBe((this.waiting[0]?.time ?? Infinity) <= until);
  }

  pop(): void {
    const first = this.waiting.shift();
    if (first === undefined) return;
    expect(this.queue.dueBy(first.time)).toBe(true);
    this.queue.runFirst();
    expect(this.queue.now).toBe(first.time);
    expect(this.ran.pop()).toEqual([first.id, `event ${first.id}`]);
    expect(this.queue.dueNow()).toBe(this.waiting[0]?.time === first.time);
  }

  play(s: Step): void {
    if (s.op === 'push') this.push(s.after);
    else if (s.op === 'cancel') this.cancel(s.which);
    else if (s.op === 'look') this.look(s.ahead);
    else this.pop();
    expect(this.queue.size).toBe(this.waiting.length);
    expect(this.queue.pendingHandlers()).toHaveLength(this.waiting.length);
  }
}

describe('the event queue', () => {
  it('equals a sorted list, whatever is pushed, cancelled and looked at between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const pair = new Pair();
        for (const s of steps) pair.play(s);
        while (pair.waiting.length > 0) pair.pop();
        expect(pair.queue.dueBy(Infinity)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('equals a sorted list when many events are near each other', () => {
    const pair = new Pair();
    let x = 12_345;
    for (let i = 0; i < 5000; i++) {
      x = Math.imul(x, 1_103_515_245) + 12_345;
      pair.push((x >>> 8) % 5000);
    }
    while (pair.waiting.length > 0) pair.pop();
  });

  it('keeps the order in which events of one time were pushed', () => {
    const queue = new EventQueue();
    const ran: number[] = [];
    const handler = { onEvent: (kind: number) => void ran.push(kind) };
    for (let i = 0; i < 1000; i++) queue.push(70_000_000, handler, i, undefined);
    while (queue.dueBy(Infinity)) queue.runFirst();
    expect(ran).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('loses no other event when neighbours in one bucket are cancelled in any order', () => {
    const which = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(which, (order) => {
        const pair = new Pair();
        for (let i = 0; i < 30; i++) pair.push(70_000_000 + (i % 7));
        for (const i of order) pair.cancel(i);
        while (pair.waiting.length > 0) pair.pop();
        expect(pair.queue.dueBy(Infinity)).toBe(false);
      }),
    );
  });

  it('lets go of what an event held once it has run or is cancelled', () => {
    const queue = new EventQueue();
    const handler = { onEvent: () => {} };
    const far = queue.push(90_000_000_000_000, handler, 0, 'far');
    const near = queue.push(5, handler, 0, 'near');
    queue.cancel(far);
    queue.cancel(near);
    expect([queue.size, queue.pendingHandlers()]).toEqual([0, []]);
    expect(queue.dueBy(Infinity)).toBe(false);
  });
});
