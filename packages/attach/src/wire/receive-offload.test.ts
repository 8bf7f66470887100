import { get16, get32, put16, put32 } from '@labwire/core/bytes';
import { checksum, findTcp, Ipv4Off, Ipv6Off, sum16, TcpOff, TcpPlace } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReceiveOffload } from './receive-offload.ts';

const ETHERNET = '525400000001525400000002';
const IPV4 = '0800 45000000 1000 4000 4006 0000 0a000001 0a000002';
const IPV6 =
  '86dd 60000000 0000 06 40 fe800000000000000000000000000001 fe800000000000000000000000000002';
const TCP = '03e8 0050 00000001 00000002 8010 ffff 0000 0000 0101080a0000000100000002';
const FROM = 10;

interface Segment {
  readonly v6: boolean;
  readonly seq: number;
  readonly id: number;
  readonly flags: number;
  readonly text: Uint8Array;
}

function finish(buf: Uint8Array): Uint8Array {
  const p = new TcpPlace();
  expect(findTcp(buf, 0, buf.length, p)).toBe(true);
  put16(buf, p.th + TcpOff.check, 0);
  const [at, bytes] = p.v6 ? [Ipv6Off.saddr, 32] : [Ipv4Off.saddr, 8];
  const length = buf.length - p.th;
  const pseudo = sum16(buf, p.nh + at, bytes, 6 + length);
  put16(buf, p.th + TcpOff.check, checksum(buf, p.th, length, pseudo));
  if (p.v6) put16(buf, p.nh + Ipv6Off.payloadLen, buf.length - p.nh - 40);
  else {
    put16(buf, p.nh + Ipv4Off.totLen, buf.length - p.nh);
    put16(buf, p.nh + Ipv4Off.check, 0);
    put16(buf, p.nh + Ipv4Off.check, checksum(buf, p.nh, p.th - p.nh));
  }
  return buf;
}

function frameOf({ v6, seq, id, flags, text }: Segment): Uint8Array {
  const headers = Buffer.from((ETHERNET + (v6 ? IPV6 : IPV4) + TCP).replaceAll(' ', ''), 'hex');
  const buf = new Uint8Array([...headers, ...text]);
  const th = headers.length - 32;
  put32(buf, th + TcpOff.seq, seq);
  buf[th + TcpOff.flags] = flags;
  if (!v6) put16(buf, 14 + Ipv4Off.id, id);
  return finish(buf);
}

/** What a NIC makes of a super-segment: tcp_gso_segment() in few words. */
function cut(buf: Uint8Array, gsoSize: number): Uint8Array[] {
  const p = new TcpPlace();
  expect(findTcp(buf, 0, buf.length, p)).toBe(true);
  const out: Uint8Array[] = [];
  for (let at = p.text; at < buf.length; at += gsoSize) {
    const last = at + gsoSize >= buf.length;
    const piece = new Uint8Array([...buf.slice(0, p.text), ...buf.slice(at, at + gsoSize)]);
    put32(piece, p.th + TcpOff.seq, get32(buf, p.th + TcpOff.seq) + at - p.text);
    if (!last) piece[p.th + TcpOff.flags] = 0x10;
    if (!p.v6) put16(piece, p.nh + Ipv4Off.id, get16(buf, p.nh + Ipv4Off.id) + out.length);
    out.push(finish(piece));
  }
  return out;
}

/** Sends frames as a device does. @returns what it writes, and the bytes of text of each segment */
function write(frames: readonly Uint8Array[]): { bytes: Uint8Array; gsoSize: number }[] {
  const held = new ReceiveOffload(new Uint8Array(FROM + 65_549), FROM);
  const out: { bytes: Uint8Array; gsoSize: number }[] = [];
  const flush = (): void => {
    if (held.frames === 0) return;
    held.finish();
    out.push({
      bytes: held.buf.slice(FROM, held.end),
      gsoSize: held.frames > 1 ? held.gsoSize : 0,
    });
    held.frames = 0;
  };
  for (const frame of frames) {
    const noise = new Uint8Array([1, 2, 3, ...frame, 4, 5]);
    if (held.add(noise, 3, frame.length)) continue;
    flush();
    if (!held.begin(noise, 3, frame.length)) out.push({ bytes: frame, gsoSize: 0 });
  }
  flush();
  return out;
}

/** Segments of one connection, one behind the other. */
function stream(v6: boolean, sizes: readonly number[], pushes: readonly boolean[]): Segment[] {
  let seq = 0xffff_f000;
  return sizes.map((size, i) => {
    const flags = pushes[i] === true ? 0x18 : 0x10;
    const text = Uint8Array.from({ length: size }, (_, at) => (at * 7 + i) & 0xff);
    const segment = { v6, seq: seq >>> 0, id: (0xfffe + i) & 0xffff, flags, text };
    seq += size;
    return segment;
  });
}

const segments = fc
  .array(fc.tuple(fc.constantFrom(100, 100, 100, 99, 1, 101), fc.integer({ max: 9, min: 0 })), {
    minLength: 1,
    maxLength: 30,
  })
  .chain((rows) =>
    fc.boolean().map((v6) =>
      stream(
        v6,
        rows.map(([size]) => size),
        rows.map(([, push]) => push === 0),
      ),
    ),
  );

it('gives back every frame, byte for byte and in order, once its super-segments are cut', () => {
  fc.assert(
    fc.property(segments, (all) => {
      const frames = all.map(frameOf);
      const written = write(frames);
      const again = written.flatMap(({ bytes, gsoSize }) =>
        gsoSize === 0 ? [bytes] : cut(bytes, gsoSize),
      );
      expect(again).toEqual(frames);
    }),
  );
});

it.each([false, true])('joins what follows each other (IPv6: %s)', (v6) => {
  const frames = stream(v6, [100, 100, 100, 50, 100, 100], []).map(frameOf);
  expect(
    write(frames).map((w) => [w.bytes.length - (frames[0] as Uint8Array).length, w.gsoSize]),
  ).toEqual([
    [250, 100],
    [100, 100],
  ]);
});

const [FIRST, SECOND] = stream(false, [100, 100], []).map(frameOf) as [Uint8Array, Uint8Array];
const changed = (at: number, by = 1): Uint8Array => {
  const frame = SECOND.slice();
  frame[at] = ((frame[at] as number) + by) & 0xff;
  return at >= 24 && at < 26 ? frame : finish(frame);
};

it.each([
  ['another address', changed(14 + 19)],
  ['another port', changed(34)],
  ['a gap', changed(34 + 7)],
  ['another acknowledgement', changed(34 + 11)],
  ['a FIN', changed(34 + 13)],
  ['another window', changed(34 + 15)],
  ['another timestamp', changed(34 + 27)],
  ['another TTL', changed(14 + 8)],
  ['another ECN', changed(14 + 1)],
  ['another identification', changed(14 + 5)],
  ['a fragment', changed(14 + 6, 0x20)],
  ['a wrong check of IP', changed(14 + 10)],
  ['a wrong check of TCP', Uint8Array.from(SECOND, (b, i) => (i === 34 + 16 ? b ^ 1 : b))],
  ['padding', new Uint8Array([...SECOND, 0])],
  ['no text', finish(SECOND.slice(0, 66))],
])('joins nothing to a frame before %s', (_, second) => {
  const third = stream(false, [100, 100, 100], []).map(frameOf)[2] as Uint8Array;
  expect(write([FIRST, second, third]).map((w) => w.bytes)).toEqual([FIRST, second, third]);
});

it('joins nothing to a frame whose own check is wrong', () => {
  const wrong = Uint8Array.from(FIRST, (b, i) => (i === FIRST.length - 1 ? b ^ 1 : b));
  expect(write([wrong, SECOND]).map((w) => w.bytes)).toEqual([wrong, SECOND]);
});

it('makes no packet longer than a length of 16 bits can tell', () => {
  const frames = stream(false, Array(60).fill(1448), []).map(frameOf);
  const written = write(frames);
  expect(written.map((w) => w.bytes.length <= 65_535 + 14)).toEqual([true, true]);
});
