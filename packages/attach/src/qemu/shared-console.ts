import type { Server, Socket } from 'node:net';
import { listenAt } from './listen.ts';

/** Bytes of a console that are shown again to somebody who comes. */
const REMEMBERED = 8192;
/** Bytes that may wait for somebody who does not read. */
const MOST_UNREAD = 1 << 20;
/** Resets of the terminal, clears of the screen, and moves to its top: ESC c, ESC [ 2 J, ESC [ H, ESC [ ? 7 l. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const WIPES = /\x1b(c|\[2J|\[H|\[\?7l)/g;

/** What a console has printed without what would wipe the screen of who sees it again. */
export function withoutWipes(output: string): string {
  return output.replace(WIPES, '');
}

/** Somebody who looks at a console. */
export type Viewer = (output: Uint8Array) => void;

/** The console of a guest: what QEMU has at one end, and at the other any number of people. */
export class SharedConsole {
  readonly #viewers = new Set<Viewer>();
  readonly #people = new Set<Socket>();
  #servers: Server[] = [];
  #qemu: Socket | undefined;
  #last = Buffer.alloc(0);

  /** @param inside where QEMU connects. @param outside where people do */
  async open(inside: string, outside: string): Promise<void> {
    this.#servers = [
      await listenAt(inside, (socket) => this.#meetQemu(socket)),
      await listenAt(outside, (socket) => this.#meet(socket)),
    ];
  }

  #meetQemu(socket: Socket): void {
    this.#qemu = socket;
    socket.on('data', (output) => this.#show(output));
    socket.on('error', () => socket.destroy());
  }

  #meet(socket: Socket): void {
    this.#people.add(socket);
    const leave = this.view((output) => {
      if (socket.writableLength < MOST_UNREAD) socket.write(output);
    });
    socket.on('data', (keys) => this.type(keys));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      leave();
      this.#people.delete(socket);
    });
  }

  #show(output: Buffer): void {
    this.#last = Buffer.concat([this.#last, output]).subarray(-REMEMBERED);
    for (const viewer of this.#viewers) viewer(output);
  }

  /** Shows what was printed last, and from now on everything. @returns what ends that */
  view(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    const last = withoutWipes(this.#last.toString('latin1'));
    if (last !== '') viewer(Buffer.from(last, 'latin1'));
    return () => this.#viewers.delete(viewer);
  }

  type(keys: Uint8Array): void {
    this.#qemu?.write(keys);
  }

  close(): void {
    this.#qemu?.destroy();
    for (const socket of this.#people) socket.end();
    for (const server of this.#servers) server.close();
  }
}
