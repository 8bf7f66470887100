import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  get8,
  get16,
  get32,
  get48,
  getU32,
  put8,
  put16,
  put32,
  put48,
  utf8Decode,
  utf8Encode,
} from './index.ts';

describe('big-endian access', () => {
  it('agrees with a DataView at any offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.nat(6), (b, off) => {
        const view = new DataView(b.buffer, b.byteOffset);
        expect(get8(b, off)).toBe(view.getUint8(off));
        expect(get16(b, off)).toBe(view.getUint16(off));
        expect(get32(b, off)).toBe(view.getInt32(off));
        expect(getU32(b, off)).toBe(view.getUint32(off));
        const high = view.getUint16(off) * 2 ** 32;
        expect(get48(b, off)).toBe(high + view.getUint32(off + 2));
      }),
    );
  });

  it('writes what it reads, and nothing beside it', () => {
    const value = fc.integer({ min: 0, max: 0xffff_ffff_ffff });
    fc.assert(
      fc.property(value, fc.nat(4), (v, off) => {
        const wide = [
          [1, put8, get8],
          [2, put16, get16],
          [4, put32, getU32],
          [6, put48, get48],
        ] as const;
        for (const [n, put, get] of wide) {
          const b = new Uint8Array(16).fill(0xa5);
          put(b, off, n === 6 ? v : v % 2 ** 32);
          expect(get(b, off)).toBe(v % 256 ** n);
          expect([...b.subarray(0, off), ...b.subarray(off + n)].every((x) => x === 0xa5)).toBe(
            true,
          );
        }
      }),
    );
  });

  it('takes signed values as their bits', () => {
    const b = new Uint8Array(4);
    put32(b, 0, -2);
    expect([get32(b, 0), getU32(b, 0)]).toEqual([-2, 0xffff_fffe]);
  });

  it('reads zeros beyond the end and writes nothing there', () => {
    const b = Uint8Array.of(1, 2);
    expect([get8(b, 2), get16(b, 1), get32(b, 5), get48(b, 9)]).toEqual([0, 0x200, 0, 0]);
    put32(b, 1, -1);
    expect(b).toEqual(Uint8Array.of(1, 255));
  });
});

describe('UTF-8', () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  it('encodes as the platform does, lone surrogates included', () => {
    const units = fc.array(
      fc.oneof(fc.nat(0x7f), fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.nat(0xffff)),
    );
    fc.assert(
      fc.property(units, (u) => {
        const text = String.fromCharCode(...u);
        expect(utf8Encode(text)).toEqual(new Uint8Array(encoder.encode(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('decodes as the platform does what is well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Decode(encoder.encode(text))).toBe(decoder.decode(encoder.encode(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('puts a replacement for each byte that is not part of a character, and loses no other', () => {
    const bytes = Uint8Array.of(
      0x41,
      0xff,
      0xc0,
      0x80,
      0xe2,
      0x82,
      0x42,
      0xed,
      0xa0,
      0x80,
      0xf4,
      0x90,
    );
    expect(utf8Decode(bytes)).toBe(
      'A\ufffd\ufffd\ufffd\ufffd\ufffdB\ufffd\ufffd\ufffd\ufffd\ufffd',
    );
    fc.assert(fc.property(fc.uint8Array(), (b) => typeof utf8Decode(b) === 'string'));
  });

  it.each([
    [0xf4, 0x90, 0x80, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0xe0, 0x9f, 0xbf],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
  ])(
    'does not take %i, %i, %i … for a character: it is too long, too large or half of one',
    (...b) => {
      expect(utf8Decode(Uint8Array.from(b))).toBe('\ufffd'.repeat(b.length));
    },
  );

  it('decodes a part', () => {
    expect(utf8Decode(encoder.encode('aäb'), 1, 3)).toBe('ä');
  });
});
