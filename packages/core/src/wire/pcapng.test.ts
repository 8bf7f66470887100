import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseIpv4, parseMac } from '../addr/index.ts';
import { ETH_P_IP, PcapngWriter, writeEthernet, writeIcmp, writeIpv4 } from './index.ts';

/** A ping in a frame at `off`. @returns its end */
function writePing(buf: Uint8Array, off: number, seq: number): number {
  const end = off + 14 + 20 + 8 + 56;
  const dst = parseMac('02:00:00:00:00:02')!;
  writeEthernet(buf, off, { dst, src: parseMac('02:00:00:00:00:01')!, type: ETH_P_IP });
  writeIpv4(buf, off + 14, {
    tos: 0,
    totLen: 84,
    id: seq,
    fragOff: 0x4000,
    ttl: 64,
    protocol: 1,
    saddr: parseIpv4('10.0.0.1')!,
    daddr: parseIpv4('10.0.0.2')!,
    options: undefined,
  });
  writeIcmp(buf, off + 34, { type: 8, code: 0, rest: 0x10000 * 7 + seq }, end);
  return end;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const c of chunks) {
    out.set(c, at);
    at += c.length;
  }
  return out;
}

function capture(packets: number): Uint8Array {
  const w = new PcapngWriter();
  const eth = w.addInterface('veth0');
  const other = w.addInterface('br0');
  const buf = new Uint8Array(200);
  for (let i = 0; i < packets; i++) {
    const end = writePing(buf, 3, i + 1);
    w.packet(i % 2 === 0 ? eth : other, 1_700_000_000_000_000_000 + i * 1_000_000_256, buf, 3, end);
  }
  return concat(w.takeChunks());
}

/** Blocks as the format frames them, read by nothing but their lengths. */
function blocks(file: Uint8Array): { type: number; body: DataView }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found: { type: number; body: DataView }[] = [];
  for (let at = 0; at < file.length; ) {
    const len = view.getUint32(at + 4, true);
    expect(len % 4).toBe(0);
    expect(view.getUint32(at + len - 4, true)).toBe(len);
    const body = new DataView(file.buffer, file.byteOffset + at + 8, len - 12);
    found.push({ type: view.getUint32(at, true), body });
    at += len;
  }
  return found;
}

it('gives the same bytes for the same packets', () => {
  expect(capture(20)).toEqual(capture(20));
});

it('frames every block, whatever its size, and keeps every packet', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.boolean(), (lengths, drain) => {
      const w = new PcapngWriter();
      w.addInterface('x');
      const chunks: Uint8Array[] = [];
      for (const [i, n] of lengths.entries()) {
        w.packet(0, i, new Uint8Array(n).fill(i), 0, n);
        if (drain) chunks.push(...w.takeChunks());
      }
      const found = blocks(concat([...chunks, ...w.takeChunks()]));
      expect(found.slice(0, 2).map((b) => b.type)).toEqual([0x0a0d0d0a, 1]);
      const packets = found.slice(2);
      expect(packets.map((p) => p.body.getUint32(12, true))).toEqual(lengths);
      for (const [i, p] of packets.entries()) {
        if (lengths[i] !== 0) expect(p.body.getUint8(20)).toBe(i);
      }
    }),
    { numRuns: 30 },
  );
});

it('keeps the original length of a packet that was cut', () => {
  const w = new PcapngWriter();
  w.packet(w.addInterface('x'), 5, new Uint8Array(64), 0, 10, 64);
  const packet = blocks(concat(w.takeChunks()))[2]!.body;
  expect([packet.getUint32(12, true), packet.getUint32(16, true)]).toEqual([10, 64]);
});

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) console.log('pcapng: tshark is not installed, its reading of a capture is skipped');

it.skipIf(!hasTshark)('tshark reads names, nanoseconds and good checksums from it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'labwire-pcapng-'));
  try {
    const file = join(dir, 'x.pcapng');
    writeFileSync(file, capture(3));
    const fields = ['frame.interface_name', 'frame.time_epoch', 'icmp.seq', '_ws.malformed'];
    const out = execFileSync(
      'tshark',
      ['-r', file, '-T', 'fields', '-E', 'separator=,', ...fields.flatMap((f) => ['-e', f])],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(out.trim().split('\n')).toEqual([
      'veth0,1700000000.000000000,1,',
      'br0,1700000001.000000256,2,',
      'veth0,1700000002.000000512,3,',
    ]);
    const bad = [
      '-o',
      'ip.check_checksum:TRUE',
      '-Y',
      'ip.checksum.status==0 or icmp.checksum.status==0',
    ];
    const found = execFileSync('tshark', ['-r', file, ...bad], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(found).toBe('');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
