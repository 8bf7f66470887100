import { get32, put32 } from '@labwire/core/bytes';
import { ERRNO, type Errno, errnoNumber, KernelError } from '@labwire/core/error';
import { POLLIN, SEC } from '@labwire/core/sim';
import type { Socket } from '@labwire/devices/sock';
import { openTcp, openUdp, recv, type StreamSocket } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { COOKIE_SIZE, Control, regardless, STATE, type State } from './control.ts';
import { type IperfErrno, IperfError, MESSAGES, meaning } from './errors.ts';
import { congestionOf, dial, setBuffers, setCongestion, setTcpOptions } from './net.ts';
import {
  reportBuffers,
  reportConnect,
  reportStart,
  reportStream,
  reportVersion,
} from './opening.ts';
import { reportInterval } from './report.ts';
import type { Session } from './session.ts';
import { reportEnd } from './summary.ts';

/** What a client says to a UDP server, and what that answers: four bytes as the machine has them. */
export const UDP_CONNECT_MSG = 0x39_38_37_36;
export const UDP_CONNECT_REPLY = 0x36_37_38_39;

/** Nanoseconds that a program needs to send one datagram: what bounds a test without a rate. */
const DATAGRAM_COST = 3000;

const COOKIE_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** The client's side of a test. iperf_client_api.c */
export class Client {
  readonly #proc: Process;
  readonly session: Session;
  #control: Control | undefined;

  constructor(session: Session) {
    this.#proc = session.proc;
    this.session = session;
  }

  /** Runs the test. iperf_run_client() @throws IperfError */
  async run(): Promise<void> {
    const { session } = this;
    await reportVersion(session);
    this.#control = await this.#connect();
    let free = 0;
    while (session.state !== STATE.IPERF_DONE) {
      await this.#wait(free);
      free = 0;
      if ((this.#control.sock.poll() & POLLIN) !== 0) await this.#handleMessage(this.#control);
      if (session.running) free = await this.#turn(this.#control);
      else if (session.state === STATE.TEST_END && session.mode === 'receiver') session.receive();
    }
    if (session.json !== undefined) return;
    await session.print('\n');
    await session.print('iperf Done.\n');
  }

  /** The test ends before its time: what is known is told, to both. iperf_got_sigend() */
  async interrupt(): Promise<void> {
    const { session } = this;
    session.done = true;
    session.closeInterval(true);
    await reportEnd(session);
    const control = this.#control;
    if (control !== undefined) await regardless(() => control.sendState(STATE.CLIENT_TERMINATE));
  }

  /** Ends what stands after an error. iperf_client_end() */
  async fail(error: IperfError): Promise<void> {
    const control = this.#control;
    if (error.code === 120) await reportEnd(this.session);
    else if (this.session.running) await reportInterval(this.session);
    for (const stream of this.session.streams) stream.close();
    if (control !== undefined) await regardless(() => control.sendState(STATE.IPERF_DONE));
  }

  async #connect(): Promise<Control> {
    const { session } = this;
    const { o } = session;
    const random = this.#proc.machine.kernel.sim.random(
      `iperf3 cookie ${this.#proc.machine.name} ${this.#proc.pid}`,
    );
    session.holdBuffer(); // /dev/urandom, which stays open
    for (let i = 0; i < COOKIE_SIZE - 1; i++) session.cookie += COOKIE_LETTERS[random.below(31)];
    const sock = await dial(this.#proc, o, 103, openTcp, 0, (s) => setTcpTimeout(s, session));
    const control = new Control(this.#proc, sock);
    const cookie = new Uint8Array(COOKIE_SIZE);
    for (let i = 0; i < COOKIE_SIZE - 1; i++) cookie[i] = session.cookie.charCodeAt(i);
    await control.send(cookie);
    session.controlMss = sock.tcb?.mss ?? 0;
    if (o.verbose) await session.write(`Control connection MSS ${session.controlMss}\n`);
    if (o.protocol === 'UDP') await this.#chooseBlockSize();
    return control;
  }

  async #chooseBlockSize(): Promise<void> {
    const { o, controlMss } = this.session;
    if (o.blksize === 0) {
      o.blksize = controlMss || 1460;
      if (o.verbose) await this.session.write(`Setting UDP block size to ${o.blksize}\n`);
    }
    if (controlMss > 0 && o.blksize > controlMss)
      await this.#warn(
        `UDP block size ${o.blksize} exceeds TCP MSS ${controlMss}, may result in fragmentation / drops`,
      );
  }

  #warn(text: string): Promise<void> {
    return this.#proc.err(`warning: ${text}\n`);
  }

  /** Waits for a socket or the next timer. @param free datagrams that were sent without a rate */
  async #wait(free: number): Promise<void> {
    const { session } = this;
    if (free > 0) {
      await this.#proc.sleep(free * DATAGRAM_COST);
      return;
    }
    const control = this.#control as Control;
    const items = [{ on: control.sock, events: POLLIN }];
    const draining = session.state === STATE.TEST_END && session.mode === 'receiver';
    if (session.running || draining)
      for (const s of session.streams)
        if (s.events !== 0) items.push({ on: s.sock as StreamSocket, events: s.events });
    const left = session.running ? session.timers.left() : undefined;
    await this.#proc.poll(items, left === undefined ? undefined : left * 1000, 'iperf3 to go on');
  }

  /** @returns datagrams that were sent without a rate */
  async #turn(control: Control): Promise<number> {
    const { session } = this;
    const { o } = session;
    const free = session.mode === 'receiver' ? 0 : session.send();
    if (session.mode !== 'sender') session.receive();
    await session.timers.run();
    const enough = (limit: number, a: number, b: number) => limit !== 0 && Math.max(a, b) >= limit;
    const over =
      session.done ||
      enough(o.bytes, session.bytesSent, session.bytesReceived) ||
      enough(o.blocks, session.blocksSent, session.blocksReceived);
    if (session.omitting || !over) return free;
    session.done = true;
    session.closeInterval(true);
    session.state = STATE.TEST_END;
    await control.sendState(STATE.TEST_END);
    return 0;
  }

  async #handleMessage(control: Control): Promise<void> {
    const { session } = this;
    const state = await control.readState();
    if (state === undefined) throw new IperfError(109);
    session.state = state as State;
    switch (state) {
      case STATE.PARAM_EXCHANGE:
        await control.writeJson(this.#parameters());
        await reportConnect(session, control.sock.remoteAddr());
        break;
      case STATE.CREATE_STREAMS:
        if (session.mode !== 'receiver') await this.#createStreams(true);
        if (session.mode !== 'sender') await this.#createStreams(false);
        break;
      case STATE.TEST_START:
        session.begin(
          () => reportInterval(session),
          0,
          () => {
            session.done = true;
          },
        );
        await reportStart(session);
        break;
      case STATE.TEST_RUNNING:
        break;
      case STATE.EXCHANGE_RESULTS:
        await control.writeJson(session.results());
        session.takeResults(await control.readJson(117));
        break;
      case STATE.DISPLAY_RESULTS:
        for (const stream of session.streams) stream.close();
        await reportEnd(session);
        session.state = STATE.IPERF_DONE;
        await control.sendState(STATE.IPERF_DONE);
        control.close();
        break;
      default:
        await this.#handleTrouble(control, state);
    }
  }

  async #handleTrouble(control: Control, state: number): Promise<void> {
    if (state === STATE.SERVER_TERMINATE) throw new IperfError(120);
    if (state === STATE.ACCESS_DENIED) throw new IperfError(121);
    if (state !== STATE.SERVER_ERROR) throw new IperfError(110);
    const numbers = await control.read(8, 108);
    const code = get32(numbers, 0);
    const number = get32(numbers, 4);
    const errno = (Object.keys(ERRNO) as Errno[]).find((name) => errnoNumber(name) === number);
    const known = code in MESSAGES ? (code as IperfErrno) : 110;
    throw new IperfError(known, errno === undefined ? undefined : new KernelError(errno));
  }

  /** What the server is to know. send_parameters() */
  #parameters(): Record<string, unknown> {
    const { o } = this.session;
    const told: Record<string, unknown> = {
      [o.protocol.toLowerCase()]: true,
      omit: o.omit,
      time: o.duration,
      num: o.bytes,
      blockcount: o.blocks,
    };
    const optional: Record<string, unknown> = {
      MSS: o.mss,
      nodelay: o.nodelay,
      parallel: o.streams,
      reverse: o.reverse,
      bidirectional: o.bidirectional,
      window: o.window,
      len: o.blksize,
      bandwidth: o.rate,
      pacing_timer: o.pacingTimer,
      burst: o.burst,
      TOS: o.tos,
      title: o.title,
      extra_data: o.extraData,
      congestion: o.congestion,
      get_server_output: Number(o.getServerOutput),
      udp_counters_64bit: Number(o.counters64),
      repeating_payload: Number(o.repeatingPayload),
      zerocopy: Number(o.zerocopy),
      dont_fragment: Number(o.dontFragment),
    };
    for (const [name, value] of Object.entries(optional)) if (value) told[name] = value;
    told.client_version = '3.12';
    return told;
  }

  /** iperf_create_streams() */
  async #createStreams(sender: boolean): Promise<void> {
    const { session } = this;
    const { o } = session;
    for (let i = 0; i < o.streams; i++) {
      const second = !sender && session.mode === 'both' ? o.streams : 0;
      const port = o.clientPort === 0 ? 0 : o.clientPort + i + second;
      const sock = o.protocol === 'TCP' ? await this.#dialTcp(port) : await this.#dialUdp(port);
      if (o.protocol === 'TCP') session.congestionUsed = congestionOf(sock as StreamSocket);
      await reportStream(session, session.addStream(sock, sender));
    }
    if (o.protocol === 'TCP' && session.mode !== 'receiver') session.senderHasRetransmits = 1;
  }

  async #dialTcp(port: number): Promise<StreamSocket> {
    const { session } = this;
    const { o } = session;
    const sock = await dial(this.#proc, o, 203, openTcp, port, (s) => {
      setTcpOptions(s, o);
      setBuffers(s, o);
      reportBuffers(session, s);
      if (!setCongestion(s, o.congestion)) throw new IperfError(134);
    });
    const cookie = new Uint8Array(COOKIE_SIZE);
    for (let i = 0; i < COOKIE_SIZE - 1; i++) cookie[i] = session.cookie.charCodeAt(i);
    await meaning(203, () => sock.send(cookie));
    return sock;
  }

  /** A datagram each way, by which the server learns where the client is. iperf_udp_connect() */
  async #dialUdp(port: number): Promise<Socket> {
    const { session } = this;
    const { o } = session;
    const sock = await dial(this.#proc, o, 203, openUdp, port, (s) => setBuffers(s, o));
    reportBuffers(session, sock);
    const hello = new Uint8Array(4);
    put32(hello, 0, UDP_CONNECT_MSG);
    await meaning(205, () => sock.send(hello));
    for (let tries = 0; tries < 3; tries++) {
      const got = await meaning(206, () => recv(this.#proc, sock, 65_536, 30 * SEC));
      if (got === undefined) throw new IperfError(206, new KernelError('EAGAIN'));
      if (got.data.length >= 4 && get32(got.data, 0) === UDP_CONNECT_REPLY) return sock;
    }
    throw new IperfError(206);
  }
}

function setTcpTimeout(sock: StreamSocket, session: Session): void {
  const { sndTimeout } = session.o;
  if (sndTimeout > 0) sock.options.userTimeout = sndTimeout * 1e6;
}
