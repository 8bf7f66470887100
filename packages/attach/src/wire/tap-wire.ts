import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { LabwireError } from '@labwire/core/error';
import { FrameStream } from './frame-stream.ts';
import { TAP_RELAY } from './tap-relay.ts';
import type { Wire, WireSink } from './wire.ts';

const IFNAMSIZ = 16;

/** A TAP device of this computer, made if it is not there, taken over if it persists. Linux only; needs CAP_NET_ADMIN. */
export class TapWire implements Wire {
  readonly text: string;
  readonly #name: string;
  #relay: ChildProcessWithoutNullStreams | undefined;
  #stream: FrameStream | undefined;

  constructor(text: string, name: string) {
    this.text = text;
    this.#name = name;
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  async open(sink: WireSink): Promise<void> {
    if (process.platform !== 'linux') throw this.#refusal('only Linux has TAP devices');
    if (this.#name.length >= IFNAMSIZ || /[\s/]/.test(this.#name))
      throw this.#refusal('no name of a network device');
    const relay = spawn('perl', ['-MIO::Handle', '-e', TAP_RELAY, this.#name]);
    this.#relay = relay;
    await this.#ready(relay);
    this.#stream = new FrameStream(relay.stdout, relay.stdin, sink, (why) =>
      sink.onNote(`${this.text}: ${why}`),
    );
    for (const end of [relay.stdin, relay.stdout])
      end.on('error', (e) => sink.onNote(`${this.text}: ${e.message}`));
    relay.on('exit', () => {
      this.#stream = undefined;
      sink.onPeer(false);
    });
    sink.onPeer(true);
  }

  #ready(relay: ChildProcessWithoutNullStreams): Promise<void> {
    let said = '';
    return new Promise((done, fail) => {
      relay.once('error', () => fail(this.#refusal('needs perl, which is not installed')));
      relay.stderr.on('data', (text: Uint8Array) => {
        said += new TextDecoder().decode(text);
        if (said.startsWith('ready')) done();
      });
      relay.once('exit', () => fail(this.#refusal(said.trim() || 'perl ended')));
    });
  }

  #refusal(why: string): LabwireError {
    const mend = /not permitted|denied/i.test(why)
      ? 'a TAP device needs root or CAP_NET_ADMIN'
      : /busy/i.test(why)
        ? 'another program holds it; end that or write another name'
        : 'mend that';
    return new LabwireError(
      `${this.text}: ${why}; ${mend}, or go without: =unix:/tmp/${this.#name}.sock, and QEMU with -netdev stream,id=n0,server=off,addr.type=unix,addr.path=/tmp/${this.#name}.sock`,
    );
  }

  send(buf: Uint8Array, off: number, len: number): boolean {
    return this.#stream?.send(buf, off, len) ?? false;
  }

  flush(): void {
    this.#stream?.flush();
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  async close(): Promise<void> {
    const relay = this.#relay;
    if (relay === undefined || relay.exitCode !== null || relay.signalCode !== null) return;
    const gone = new Promise((done) => relay.once('exit', done));
    relay.stdin.end();
    relay.kill();
    await gone;
  }
}
