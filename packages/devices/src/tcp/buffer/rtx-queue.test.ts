import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOST, RETRANS, RtxQueue, SACKED } from './rtx-queue.ts';

const step = fc.record({
  what: fc.constantFrom('push', 'shift', 'sack', 'lose', 'resend', 'split', 'clear-lost'),
  where: fc.nat(50),
});

/** Counts anew what the queue keeps count of. */
function recount(q: RtxQueue) {
  let [sacked, lost, retrans, toResend] = [0, 0, 0, 0];
  for (let i = 0; i < q.count; i++) {
    const f = q.flags(i);
    if ((f & SACKED) !== 0) sacked++;
    if ((f & LOST) !== 0) lost++;
    if ((f & RETRANS) !== 0) retrans++;
    if ((f & (LOST | RETRANS)) === LOST) toResend++;
  }
  return { sacked, lost, retrans, toResend };
}

it('its counts are those of its segments, and these stay contiguous', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const q = new RtxQueue();
      let next = 0x7fff_ff00;
      for (const { what, where } of steps) {
        const i = q.count === 0 ? -1 : where % q.count;
        if (what === 'push') {
          q.push(next, (next + 100) | 0, 0, where);
          next = (next + 100) | 0;
        } else if (i < 0) continue;
        else if (what === 'shift') q.shift();
        else if (what === 'sack') q.mark(i, SACKED);
        else if (what === 'lose') q.mark(i, LOST);
        else if (what === 'resend') q.resent(i, where);
        else if (what === 'clear-lost') q.unmark(i, LOST | RETRANS);
        else if (((q.end(i) - q.seq(i)) | 0) > 1) q.split(i, (q.seq(i) + 1) | 0);
        const { sackedOut: sacked, lostOut: lost, retransOut: retrans, toResend } = q;
        expect({ sacked, lost, retrans, toResend }).toEqual(recount(q));
        for (let k = 1; k < q.count; k++) expect(q.seq(k)).toBe(q.end(k - 1));
        for (let k = 0; k < q.count; k++) expect(q.find(q.seq(k))).toBe(k);
      }
    }),
  );
});
