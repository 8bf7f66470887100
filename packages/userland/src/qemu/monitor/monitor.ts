import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import {
  closeSocket,
  inetAton,
  openTcp,
  SocketFile,
  type StreamSocket,
} from '../../libc-net/index.ts';
import type { OpenFile, Process } from '../../machine/index.ts';
import type { Emulator } from '../machine/index.ts';
import { QemuError } from '../qemu-error.ts';
import { type MachineStatus, QuitMonitor, runLine } from './commands.ts';
import { Readline } from './readline.ts';

const WELCOME = "QEMU 7.2.22 monitor - type 'help' for more information\n";
const PROMPT = '(qemu) ';
const CHUNK = 1024;

/** Somebody at the monitor. */
interface Session {
  readonly file: OpenFile;
  readonly input: Readline;
  /** Where it came from; absent: the standard input. */
  readonly socket?: StreamSocket;
}

/** QEMU's monitor, on the standard input or on a port. QEMU monitor/hmp.c */
export class Monitor {
  readonly #emulator: Emulator;
  readonly #status: MachineStatus;
  #listener: StreamSocket | undefined;
  #session: Session | undefined;
  /** QEMU was told to end. */
  quit = false;

  private constructor(emulator: Emulator, kvm: boolean) {
    this.#emulator = emulator;
    this.#status = { kvm, prelaunch: false };
  }

  /** @param where as `-monitor` says it. @throws QemuError */
  static open(emulator: Emulator, where: string | undefined, kvm: boolean): Monitor {
    const monitor = new Monitor(emulator, kvm);
    const match = /^(?:tcp|telnet):([^:,]*):(\d+)((?:,.*)?)$/.exec(where ?? '');
    if (where === 'stdio') monitor.#meet(emulator.proc.file(0));
    else if (match !== null && /,(server|server=on)(,|$)/.test(match[3] as string))
      monitor.#listen(where as string, match[1] as string, Number(match[2]));
    return monitor;
  }

  /** The guest waits for `cont`: `-S`. */
  holdBack(): void {
    this.#emulator.guest.pause(true);
    this.#status.prelaunch = true;
  }

  get #proc(): Process {
    return this.#emulator.proc;
  }

  #listen(where: string, host: string, port: number): void {
    const sock = openTcp(this.#proc, 'inet');
    const addr = host === '' ? 0 : inetAton(host === 'localhost' ? '127.0.0.1' : host);
    sock.reuseAddr = true;
    try {
      sock.bind({ addr: (addr ?? 0) as Ipv4Addr, port });
      sock.listen(1);
    } catch (e) {
      closeSocket(this.#proc, sock);
      if (!(e instanceof KernelError)) throw e;
      throw new QemuError(
        `-monitor ${where}`,
        `Failed to find an available port: ${strerror(e.errno)}`,
      );
    }
    this.#listener = sock;
  }

  #meet(file: OpenFile, socket?: StreamSocket): void {
    this.#session = { file, input: new Readline(!file.isTty), ...(socket && { socket }) };
    this.#show(WELCOME + PROMPT);
  }

  #show(text: string): void {
    const session = this.#session;
    if (session === undefined) return;
    const file = session.socket === undefined ? this.#proc.file(1) : session.file;
    try {
      file.write(utf8Encode(file.isTty ? text : text.replaceAll('\n', '\r\n')));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // nobody reads it any more
    }
  }

  /** What is to be waited for. */
  get waits(): { readonly on: OpenFile | StreamSocket; readonly events: number }[] {
    const on = this.#session?.file ?? this.#listener;
    return on === undefined ? [] : [{ on, events: POLLIN }];
  }

  /** Takes what has come. */
  serve(): void {
    if (this.#session === undefined) {
      const socket = this.#listener?.accept() as StreamSocket | undefined;
      if (socket !== undefined) this.#meet(new SocketFile(socket), socket);
      return;
    }
    const { file } = this.#session;
    if ((file.poll() & POLLIN) === 0) return;
    const data = this.#read(file);
    if (data === undefined) return;
    if (data.length === 0) this.#part();
    for (const byte of data) if (!this.quit) this.#take(byte);
  }

  #read(file: OpenFile): Uint8Array | undefined {
    try {
      return file.read(CHUNK);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return new Uint8Array(0);
    }
  }

  #part(): void {
    this.#session?.socket?.close();
    this.#session = undefined;
  }

  #take(byte: number): void {
    const session = this.#session;
    if (session === undefined) return;
    const { show, line } = session.input.take(byte);
    this.#show(show);
    if (line === undefined) return;
    try {
      this.#show(runLine(this.#emulator, line, this.#status) + PROMPT);
    } catch (e) {
      if (!(e instanceof QuitMonitor)) throw e;
      this.quit = true;
    }
  }

  close(): void {
    this.#part();
    if (this.#listener !== undefined) closeSocket(this.#proc, this.#listener);
  }
}
