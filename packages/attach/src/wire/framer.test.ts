import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameBatch, Framer, FramingError } from './framer.ts';

const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });

/** What comes out of a stream that arrives cut into pieces at the given places. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const got: Uint8Array[] = [];
  const framer = new Framer((buf, off, len) => got.push(buf.slice(off, off + len)));
  const cuts = [...places.map((p) => p % (bytes.length + 1)), 0, bytes.length].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < cuts.length; i++) framer.push(bytes.slice(cuts[i - 1], cuts[i]));
  return got;
}

it('gives back the frames that were sent, wherever the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
      const batch = new FrameBatch();
      for (const frame of sent) batch.add(frame, 0, frame.length);
      expect(cutAt(batch.take(), cuts)).toEqual(sent);
    }),
  );
});

it('takes no length that no frame has, and holds no more than one frame', () => {
  const framer = new Framer(() => undefined);
  expect(() => framer.push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0))).toThrow(FramingError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
      let taken = 0;
      try {
        new Framer((_, __, len) => {
          taken += len;
        }).push(noise);
      } catch (e) {
        expect(e).toBeInstanceOf(FramingError);
      }
      expect(taken).toBeLessThanOrEqual(noise.length);
    }),
  );
});
