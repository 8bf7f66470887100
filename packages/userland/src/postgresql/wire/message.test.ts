import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldReader, MessageReader, MessageWriter, ProtocolError } from './index.ts';

const text = fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0'));

describe('messages of PostgreSQL', () => {
  it('come out of any cutting of the stream as they went in', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.integer({ min: 1, max: 9 })), (texts, cuts) => {
        const stream = texts.flatMap((t) => [...new MessageWriter().int32(-7).text(t).build('Q')]);
        const reader = new MessageReader(false);
        const found: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % Math.max(1, cuts.length)] ?? 3;
          reader.feed(Uint8Array.from(stream.slice(at, at + size)));
          at += size;
          for (let m = reader.next(); m !== undefined; m = reader.next()) {
            const fields = new FieldReader(m.body);
            expect(fields.int32()).toBe(-7);
            found.push(fields.text());
          }
        }
        expect(found).toEqual(texts);
      }),
    );
  });

  it('are refused when their length is impossible', () => {
    const reader = new MessageReader(true);
    reader.feed(new Uint8Array([0, 0, 0, 3]));
    expect(() => reader.next()).toThrow(ProtocolError);
  });

  it('end a field at the end of the body', () => {
    const fields = new FieldReader(new Uint8Array([65]));
    expect(fields.text()).toBe('A');
    expect(fields.int32()).toBe(0);
    expect(fields.atEnd).toBe(true);
  });
});
