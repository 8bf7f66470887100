import { join } from 'node:path';
import { LabwireError } from '@labwire/core/error';
import { POLLIN, WaitQueue } from '@labwire/core/sim';
import type {
  RealGuest,
  RealGuestRequest,
  RealGuestState,
  RealNic,
} from '@labwire/userland/machine';
import { Attachment } from '../attachment/index.ts';
import type { RealTime } from '../clock/index.ts';
import { parseWire } from '../wire/index.ts';
import { EmulatorProcess } from './emulator-process.ts';
import { needsKvm, whyNoKvm, withoutKvm } from './kvm.ts';
import { Qmp } from './qmp.ts';
import { consolePath, fileName } from './run-dir.ts';
import { SharedConsole } from './shared-console.ts';
import { whyNoEmulator } from './version.ts';

/** Bytes of a console that may wait for the simulated machine that it is a terminal of. */
const MOST_WAITING = 1 << 20;
/** Characters of messages that may wait. */
const MOST_SAID = 1 << 16;
const QMP = 'labwire-qmp';

/** What a guest asks of who runs it. */
export interface GuestKeeper {
  readonly clock: RealTime;
  /** Where its sockets are. */
  readonly dir: string;
  note(text: string): void;
  /** Something has changed: it wants to be woken in the next turn. */
  changed(guest: QemuGuest): void;
}

/** A guest of a QEMU of this computer. Its NICs, its console and QEMU's control are sockets that it is given. */
export class QemuGuest implements RealGuest {
  readonly name: string;
  readonly wq: WaitQueue = new WaitQueue();
  readonly console: SharedConsole = new SharedConsole();
  /** As of the last turn of the clock. */
  state: RealGuestState = 'starting';
  #present: RealGuestState = 'starting';
  exitCode = 0;
  readonly #request: RealGuestRequest;
  readonly #keeper: GuestKeeper;
  readonly #qmp: Qmp;
  readonly #begun: Promise<void>;
  #attachments: Attachment[] = [];
  #process: EmulatorProcess | undefined;
  #output: Uint8Array[] = [];
  #waiting = 0;
  #said = '';
  #ended = false;

  /** Starts it. */
  constructor(request: RealGuestRequest, keeper: GuestKeeper) {
    this.name = request.name;
    this.#request = request;
    this.#keeper = keeper;
    this.#qmp = new Qmp({
      onReady: () => this.#up(),
      onEvent: (event) => this.#happened(event),
      onError: (text) => keeper.note(`${this.name}: ${text}`),
    });
    this.#begun = this.#begin().catch((e: unknown) => {
      if (!(e instanceof LabwireError)) throw e;
      this.#over(1, `${request.program}: ${e.message}\n`);
    });
  }

  get isUp(): boolean {
    return this.state === 'running' || this.state === 'paused';
  }

  /** Where people find its console. */
  get consolePath(): string {
    return consolePath(this.#keeper.dir, this.name);
  }

  async #begin(): Promise<void> {
    const { program, nics, console } = this.#request;
    const missing = whyNoEmulator(program);
    if (missing !== undefined) throw new LabwireError(missing);
    const words = [
      ...this.#accelerated(),
      ...(this.#request.displayByDefault && !hasScreen() ? ['-display', 'none'] : []),
      ...['-chardev', `socket,id=${QMP},path=${this.#socket('qmp')},server=off`],
      ...['-mon', `chardev=${QMP},mode=control`],
    ];
    await this.#qmp.open(this.#socket('qmp'));
    if (console !== undefined) words.push(...(await this.#openConsole(console)));
    for (const nic of nics) words.push(...(await this.#openNic(nic)));
    if (this.#ended) return;
    this.#process = new EmulatorProcess(program, words, {
      onText: (text) => this.#hear(text),
      onExit: (code) => this.#over(code, ''),
    });
  }

  #socket(what: string): string {
    return join(this.#keeper.dir, `${fileName(this.name)}.${what}`);
  }

  #accelerated(): readonly string[] {
    const { words } = this.#request;
    if (!needsKvm(words)) return words;
    const why = whyNoKvm();
    if (why === undefined) return words;
    this.#keeper.note(`${this.name}: ${why}: it runs by plain emulation, which is slower`);
    return withoutKvm(words);
  }

  async #openConsole({ id, mux }: { readonly id: string; readonly mux: boolean }) {
    await this.console.open(this.#socket('serial'), this.consolePath);
    this.console.view((output) => this.#keep(output));
    const path = this.#socket('serial');
    return ['-chardev', `socket,id=${id},path=${path},server=off,mux=${mux ? 'on' : 'off'}`];
  }

  async #openNic(nic: RealNic): Promise<string[]> {
    const { clock, note } = this.#keeper;
    const path = this.#socket(nic.netdev);
    const port = { deliver: nic.receive, setConnected: () => undefined };
    const wire = parseWire(`unix:${path}`, nic.netdev);
    const attachment = new Attachment(`guest ${this.name}`, () => port, wire, clock, note, true);
    this.#attachments.push(attachment);
    nic.plug((skb) => attachment.transmit(skb));
    await attachment.open();
    return ['-netdev', `stream,id=${nic.netdev},server=off,addr.type=unix,addr.path=${path}`];
  }

  /** Keeps what the console prints for the simulated side. */
  #keep(output: Uint8Array): void {
    if (this.#waiting + output.length > MOST_WAITING) return;
    this.#output.push(output);
    this.#waiting += output.length;
    this.#keeper.changed(this);
  }

  #hear(text: string): void {
    this.#said = (this.#said + text).slice(-MOST_SAID);
    this.#keeper.changed(this);
  }

  #up(): void {
    this.#present = this.#request.words.includes('-S') ? 'paused' : 'running';
    this.#keeper.changed(this);
  }

  #happened(event: string): void {
    if (event === 'STOP') this.#present = 'paused';
    else if (event === 'RESUME') this.#present = 'running';
    else return;
    this.#keeper.changed(this);
  }

  #over(code: number, why: string): void {
    this.#present = 'off';
    this.exitCode = code;
    this.#hear(why);
    this.#release();
  }

  #release(): void {
    this.#qmp.close();
    this.console.close();
    for (const attachment of this.#attachments.splice(0)) void attachment.close();
  }

  /** Lets the simulation know what has happened. */
  tell(): void {
    this.state = this.#present;
    this.wq.wake();
  }

  poll(): number {
    return this.state === 'off' || this.#waiting > 0 || this.#said !== '' ? POLLIN : 0;
  }

  takeOutput(): Uint8Array {
    this.#waiting = 0;
    return Buffer.concat(this.#output.splice(0));
  }

  takeErrors(): string {
    const said = this.#said;
    this.#said = '';
    return said;
  }

  type(keys: Uint8Array): void {
    this.console.type(keys);
  }

  pause(paused: boolean): void {
    this.#qmp.command(paused ? 'stop' : 'cont');
  }

  shutdown(): void {
    this.#qmp.command('system_powerdown');
  }

  reset(): void {
    this.#qmp.command('system_reset');
  }

  setLink(netdev: string, up: boolean): void {
    this.#qmp.command('set_link', { name: netdev, up });
  }

  end(): void {
    this.#ended = true;
    this.#process?.end();
  }

  /** Ends it, and waits for that. */
  async close(): Promise<void> {
    this.end();
    await this.#begun;
    await this.#process?.close();
    this.#release();
  }
}

/** Whether QEMU could open a window. */
function hasScreen(): boolean {
  const { DISPLAY = '', WAYLAND_DISPLAY = '' } = process.env;
  return process.platform === 'darwin' || DISPLAY !== '' || WAYLAND_DISPLAY !== '';
}
