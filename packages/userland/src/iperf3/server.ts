import { put32 } from '@labwire/core/bytes';
import { errnoNumber } from '@labwire/core/error';
import { MS, POLLIN, SEC } from '@labwire/core/sim';
import type { Socket } from '@labwire/devices/sock';
import { accept, closeSocket, type StreamSocket } from '../libc-net/index.ts';
import type { PollItem, Process } from '../machine/index.ts';
import { UDP_CONNECT_REPLY } from './client.ts';
import { COOKIE_SIZE, Control, regardless, STATE, type State } from './control.ts';
import { IperfError, meaning } from './errors.ts';
import { announce, congestionOf, setBuffers, setCongestion, setTcpOptions } from './net.ts';
import {
  reportBuffers,
  reportConnect,
  reportStart,
  reportStream,
  reportVersion,
} from './opening.ts';
import type { IperfOptions } from './options.ts';
import { reportInterval } from './report.ts';
import type { Session } from './session.ts';
import { reportEnd } from './summary.ts';

/** Seconds that a test may last longer than it should: ten changes of state at four seconds each. create_server_timers() */
const GRACE = 40;

const RULE = `${'-'.repeat(59)}\n`;

/** How a server's test ended: well, or by nobody's coming within `--idle-timeout`. */
export type ServerEnd = 'done' | 'idle';

/** The server's side of one test. iperf_server_api.c */
export class Server {
  readonly #proc: Process;
  readonly session: Session;
  #listener: StreamSocket | undefined;
  #udpListener: Socket | undefined;
  #control: Control | undefined;
  #received = 0;
  #sending = 0;
  #receiving = 0;

  constructor(session: Session) {
    this.#proc = session.proc;
    this.session = session;
  }

  /** Listens, and says which test it waits for. @throws IperfError */
  async listen(test: number, quiet: boolean): Promise<void> {
    const { session } = this;
    await reportVersion(session);
    const { o } = session;
    this.#listener = (await announce(this.#proc, o, 'TCP', 102)) as StreamSocket;
    if (session.json !== undefined || quiet) return;
    await session.print(RULE);
    await session.print(`Server listening on ${o.port} (test #${test})\n`);
    await session.print(RULE);
  }

  /** Serves one test. iperf_run_server() @throws IperfError */
  async run(): Promise<ServerEnd> {
    const { session } = this;
    this.#received = this.#proc.now;
    let free = 0;
    while (!session.over) {
      if (free > 0) await this.#proc.sleep(free * DATAGRAM_COST);
      const some = await this.#wait(free > 0);
      free = 0;
      if (some) free = await this.#turn();
      else if (this.#isIdle()) return 'idle';
      if (session.over) break;
      await session.timers.run();
    }
    return 'done';
  }

  /** Tells a client that the server ends. iperf_got_sigend() */
  async interrupt(): Promise<void> {
    const { session } = this;
    if (session.running) {
      session.done = true;
      session.closeInterval(true);
      await reportEnd(session);
    }
    const control = this.#control;
    if (control !== undefined) await regardless(() => control.sendState(STATE.SERVER_TERMINATE));
  }

  /** Closes all that is open. cleanup_server() */
  cleanUp(): void {
    for (const stream of this.session.streams) stream.close();
    this.session.freeBuffers();
    for (const sock of [this.#listener, this.#udpListener])
      if (sock !== undefined) closeSocket(this.#proc, sock);
    this.#control?.close();
    this.session.timers.clear();
  }

  /** @returns whether something is ready */
  async #wait(hurry: boolean): Promise<boolean> {
    const { session } = this;
    const items: PollItem[] = [];
    for (const on of [this.#listener, this.#udpListener, this.#control?.sock])
      if (on !== undefined) items.push({ on, events: POLLIN });
    if (session.state === STATE.TEST_RUNNING || session.state === STATE.TEST_START)
      for (const s of session.streams)
        if (s.events !== 0) items.push({ on: s.sock, events: s.events });
    const left = hurry ? 0 : this.#patience();
    return this.#proc.poll(items, left, 'an iperf3 client');
  }

  /** Nanoseconds until something is to be looked at though nothing came. */
  #patience(): number | undefined {
    const { session } = this;
    const { idleTimeout, rcvTimeout } = session.o;
    const timer = session.timers.left();
    if (session.state === STATE.IPERF_START) return idleTimeout > 0 ? idleTimeout * SEC : undefined;
    const waits = [timer === undefined ? Infinity : timer * 1000];
    if (session.mode !== 'sender') waits.push(rcvTimeout * MS);
    const least = Math.min(...waits);
    return least === Infinity ? undefined : least;
  }

  #isIdle(): boolean {
    const { session } = this;
    const quiet = this.#proc.now - this.#received;
    if (session.state === STATE.IPERF_START)
      return session.o.idleTimeout > 0 && quiet >= session.o.idleTimeout * SEC;
    if (session.mode !== 'sender' && quiet > session.o.rcvTimeout * MS) throw new IperfError(144);
    return false;
  }

  /** Does what is ready. @returns datagrams that were sent without a rate */
  async #turn(): Promise<number> {
    const { session } = this;
    this.#received = this.#proc.now;
    if (session.state !== STATE.CREATE_STREAMS && isReady(this.#listener)) await this.#accept();
    if (isReady(this.#control?.sock)) await this.#handleMessage(this.#control as Control);
    if (session.state === STATE.CREATE_STREAMS) await this.#takeStream();
    if (!session.running) return 0;
    if (session.mode !== 'sender') session.receive();
    return session.mode === 'receiver' ? 0 : session.send();
  }

  // The control connection.

  /** A client comes: a first one is served, any other told to wait. iperf_accept() */
  async #accept(): Promise<void> {
    const { session } = this;
    const sock = await meaning(106, () => accept(this.#proc, this.#listener as StreamSocket));
    if (sock === undefined) return;
    const control = new Control(this.#proc, sock);
    if (this.#control !== undefined) {
      await regardless(() => control.sendState(STATE.ACCESS_DENIED));
      control.close();
      return;
    }
    this.#control = control;
    const cookie = await control.read(COOKIE_SIZE, 106);
    session.cookie = String.fromCharCode(...cookie.subarray(0, COOKIE_SIZE - 1));
    await this.#setState(STATE.PARAM_EXCHANGE);
    takeParameters(session.o, await control.readJson(114));
    if (session.json !== undefined && session.o.rate > 0)
      session.json.start.add('target_bitrate', session.o.rate);
    await this.#prepareStreams(control);
    await this.#setState(STATE.CREATE_STREAMS);
    await reportConnect(session, sock.remoteAddr());
    const { streams } = session.o;
    this.#sending = session.mode === 'receiver' ? 0 : streams;
    this.#receiving = session.mode === 'sender' ? 0 : streams;
    if (session.mode !== 'receiver' && session.o.protocol === 'TCP')
      session.senderHasRetransmits = 1;
  }

  async #setState(state: State): Promise<void> {
    this.session.state = state;
    await (this.#control as Control).sendState(state);
  }

  /** Makes ready for the streams; what fails is told to the client. iperf_exchange_parameters(), iperf_tcp_listen() */
  async #prepareStreams(control: Control): Promise<void> {
    const { session } = this;
    try {
      if (session.o.protocol === 'UDP')
        this.#udpListener = await announce(this.#proc, session.o, 'UDP', 202);
      else await this.#prepareTcp();
    } catch (e) {
      if (!(e instanceof IperfError)) throw e;
      const errno = e.errno === undefined ? 0 : errnoNumber(e.errno);
      await regardless(() => control.sendError(e, errno));
      throw e;
    }
  }

  /** A listener with options of its own, since what it accepts inherits them. */
  async #prepareTcp(): Promise<void> {
    const { o } = this.session;
    if (o.nodelay || o.mss > 0 || o.window > 0) {
      closeSocket(this.#proc, this.#listener as StreamSocket);
      this.#listener = undefined;
      this.#listener = (await announce(this.#proc, o, 'TCP', 202, (sock) => {
        setTcpOptions(sock as StreamSocket, o);
        setBuffers(sock, o);
      })) as StreamSocket;
    }
    reportBuffers(this.session, this.#listener as StreamSocket);
  }

  async #handleMessage(control: Control): Promise<void> {
    const { session } = this;
    const state = await control.readState();
    if (state === undefined) {
      await this.#proc.err('iperf3: the client has unexpectedly closed the connection\n');
      session.state = STATE.IPERF_DONE;
      return;
    }
    session.state = state as State;
    if (state === STATE.TEST_END) await this.#endTest(control);
    else if (state === STATE.CLIENT_TERMINATE) {
      await reportEnd(session);
      await this.#proc.err('iperf3: the client has terminated\n');
      session.state = STATE.IPERF_DONE;
    } else if (state !== STATE.TEST_START && state !== STATE.IPERF_DONE) throw new IperfError(110);
  }

  async #endTest(control: Control): Promise<void> {
    const { session } = this;
    session.done = true;
    session.closeInterval(true);
    for (const stream of session.streams) stream.close();
    await reportEnd(session);
    await this.#setState(STATE.EXCHANGE_RESULTS);
    session.takeResults(await control.readJson(117));
    await control.writeJson(session.results());
    await this.#setState(STATE.DISPLAY_RESULTS);
  }

  // Streams.

  async #takeStream(): Promise<void> {
    const { session } = this;
    const tcp = session.o.protocol === 'TCP';
    if (isReady(tcp ? this.#listener : this.#udpListener)) {
      const sock = tcp ? await this.#acceptTcp() : await this.#acceptUdp();
      if (sock !== undefined) {
        const sender = this.#receiving === 0;
        if (sender) this.#sending--;
        else this.#receiving--;
        await reportStream(session, session.addStream(sock, sender));
        if (session.streams.length === 1) session.holdBuffer(); // /dev/urandom, which stays open
      }
    }
    if (this.#sending === 0 && this.#receiving === 0) await this.#start();
  }

  async #acceptTcp(): Promise<StreamSocket | undefined> {
    const { session } = this;
    const sock = await meaning(203, () => accept(this.#proc, this.#listener as StreamSocket));
    if (sock === undefined) return undefined;
    const cookie = await new Control(this.#proc, sock).read(COOKIE_SIZE, 106);
    if (!session.o.nodelay) sock.setNodelay(false);
    if (String.fromCharCode(...cookie.subarray(0, COOKIE_SIZE - 1)) !== session.cookie) {
      await regardless(async () => void sock.send(new Uint8Array([STATE.ACCESS_DENIED & 0xff])));
      closeSocket(this.#proc, sock);
      return undefined;
    }
    if (!setCongestion(sock, session.o.congestion))
      await this.#proc.err('warning: TCP congestion control algorithm not supported\n');
    session.congestionUsed = congestionOf(sock);
    return sock;
  }

  /** The socket that heard a client becomes its stream, and another one listens. iperf_udp_accept() */
  async #acceptUdp(): Promise<Socket | undefined> {
    const { session } = this;
    const sock = this.#udpListener as Socket;
    const got = sock.recv(4);
    if (got?.from === undefined) return undefined;
    const { from } = got;
    await meaning(203, () => sock.connect(from));
    setBuffers(sock, session.o);
    reportBuffers(session, sock);
    this.#udpListener = await announce(this.#proc, session.o, 'UDP', 202);
    const reply = new Uint8Array(4);
    put32(reply, 0, UDP_CONNECT_REPLY);
    await meaning(205, () => sock.send(reply));
    return sock;
  }

  async #start(): Promise<void> {
    const { session } = this;
    if (this.#udpListener !== undefined) closeSocket(this.#proc, this.#udpListener);
    this.#udpListener = undefined;
    const { o } = session;
    if (o.protocol === 'TCP' && (o.nodelay || o.mss > 0 || o.window > 0)) {
      closeSocket(this.#proc, this.#listener as StreamSocket);
      this.#listener = undefined;
      this.#listener = (await announce(this.#proc, o, 'TCP', 102)) as StreamSocket;
    }
    await this.#setState(STATE.TEST_START);
    session.begin(
      () => reportInterval(session),
      GRACE,
      () => this.#giveUp(),
    );
    await reportStart(session);
    await this.#setState(STATE.TEST_RUNNING);
  }

  /** The client did not say that it is done. server_timer_proc() */
  #giveUp(): void {
    const { session } = this;
    if (session.done) return;
    session.done = true;
    session.state = STATE.IPERF_DONE;
  }
}

/** Nanoseconds that a program needs to send one datagram: what bounds a test without a rate. */
const DATAGRAM_COST = 3000;

const isReady = (sock: Socket | undefined): boolean =>
  sock !== undefined && (sock.poll() & POLLIN) !== 0;

/** Takes over what the client wants. get_parameters() */
function takeParameters(o: IperfOptions, told: Readonly<Record<string, unknown>>): void {
  const number = (name: string): number =>
    typeof told[name] === 'number' ? (told[name] as number) : 0;
  const text = (name: string): string | undefined =>
    typeof told[name] === 'string' ? (told[name] as string) : undefined;
  if ('udp' in told) o.protocol = 'UDP';
  o.omit = number('omit');
  o.duration = number('time');
  o.bytes = number('num');
  o.blocks = number('blockcount');
  o.mss = number('MSS');
  o.nodelay = 'nodelay' in told;
  o.streams = number('parallel') || 1;
  o.reverse = 'reverse' in told;
  o.bidirectional = 'bidirectional' in told;
  o.window = number('window');
  o.blksize = number('len') || o.blksize;
  o.rate = number('bandwidth');
  o.pacingTimer = number('pacing_timer') || o.pacingTimer;
  o.burst = number('burst');
  o.tos = number('TOS');
  o.title = text('title');
  o.extraData = text('extra_data');
  o.congestion = text('congestion');
  o.getServerOutput = 'get_server_output' in told;
  o.counters64 = 'udp_counters_64bit' in told;
  o.repeatingPayload = 'repeating_payload' in told;
  o.zerocopy = 'zerocopy' in told;
  o.dontFragment = number('dont_fragment') !== 0;
}
