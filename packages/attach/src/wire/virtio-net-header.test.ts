import { get16, put16 } from '@labwire/core/bytes';
import { checksum, findTcp, sum16, TcpOff, TcpPlace } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  FrameOffload,
  readVirtioNetHeader,
  VIRTIO_NET_HDR_LEN,
  writeVirtioNetHeader,
} from './virtio-net-header.ts';

const HEADERS = {
  ipv4: '5254000000015254000000020800 45000000000040004006 0000 0a000001 0a000002',
  ipv6: '525400000001525400000002 86dd 60000000 00000640 fe800000000000000000000000000001 fe800000000000000000000000000002',
  vlan: '5254000000015254000000028100 0005 0800 45000000000040004006 0000 0a000001 0a000002',
} as const;
const TCP = '03e8 0050 00000001 00000002 5010 ffff 0000 0000';

/** A TCP frame behind an empty header, its check filled in. */
function frame(kind: keyof typeof HEADERS, text: Uint8Array): Uint8Array {
  const bytes = Buffer.from((HEADERS[kind] + TCP).replaceAll(' ', ''), 'hex');
  const buf = new Uint8Array(VIRTIO_NET_HDR_LEN + bytes.length + text.length);
  buf.set(bytes, VIRTIO_NET_HDR_LEN);
  buf.set(text, VIRTIO_NET_HDR_LEN + bytes.length);
  put16(buf, placeOf(buf).th + TcpOff.check, checkOf(buf) || 0xffff);
  return buf;
}

function placeOf(buf: Uint8Array): TcpPlace {
  const place = new TcpPlace();
  expect(findTcp(buf, VIRTIO_NET_HDR_LEN, buf.length, place)).toBe(true);
  return place;
}

/** The check as RFC 9293 has it, over the pseudo-header and all of the segment. */
function checkOf(buf: Uint8Array): number {
  const { nh, th, v6 } = placeOf(buf);
  const segment = buf.slice(th);
  put16(segment, TcpOff.check, 0);
  const pseudo = v6 ? sum16(buf, nh + 8, 32) : sum16(buf, nh + 12, 8);
  return checksum(segment, 0, segment.length, pseudo + 6 + segment.length);
}

const kinds = fc.constantFrom(...(Object.keys(HEADERS) as (keyof typeof HEADERS)[]));

it('gives back the super-segment that was written, with its check filled in', () => {
  fc.assert(
    fc.property(kinds, fc.uint8Array({ minLength: 1, maxLength: 5000 }), (kind, text) => {
      const buf = frame(kind, text);
      const sent = buf.slice();
      expect(writeVirtioNetHeader(buf, buf.length, 1448)).toBe(true);
      expect(buf.slice(VIRTIO_NET_HDR_LEN)).not.toEqual(sent.slice(VIRTIO_NET_HDR_LEN));
      const offload = new FrameOffload();
      expect(readVirtioNetHeader(buf, buf.length, offload)).toBe(true);
      expect(buf.slice(VIRTIO_NET_HDR_LEN)).toEqual(sent.slice(VIRTIO_NET_HDR_LEN));
      expect(offload).toEqual({ gsoSize: 1448, checked: true });
    }),
  );
});

it('tells a reader where the headers of a super-segment are', () => {
  const buf = frame('ipv4', new Uint8Array(3000));
  writeVirtioNetHeader(buf, buf.length, 1448);
  const words = Array.from(new Uint16Array(buf.buffer, 0, 5));
  expect([buf[0], buf[1], ...words.slice(1)]).toEqual([1, 1, 54, 1448, 34, 16]);
});

it('leaves an ordinary frame as it is', () => {
  const buf = frame('ipv4', new Uint8Array(10)).fill(0xa5, 0, VIRTIO_NET_HDR_LEN);
  const was = buf.slice(VIRTIO_NET_HDR_LEN);
  expect(writeVirtioNetHeader(buf, buf.length, 0)).toBe(true);
  expect(Array.from(buf.slice(0, VIRTIO_NET_HDR_LEN))).toEqual(new Array(10).fill(0));
  const offload = new FrameOffload();
  expect(readVirtioNetHeader(buf, buf.length, offload)).toBe(true);
  expect([buf.slice(VIRTIO_NET_HDR_LEN), offload.gsoSize, offload.checked]).toEqual([
    was,
    0,
    false,
  ]);
});

it('refuses super-segments that are no TCP, and those of kinds that were not asked for', () => {
  const udp = frame('ipv4', new Uint8Array(3000));
  udp[VIRTIO_NET_HDR_LEN + 14 + 9] = 17;
  expect(writeVirtioNetHeader(udp, udp.length, 1448)).toBe(false);
  for (const type of [1, 3, 5]) {
    udp.set([0, type, 0, 0, 0xa8, 5, 0, 0, 0, 0]);
    expect(readVirtioNetHeader(udp, udp.length, new FrameOffload())).toBe(false);
  }
});

it('reads and writes nothing outside of the frame, whatever its bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
      const buf = new Uint8Array(noise.length + 64).fill(0xee);
      buf.set(noise);
      readVirtioNetHeader(buf, noise.length, new FrameOffload());
      expect(buf.slice(noise.length).every((b) => b === 0xee)).toBe(true);
      if (noise.length < VIRTIO_NET_HDR_LEN) return;
      writeVirtioNetHeader(buf, noise.length, get16(buf, 0));
      expect(buf.slice(noise.length).every((b) => b === 0xee)).toBe(true);
    }),
  );
});
