import type { Server, Socket } from 'node:net';
import { listenAt } from './listen.ts';

/** Characters of a message at most. */
const LONGEST = 1 << 20;

/** What QEMU tells. QEMU docs/interop/qmp-spec */
interface Message {
  readonly QMP?: unknown;
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
  readonly event?: string;
}

/** Who is told. */
export interface QmpListener {
  /** It takes commands, which it does once the machine is complete. */
  onReady(): void;
  onEvent(name: string): void;
  onError(text: string): void;
}

/** QEMU's machine protocol, as far as it is needed to handle a guest: commands go out, events come. */
export class Qmp {
  readonly #listener: QmpListener;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #rest = '';
  #ready = false;

  constructor(listener: QmpListener) {
    this.#listener = listener;
  }

  async open(path: string): Promise<void> {
    this.#server = await listenAt(path, (socket) => {
      this.#socket = socket;
      socket.setEncoding('utf8');
      socket.on('data', (text) => this.#hear(String(text)));
      socket.on('error', () => socket.destroy());
    });
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST);
    for (const line of lines) if (line.trim() !== '') this.#take(JSON.parse(line) as Message);
  }

  #take({ QMP, return: result, error, event }: Message): void {
    if (QMP !== undefined) this.#send('qmp_capabilities');
    if (event !== undefined) this.#listener.onEvent(event);
    if (error !== undefined) this.#listener.onError(error.desc ?? 'no reason given');
    if (result === undefined || this.#ready) return;
    this.#ready = true;
    this.#listener.onReady();
  }

  /** Gives a command, once QEMU takes any. */
  command(name: string, args: Readonly<Record<string, unknown>> = {}): void {
    if (this.#ready) this.#send(name, args);
  }

  #send(name: string, args: Readonly<Record<string, unknown>> = {}): void {
    this.#socket?.write(`${JSON.stringify({ execute: name, arguments: args })}\n`);
  }

  close(): void {
    this.#socket?.destroy();
    this.#server?.close();
  }
}
