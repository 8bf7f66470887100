import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { FrameBatch, Framer, MAX_FRAME } from './framer.ts';
import { StreamWire } from './stream-wire.ts';
import type { WireSink } from './wire.ts';

/** The lab's side: keeps what it is told, and tells who waits for it. */
class Lab implements WireSink {
  readonly frames: number[] = [];
  readonly peers: boolean[] = [];
  readonly notes: string[] = [];
  onEach: () => void = () => undefined;
  #waiting: (() => void)[] = [];

  onFrame(buf: Uint8Array, off: number, len: number): void {
    expect(buf.subarray(off, off + len).every((b) => b === (len & 0xff))).toBe(true);
    this.frames.push(len);
    this.onEach();
    this.#tell();
  }

  onPeer(connected: boolean): void {
    this.peers.push(connected);
    this.#tell();
  }

  onLost(): void {}

  onNote(text: string): void {
    this.notes.push(text);
    this.#tell();
  }

  #tell(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((look) => this.#waiting.push(look));
  }
}

/** Frames of the given lengths, as QEMU sends them; each is filled with its length. */
function stream(...lengths: number[]): Uint8Array {
  const batch = new FrameBatch();
  for (const n of lengths) batch.add(new Uint8Array(n).fill(n & 0xff), 0, n);
  return batch.take();
}

const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
let [lab, wire, guests] = [new Lab(), {} as StreamWire, [] as Socket[]];

async function guest(): Promise<Socket> {
  const socket = createConnection(join(folder, 'vm.sock'));
  guests.push(socket);
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once('connect', done));
  return socket;
}

const closed = (socket: Socket) => new Promise((done) => socket.once('close', done));
const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await new Promise((done) => setImmediate(done));
};

beforeEach(async () => {
  [lab, guests] = [new Lab(), []];
  wire = new StreamWire('unix:vm.sock', { path: join(folder, 'vm.sock') });
  await wire.open(lab);
});

afterEach(async () => {
  for (const socket of guests) socket.destroy();
  await wire.close();
});

it.each([
  ['overlong', Uint8Array.of(0, 1, 0x10, 1)],
  ['broken', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
])(
  'ends a connection with a message for an %s length, and takes the next guest',
  async (_, bytes) => {
    const first = await guest();
    const gone = closed(first);
    first.write(stream(60));
    first.write(bytes);
    await gone;
    await lab.until(() => lab.peers.length === 2);
    expect(lab.notes).toEqual([
      expect.stringMatching(
        /^unix:vm\.sock: a frame of \d+ bytes is no frame of QEMU's stream; the connection is ended$/,
      ),
    ]);
    const second = await guest();
    second.write(stream(61));
    await lab.until(() => lab.frames.length === 2);
    expect([lab.frames, lab.peers]).toEqual([
      [60, 61],
      [true, false, true],
    ]);
  },
);

it('takes frames up to the longest that QEMU sends', async () => {
  (await guest()).write(stream(MAX_FRAME));
  await lab.until(() => lab.frames.length === 1);
  expect([lab.frames, lab.notes]).toEqual([[MAX_FRAME], []]);
});

it('starts anew with a guest that comes back after a crash in the middle of a frame', async () => {
  const first = await guest();
  first.end(stream(60, 1000).subarray(0, 200));
  await lab.until(() => lab.peers.length === 2);
  expect(wire.send(new Uint8Array(60), 0, 60)).toBe(false);
  (await guest()).write(stream(70));
  await lab.until(() => lab.frames.length === 2);
  expect([lab.frames, lab.peers, lab.notes]).toEqual([[60, 70], [true, false, true], []]);
});

it('turns a second guest away, and says so', async () => {
  const first = await guest();
  await lab.until(() => lab.peers.length === 1);
  await closed(await guest());
  expect(lab.notes).toEqual(['unix:vm.sock: a second guest was turned away; one is there']);
  first.write(stream(60));
  await lab.until(() => lab.frames.length === 1);
});

it('leaves frames with the guest while the lab has no room for them', async () => {
  const sender = await guest();
  const most = 200;
  lab.onEach = () => {
    if (lab.frames.length === most) wire.pause();
  };
  const all = 4000;
  for (let i = 0; i < all; i++) sender.write(stream(1000));
  await lab.until(() => lab.frames.length >= most);
  await turns(300);
  expect(lab.frames.length).toBeLessThan(most + 100); // what was read already: a chunk of 64 KiB
  lab.onEach = () => undefined;
  wire.resume();
  await lab.until(() => lab.frames.length === all);
});

it('drops what a guest does not read beyond a few MiB, and goes on when it reads', async () => {
  const reader = await guest();
  reader.pause();
  await lab.until(() => wire.connected);
  let taken = 0;
  for (let i = 0; i < 50_000; i++) {
    if (wire.send(new Uint8Array(1000), 0, 1000)) taken++;
    wire.flush();
  }
  expect(taken).toBeGreaterThan(1000);
  expect(taken * 1000).toBeLessThan(5 << 20);
  let read = 0;
  const framer = new Framer(() => read++);
  const drained = new Promise<void>((done) => {
    reader.on('data', (chunk) => {
      framer.push(chunk);
      if (read === taken) done();
    });
  });
  reader.resume();
  await drained;
  expect(wire.send(new Uint8Array(1000), 0, 1000)).toBe(true);
});

it("takes the place of a socket's file that nobody listens at, and none that somebody does", async () => {
  const [path, left] = [join(folder, 'vm.sock'), join(folder, 'left.sock')];
  const refused = new StreamWire('unix:vm.sock', { path }).open(lab);
  await expect(refused).rejects.toThrow("can't listen: EADDRINUSE; another program listens");
  linkSync(path, left);
  await wire.close();
  wire = new StreamWire('unix:left.sock', { path: left });
  await wire.open(lab);
});

afterAll(() => rmSync(folder, { recursive: true }));
