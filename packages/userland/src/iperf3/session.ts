import type { Socket } from '@labwire/devices/sock';
import type { Process } from '../machine/index.ts';
import { KERNEL_VERSIONS } from '../machine/index.ts';
import { STATE, type State } from './control.ts';
import { IperfError } from './errors.ts';
import { JsonObject } from './json.ts';
import type { IperfOptions } from './options.ts';
import { Stream } from './stream.ts';
import { type Timer, Timers } from './timers.ts';

/** Which way this side's streams go. `enum iperf_mode` */
export type Mode = 'sender' | 'receiver' | 'both';

/** The parts of a report that are printed as JSON. iperf_json_start() */
export class JsonReport {
  readonly top: JsonObject = new JsonObject();
  readonly start: JsonObject = new JsonObject();
  readonly connected: JsonObject[] = [];
  readonly intervals: JsonObject[] = [];
  readonly end: JsonObject = new JsonObject();

  constructor() {
    this.start.add('connected', this.connected);
    this.top.add('start', this.start);
    this.top.add('intervals', this.intervals);
    this.top.add('end', this.end);
  }
}

/** What one side knows of a test while it runs. Source: iperf.h, struct iperf_test */
export class Session {
  readonly proc: Process;
  o: IperfOptions;
  readonly role: 'c' | 's';
  readonly #write: (text: string) => Promise<void>;
  readonly timers: Timers;
  readonly streams: Stream[] = [];
  /** What a server has printed, for a client that asks. */
  readonly output: string[] = [];
  readonly json: JsonReport | undefined;
  state: State = STATE.IPERF_START;
  done = false;
  omitting = false;
  cookie = '';
  /** MSS of the control connection; 0 on the server. */
  controlMss = 0;
  bytesSent = 0;
  blocksSent = 0;
  bytesReceived = 0;
  blocksReceived = 0;
  senderHasRetransmits = 0;
  otherSideHasRetransmits = 0;
  congestionUsed: string | undefined;
  remoteCongestionUsed: string | undefined;
  serverText: string | undefined;
  #buffers: number[] = [];
  #statsTimer: Timer | undefined;
  #reportTimer: Timer | undefined;

  constructor(
    proc: Process,
    options: IperfOptions,
    role: 'c' | 's',
    write: (text: string) => Promise<void>,
  ) {
    this.proc = proc;
    this.o = options;
    this.role = role;
    this.#write = write;
    this.json = options.json ? new JsonReport() : undefined;
    this.timers = new Timers(() => this.micros());
  }

  /** Microseconds. iperf_time_now() */
  micros(): number {
    return Math.floor(this.proc.now / 1000);
  }

  get running(): boolean {
    return this.state === STATE.TEST_RUNNING;
  }

  get over(): boolean {
    return this.state === STATE.IPERF_DONE;
  }

  get mode(): Mode {
    if (this.o.bidirectional) return 'both';
    return (this.role === 'c') !== this.o.reverse ? 'sender' : 'receiver';
  }

  /** Prints a piece of the report. iperf_printf() */
  async print(text: string): Promise<void> {
    if (this.role === 's') {
      if (this.o.getServerOutput) this.output.push(text);
      await this.#write(text);
    } else await this.#write(this.o.title === undefined ? text : `${this.o.title}:  ${text}`);
  }

  /** Prints what belongs to no report. */
  write(text: string): Promise<void> {
    return this.#write(text);
  }

  /** `uname` as reports tell it. get_system_info() */
  get systemInfo(): string {
    const { kernel, hostname } = this.proc.machine;
    const { release, version } = KERNEL_VERSIONS[kernel.profile];
    return `Linux ${hostname} ${release} ${version} x86_64`;
  }

  /** Takes a socket as a stream, with a buffer of random bytes. iperf_new_stream() */
  addStream(sock: Socket, sender: boolean): Stream {
    const { sim } = this.proc.machine.kernel;
    const buffer = new Uint8Array(this.o.blksize);
    if (this.o.repeatingPayload) for (let i = 0; i < buffer.length; i++) buffer[i] = 48 + (i % 10);
    else {
      const words = new Uint32Array(buffer.buffer, 0, buffer.length >> 2);
      const random = sim.random(`iperf3 ${this.proc.machine.name} ${this.proc.pid}`);
      for (let i = 0; i < words.length; i++) words[i] = random.u32();
    }
    sock.tos = this.o.tos;
    if (this.o.protocol === 'UDP' && this.o.dontFragment) sock.pmtuDisc = 'do';
    const id = this.streams.length === 0 ? 1 : this.streams.length + 2; // as iperf_add_stream() counts
    const stream = new Stream(this, sock, sender, id, buffer);
    this.streams.push(stream);
    this.holdBuffer();
    return stream;
  }

  /** The file that a stream's buffer is mapped from has a descriptor; with it, streams have the real ones' numbers. */
  holdBuffer(): void {
    this.#buffers.push(this.proc.open('/dev/zero', { read: true }));
  }

  /** Lets the files of the buffers go. iperf_free_stream() */
  freeBuffers(): void {
    for (const fd of this.#buffers) this.proc.close(fd);
    this.#buffers = [];
  }

  /** The test begins. iperf_init_test(), create_client_timers(), create_client_omit_timer() */
  begin(report: () => Promise<void>, grace: number, onEnd: () => void): void {
    const now = this.micros();
    for (const stream of this.streams) {
      stream.startTime = now;
      stream.startTimeFixed = now;
    }
    const { duration, omit, interval, rate, pacingTimer } = this.o;
    if (duration !== 0) this.timers.add((duration + omit + grace) * 1e6, false, onEnd);
    if (interval !== 0) {
      this.#statsTimer = this.timers.add(interval * 1e6, true, () => this.closeInterval(false));
      this.#reportTimer = this.timers.add(interval * 1e6, true, () => this.#unlessDone(report));
    }
    this.omitting = omit > 0;
    if (this.omitting) this.timers.add(omit * 1e6 + 1, false, () => this.#endOmit());
    if (rate === 0) return;
    for (const stream of this.streams)
      if (stream.sender) this.timers.add(pacingTimer, true, () => stream.checkThrottle());
  }

  async #unlessDone(report: () => Promise<void>): Promise<void> {
    if (!this.done) await report();
  }

  /** @param last whether it is the last one: the test is done */
  closeInterval(last: boolean): void {
    if (this.done && !last) return;
    for (const stream of this.streams) stream.closeInterval(this.omitting);
  }

  async #endOmit(): Promise<void> {
    this.omitting = false;
    this.bytesSent = 0;
    this.blocksSent = 0;
    for (const stream of this.streams) stream.resetStats(this.micros());
    if (this.o.verbose && this.json === undefined && this.o.interval === 0)
      await this.print('Finished omit period, starting real test\n');
    if (this.#statsTimer !== undefined) this.timers.reset(this.#statsTimer);
    if (this.#reportTimer !== undefined) this.timers.reset(this.#reportTimer);
  }

  /** Sends what streams may send now. @returns datagrams that were sent without a rate. iperf_send() */
  send(): number {
    const { rate, burst, bytes, blocks } = this.o;
    const each = rate !== 0 && burst === 0;
    let free = 0;
    for (let left = burst || (rate === 0 ? 10 : 1); left > 0; left--) {
      let active = false;
      for (const stream of this.streams) {
        if (!stream.sender || !stream.ready) continue;
        if (left > 1 && bytes !== 0 && this.bytesSent >= bytes) break;
        if (left > 1 && blocks !== 0 && this.blocksSent >= blocks) break;
        const n = stream.send();
        active = true;
        free++;
        this.bytesSent += n;
        if (!stream.inBlock) this.blocksSent++;
        if (each) stream.checkThrottle();
      }
      if (!active) break;
    }
    if (!each) for (const stream of this.streams) if (stream.sender) stream.checkThrottle();
    return this.o.protocol === 'UDP' && rate === 0 ? free : 0;
  }

  /** Receives what has come. iperf_recv() */
  receive(): void {
    for (const stream of this.streams) {
      if (stream.sender || !stream.ready) continue;
      this.bytesReceived += stream.receive();
      this.blocksReceived++;
    }
  }

  /** What is told to the other side at the end. send_results() */
  results(): Record<string, unknown> {
    const has = this.mode === 'receiver' ? -1 : this.senderHasRetransmits;
    const told: Record<string, unknown> = {
      cpu_util_total: 0,
      cpu_util_user: 0,
      cpu_util_system: 0,
      sender_has_retransmits: has,
    };
    if (this.congestionUsed !== undefined) told.congestion_used = this.congestionUsed;
    if (this.role === 's' && this.o.getServerOutput) told.server_output_text = this.output.join('');
    told.streams = this.streams.map((s) => ({
      id: s.id,
      bytes: s.sender ? s.bytesSent - s.bytesSentOmit : s.bytesReceived,
      retransmits: s.sender && this.senderHasRetransmits !== 0 ? s.retrans : -1,
      jitter: s.jitter,
      errors: s.cntError,
      packets: s.packetCount,
      start_time: 0,
      end_time: (s.endTime - s.startTime) / 1e6,
    }));
    return told;
  }

  /** Takes what the other side tells. get_results() @throws IperfError */
  takeResults(told: Readonly<Record<string, unknown>>): void {
    const { streams, sender_has_retransmits, congestion_used } = told;
    if (!Array.isArray(streams) || typeof sender_has_retransmits !== 'number')
      throw new IperfError(117);
    if (this.mode === 'receiver') {
      this.senderHasRetransmits = sender_has_retransmits;
      this.otherSideHasRetransmits = 0;
    } else if (this.mode === 'both') this.otherSideHasRetransmits = sender_has_retransmits;
    for (const each of streams as Record<string, unknown>[]) this.#takeStream(each);
    if (this.role === 'c' && this.o.getServerOutput) {
      if (typeof told.server_output_text === 'string') this.serverText = told.server_output_text;
    }
    if (typeof congestion_used === 'string') this.remoteCongestionUsed = congestion_used;
  }

  #takeStream(told: Readonly<Record<string, unknown>>): void {
    const number = (name: string): number => {
      const value = told[name];
      if (typeof value !== 'number') throw new IperfError(117);
      return value;
    };
    const stream = this.streams.find((s) => s.id === number('id'));
    if (stream === undefined) throw new IperfError(208);
    stream.peerPacketCount = number('packets');
    const time = number('end_time') - number('start_time');
    if (stream.sender) {
      stream.jitter = number('jitter');
      stream.cntError = number('errors');
      stream.bytesReceived = number('bytes');
      stream.receiverTime = time;
    } else {
      stream.bytesSent = number('bytes');
      stream.retrans = number('retransmits');
      stream.senderTime = time;
    }
  }
}
