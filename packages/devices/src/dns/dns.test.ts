import type { Ipv4Addr } from '@labwire/core/addr';
import { ipv6 } from '@labwire/core/addr';
import { decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DnsMessage,
  type DnsRecord,
  type FieldKind,
  type FieldValue,
  layoutOf,
  MessageWriter,
  nameLabels,
  normalName,
  readMessage,
  writeMessage,
} from './index.ts';

const TYPES = [1, 2, 5, 6, 12, 13, 15, 16, 17, 28, 33, 35, 39, 43, 65, 99, 257, 65_280];

const byte = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const plainLabel = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const oddLabel = fc
  .uint8Array({ minLength: 1, maxLength: 30 })
  .map((b) => Array.from(b, (v) => `\\${String(v).padStart(3, '0')}`).join(''));
const name = fc
  .array(fc.oneof({ weight: 4, arbitrary: plainLabel }, oddLabel), { maxLength: 6 })
  .map((labels) => normalName(labels.join('.')) ?? '');

const FIELDS: Readonly<Record<FieldKind, fc.Arbitrary<FieldValue>>> = {
  u8: byte,
  u16,
  u32,
  ipv4: fc.integer().map((v) => (v | 0) as Ipv4Addr),
  ipv6: fc.tuple(u32, u32, u32, u32).map(([a, b, c, d]) => ipv6(a | 0, b | 0, c | 0, d | 0)),
  cname: name,
  name,
  string: bytes(255),
  strings: fc.array(bytes(40), { minLength: 1, maxLength: 4 }),
  rest: bytes(60),
};

const record: fc.Arbitrary<DnsRecord> = fc.constantFrom(...TYPES).chain((type) =>
  fc.record({
    name,
    type: fc.constant(type),
    class: u16,
    ttl: u32,
    data: fc.tuple(...layoutOf(type).map((kind) => FIELDS[kind])),
  }),
);

const edns = fc.record({
  udpSize: u16,
  extendedRcode: byte,
  version: byte,
  flags: u16,
  options: fc.array(fc.record({ code: u16, data: bytes(20) }), { maxLength: 3 }),
});

const message: fc.Arbitrary<DnsMessage> = fc.record({
  id: u16,
  flags: u16.map((v) => v & 0x87f0),
  opcode: fc.integer({ min: 0, max: 15 }),
  rcode: fc.integer({ min: 0, max: 15 }),
  questions: fc.array(fc.record({ name, type: u16, class: u16 }), { maxLength: 2 }),
  answers: fc.array(record, { maxLength: 5 }),
  authorities: fc.array(record, { maxLength: 3 }),
  additionals: fc.array(record, { maxLength: 3 }),
  edns: fc.option(edns, { nil: undefined }),
});

/** The same with its names in small letters: a name may be a pointer to one that is written otherwise. RFC 4343 section 3 */
function folded(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  if (Array.isArray(value)) return value.map(folded);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, folded(v)]));
}

describe('DNS messages', () => {
  it('are read as they were written, however names are compressed', () => {
    const compression = fc.constantFrom('all', 'owners', 'none' as const);
    fc.assert(
      fc.property(message, compression, (m, how) => {
        const back = readMessage(writeMessage(m, { compression: how as 'all' }));
        expect(folded(back)).toEqual(folded(m));
      }),
      { numRuns: 2000 },
    );
  });

  it('never make the reader throw, cut off anywhere or changed anywhere', () => {
    const start = writeMessages();
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    let read = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const from = start[i % start.length] as Uint8Array;
      const buf = from.slice(0, i % 7 === 0 ? random(from.length + 1) : from.length);
      for (let n = random(4); n >= 0; n--) buf[random(buf.length + 1)] = random(256);
      if (readMessage(buf) !== undefined) read++;
    }
    expect(read).toBeGreaterThan(1000);
  }, 180_000);

  it('that fit a limit are marked as truncated exactly when something is missing', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 600, max: 1500 }), (m, limit) => {
        const buf = writeMessage({ ...m, questions: m.questions.slice(0, 1) }, { limit });
        const back = readMessage(buf);
        const records = (x: DnsMessage) =>
          x.answers.length + x.authorities.length + x.additionals.length;
        expect(buf.length).toBeLessThanOrEqual(limit);
        expect(back?.edns).toEqual(m.edns);
        const cut = back === undefined || records(back) < records(m);
        expect(((back?.flags ?? 0) & 0x0200) !== 0).toBe(cut || (m.flags & 0x0200) !== 0);
      }),
      { numRuns: 500 },
    );
  });

  it('are what dns-packet reads and writes', () => {
    const host = fc.array(plainLabel, { minLength: 1, maxLength: 4 }).map((l) => l.join('.'));
    fc.assert(
      fc.property(host, host, u16, u32, (owner, target, n, ttl) => {
        const packet: Packet = {
          type: 'response',
          id: n,
          flags: 0x0180,
          questions: [{ name: owner, type: 'ANY', class: 'IN' }],
          answers: [
            { name: owner, type: 'A', class: 'IN', ttl, data: '192.0.2.1' },
            {
              name: owner,
              type: 'MX',
              class: 'IN',
              ttl,
              data: { preference: n, exchange: target },
            },
            {
              name: owner,
              type: 'SRV',
              class: 'IN',
              ttl,
              data: { priority: 1, weight: 2, port: n, target },
            },
            { name: target, type: 'CNAME', class: 'IN', ttl, data: owner },
            { name: target, type: 'AAAA', class: 'IN', ttl, data: '2001:db8::1' },
          ],
        };
        const ours = readMessage(Uint8Array.from(encode(packet)));
        expect(ours?.answers.map((r) => [r.name, r.type, r.ttl])).toEqual(
          [1, 15, 33, 5, 28].map((type, i) => [i < 3 ? owner : target, type, ttl]),
        );
        const theirs = decode(Buffer.from(writeMessage(ours as DnsMessage)));
        expect(theirs.answers).toMatchObject(packet.answers as object[]);
      }),
      { numRuns: 300 },
    );
  });

  it('leave out a record that does not fit, and what it had added for names to point to', () => {
    const writer = new MessageWriter({ limit: 60 });
    const long = { name: 'a.very.long.name.example', type: 16, class: 1, ttl: 0 };
    const strings = [new Uint8Array(50)];
    expect(writer.record('answer', { ...long, data: [strings] })).toBe(false);
    expect(writer.record('answer', { ...long, data: [[new Uint8Array(2)]] })).toBe(true);
    const buf = writer.finish({ id: 1, flags: 0, opcode: 0, rcode: 0 });
    expect(readMessage(buf)?.answers[0]?.name).toBe('a.very.long.name.example');
  });
});

describe('names', () => {
  it.each([
    ['a..b', 'empty label'],
    ['.a', 'empty label'],
    [`${'a'.repeat(64)}.b`, 'label too long'],
    [Array(40).fill('abcdefg').join('.'), 'name too long'],
    ['a\\', 'bad escape'],
    ['a\\300', 'bad escape'],
  ])('%s is refused: %s', (text, why) => {
    expect(nameLabels(text)).toBe(why);
  });

  it('do not lead round in circles', () => {
    const buf = Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]);
    expect(readMessage(buf)).toBeUndefined();
  });
});

/** Messages to break. */
function writeMessages(): Uint8Array[] {
  return fc
    .sample(message, { numRuns: 1000, seed: 7 })
    .map((m) => writeMessage(m))
    .filter((buf) => buf.length < 120);
}
