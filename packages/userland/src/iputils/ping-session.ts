import { type Errno, KernelError, strerror } from '@labwire/core/error';
import { MS, type Nanos, POLLERR, POLLIN, SEC, US } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Received, SockAddr, SockError, Socket } from '@labwire/devices/sock';
import { familyOf, formatSockHost, type SignalFlag, sameInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import { icmp6Text, icmpText } from './icmp-text.ts';
import { OptionPrinter } from './ping-ip-options.ts';
import { MIN_USER_INTERVAL, type PingOptions } from './ping-options.ts';
import {
  ECHO_HEADER,
  echoReplyType,
  echoSeq,
  echoTime,
  stampEcho,
  TIMEVAL,
  wrongData,
} from './ping-payload.ts';
import { formatTripTime, PingStats } from './ping-stats.ts';
import { warn } from './program-error.ts';

/** MININTERVAL: milliseconds between packets below which ping does not count on its timers. */
const MIN_INTERVAL = 10;
/** How long the way of an error to its own machine may take. */
const REJECT_WAIT = 100 * US;
/** Returned by {@link PingSession.pinger} once enough has been sent. */
const DONE = 1000;
/** Columns of a terminal that flood's dots may fill when standard output is none. */
const ANY_WIDTH = 0x7fff_ffff;

function schedulable(interval: number): number {
  return Math.max(interval, MIN_INTERVAL);
}

/** What a session pings, and through what. */
export interface PingTarget {
  readonly sock: Socket;
  readonly to: SockAddr;
  readonly hostname: string;
  /** Replies may come from other addresses. */
  readonly multicast: boolean;
  /** The request, whose sequence number and time each sending fills in. */
  readonly packet: Uint8Array;
}

/** How many milliseconds lie between two points of the monotonic clock, as ping takes them from seconds and nanoseconds. */
function millisecondsBetween(from: Nanos, to: Nanos): number {
  const sec = Math.floor(to / SEC) - Math.floor(from / SEC);
  return sec * 1000 + Math.trunc(((to % SEC) - (from % SEC)) / MS);
}

/** One run of ping, from the first request to the summary: main_loop() and what it calls in iputils ping/ping_common.c. */
export class PingSession {
  readonly stats: PingStats = new PingStats();
  readonly #proc: Process;
  readonly #o: PingOptions;
  readonly #t: PingTarget;
  readonly #stop: SignalFlag;
  readonly #status: SignalFlag;
  readonly #start: Nanos;
  readonly #timing: boolean;
  readonly #printer: OptionPrinter;
  #interval: number;
  #current: Nanos = -1;
  #tokens = 0;
  #addend = 0;
  #outOfMemory = 0;
  /** When SIGALRM comes. */
  #alarm: Nanos = Infinity;
  #lingering = false;

  constructor(
    proc: Process,
    options: PingOptions,
    target: PingTarget,
    signals: { readonly stop: SignalFlag; readonly status: SignalFlag },
  ) {
    this.#proc = proc;
    this.#o = options;
    this.#t = target;
    this.#stop = signals.stop;
    this.#status = signals.status;
    this.#start = proc.now;
    this.#printer = new OptionPrinter((addr) => this.#hostText(addr), options.flood);
    this.#timing = options.size >= TIMEVAL;
    this.#interval = options.flood && !options.intervalGiven ? 0 : options.interval;
    if (options.deadline > 0) this.#alarm = proc.now + options.deadline * SEC;
  }

  /** Pings until enough has come, the time is over or it is interrupted. @returns the exit status */
  async run(): Promise<number> {
    while (!this.#over()) {
      if (this.#status.raised) {
        this.#status.raised = false;
        await this.#proc.err(this.stats.status(this.#timing));
      }
      let next: number;
      do next = this.#scheduleExit(await this.#pinger());
      while (next <= 0);
      await this.#receive(next);
    }
    return this.#finish();
  }

  #over(): boolean {
    if (this.#proc.now >= this.#alarm) this.#stop.raised = true;
    const { received, errors } = this.stats;
    if (this.#stop.raised) return true;
    if (this.#o.count > 0 && received + errors >= this.#o.count) return true;
    return this.#o.deadline > 0 && errors > 0;
  }

  async #finish(): Promise<number> {
    const last = this.#current < 0 ? this.#start : this.#current;
    await this.#proc.out(
      this.stats.summary({
        hostname: this.#t.hostname,
        elapsed: last - this.#start,
        timing: this.#timing,
        interval: this.#interval,
        flood: this.#o.flood,
        adaptive: this.#o.adaptive,
      }),
    );
    const short = this.#o.deadline > 0 && this.stats.received < this.#o.count;
    return this.stats.received === 0 || short ? 1 : 0;
  }

  /** Once all requests are out, arms the alarm that ends the wait for replies. __schedule_exit() */
  #scheduleExit(next: number): number {
    const sentAll = this.#o.count > 0 && this.stats.transmitted >= this.#o.count;
    if (!sentAll || this.#o.deadline > 0 || this.#lingering) return next;
    this.#lingering = true;
    const wait =
      this.stats.received > 0
        ? Math.max(2 * this.stats.max, 1000 * this.#interval)
        : this.#o.linger * 1000;
    this.#alarm = this.#proc.now + wait * US;
    return Math.max(next, Math.trunc(wait / 1000));
  }

  /** Sends a request if one is due. @returns milliseconds until the next is; 0 or less: at once. pinger() */
  async #pinger(): Promise<number> {
    const { count, deadline, preload } = this.#o;
    const enough = count > 0 && this.stats.transmitted >= count && deadline === 0;
    if (this.#stop.raised || enough) return DONE;
    const wait = this.#takeTokens(preload);
    if (wait > 0) return wait;
    if (this.#o.outstanding) await this.#reportOutstanding();
    return this.#send();
  }

  /** The rate limit: `preload` requests at once, then one in each interval. @returns milliseconds still to wait */
  #takeTokens(preload: number): number {
    const now = this.#proc.now;
    const interval = this.#interval;
    if (this.#current < 0) {
      this.#current = now;
      this.#tokens = interval * (preload - 1);
      return 0;
    }
    let tokens = millisecondsBetween(this.#current, now);
    if (interval === 0 && tokens < MIN_INTERVAL && this.stats.inFlight >= preload)
      return MIN_INTERVAL - tokens;
    tokens = Math.min(tokens + this.#tokens, interval * preload);
    if (tokens < interval) return interval - tokens;
    this.#current = now;
    this.#tokens = tokens - interval;
    return 0;
  }

  async #reportOutstanding(): Promise<void> {
    const { transmitted } = this.stats;
    if (transmitted === 0 || this.stats.wasSeen(transmitted)) return;
    await this.#proc.out(
      `${this.#timestamp()}no answer yet for icmp_seq=${transmitted % 0x10000}\n`,
    );
  }

  async #send(): Promise<number> {
    for (;;) {
      const errno = this.#sendProbe();
      if (errno === undefined) {
        this.#outOfMemory = 0;
        this.stats.advance();
        if (!this.#o.quiet && this.#o.flood) await this.#floodDot();
        return this.#interval - this.#tokens;
      }
      if (errno === 'EAGAIN') {
        this.#tokens += this.#interval;
        return MIN_INTERVAL;
      }
      let quiet = 0;
      if (errno === 'ENOBUFS' || errno === 'ENOMEM') {
        const pause = this.#slowDown();
        if (++this.#outOfMemory * pause < this.#o.linger) return pause;
      } else {
        if (errno === 'EPERM') await this.#awaitReject();
        quiet = await this.#receiveError();
        if (quiet === 0 && errno === 'EINVAL') continue;
        if (quiet > 0) quiet = 0;
      }
      return this.#hardError(errno, quiet === 0);
    }
  }

  /** The error of a REJECT among this machine's own rules: on Linux it is there when sendmsg(2) returns, here it still has to come by `lo`. */
  async #awaitReject(): Promise<void> {
    if (this.#t.sock.errorQueue.length > 0) return;
    const items = [{ on: this.#t.sock, events: POLLERR }];
    await this.#proc.poll(items, REJECT_WAIT, 'the error of a packet that may not be sent');
  }

  /** Pretends that the request went out. */
  async #hardError(errno: Errno, report: boolean): Promise<number> {
    this.stats.advance();
    if (report && !this.#o.quiet) {
      if (this.#o.flood) await this.#proc.out('E');
      else await warn(this.#proc, `sendmsg: ${strerror(errno)}`);
    }
    this.#tokens = 0;
    return schedulable(this.#interval);
  }

  #slowDown(): number {
    this.#tokens = 0;
    const { rtt } = this.stats;
    this.#addend += rtt < 8 * 50_000 ? Math.trunc(rtt / 8) : 50_000;
    if (this.#o.adaptive) this.#updateInterval();
    return Math.min(schedulable(Math.trunc(this.#interval / 2)), 500);
  }

  #updateInterval(): void {
    const { rtt } = this.stats;
    const estimate = rtt > 0 ? Math.trunc(rtt / 8) : this.#interval * 1000;
    this.#interval = Math.trunc((estimate + this.#addend + 500) / 1000);
    if (this.#proc.uid !== 0 && this.#interval < MIN_USER_INTERVAL)
      this.#interval = MIN_USER_INTERVAL;
  }

  #sendProbe(): Errno | undefined {
    const seq = (this.stats.transmitted + 1) & 0xffff;
    this.stats.forget(seq);
    const sec = Math.floor(this.#proc.machine.wallClock);
    stampEcho(this.#t.packet, seq, sec, Math.floor((this.#proc.now % SEC) / US));
    try {
      return this.#t.sock.send(this.#t.packet, this.#t.to) === undefined ? 'EAGAIN' : undefined;
    } catch (e) {
      if (e instanceof KernelError) return e.errno;
      throw e;
    }
  }

  async #floodDot(): Promise<void> {
    const width = this.#proc.isTty(1) ? this.#columns() : ANY_WIDTH;
    const narrow = this.#o.preload < width && this.stats.pipeSize < width;
    if (narrow || this.stats.inFlight < width) await this.#proc.out('.');
  }

  #columns(): number {
    const tty = this.#proc.fds.get(1) as
      | { readonly size?: { readonly columns: number } }
      | undefined;
    return tty?.size?.columns ?? ANY_WIDTH;
  }

  /** Waits up to `next` milliseconds for something to come in, and takes all of it. */
  async #receive(next: number): Promise<void> {
    const long = !this.#o.adaptive && next >= schedulable(this.#interval);
    let wait = long ? schedulable(this.#interval) : next;
    if (!long && wait <= MIN_INTERVAL && this.stats.inFlight > 0) wait = MIN_INTERVAL;
    const { sock } = this.#t;
    const untilAlarm = Math.max(0, this.#alarm - this.#proc.now);
    const ready = await this.#proc.poll(
      [
        { on: sock, events: POLLIN },
        { on: this.#stop, events: POLLIN },
        { on: this.#status, events: POLLIN },
      ],
      Math.min(wait * MS, untilAlarm),
      'a reply to ICMP echo',
    );
    if (!ready) return;
    for (;;) {
      if (!(await this.#takeOne()) || this.stats.inFlight === 0) return;
    }
  }

  /** Takes one packet or error. @returns false if there is none */
  async #takeOne(): Promise<boolean> {
    let got: Received | undefined;
    try {
      got = this.#t.sock.recv(0x10000);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if ((await this.#receiveError()) === 0 && this.#t.sock.errorQueue.length === 0)
        await warn(this.#proc, `recvmsg: ${strerror(e.errno)}`);
      return true;
    }
    if (got === undefined) {
      if (this.#t.sock.errorQueue.length === 0) return false;
      await this.#receiveError();
      return true;
    }
    await this.#parseReply(got);
    return true;
  }

  /** Takes one error off the queue. @returns how many came from the network, or minus how many from here. receive_error_msg() */
  async #receiveError(): Promise<number> {
    const error = this.#t.sock.errorQueue.shift();
    if (error === undefined) return -1;
    if (error.origin === 'local') {
      await this.#localError(error);
      return -1;
    }
    const { payload } = error;
    if (payload.length < ECHO_HEADER) return 0;
    const seq = echoSeq(payload);
    if (error.origin === 'icmp') this.stats.acknowledge(seq);
    this.stats.errors++;
    if (this.#o.quiet) return 1;
    if (this.#o.flood) {
      await this.#proc.out('\bE');
      return 1;
    }
    const from =
      error.offender === undefined ? '' : await this.#hostText(error.offender, error.scopeId);
    await this.#proc.out(
      `${this.#timestamp()}From ${from} icmp_seq=${seq} ${this.#errorText(error)}\n`,
    );
    return 1;
  }

  #errorText(error: SockError): string {
    const text = error.origin === 'icmp6' ? icmp6Text : icmpText;
    return text(error.type, error.code, error.info);
  }

  async #localError(error: SockError): Promise<void> {
    if (this.#o.quiet) return;
    const mtu = familyOf(this.#t.to.addr) === 'inet' ? `mtu=${error.info}` : `mtu: ${error.info}`;
    if (this.#o.flood) await this.#proc.out('E');
    else if (error.errno === 'EMSGSIZE')
      await warn(this.#proc, `local error: message too long, ${mtu}`);
    else await warn(this.#proc, `local error: ${strerror(error.errno)}`);
    this.stats.errors++;
  }

  async #parseReply(got: Received): Promise<void> {
    const { data, from } = got;
    const family = familyOf(this.#t.to.addr);
    if (data.length < ECHO_HEADER || data[0] !== echoReplyType(family) || from === undefined)
      return;
    const seq = echoSeq(data);
    this.stats.acknowledge(seq);
    const trip = this.#tripTime(got);
    const duplicate = this.stats.addReply(seq);
    if (this.#o.quiet) return;
    if (this.#o.flood) {
      await this.#proc.out('\b \b');
      return;
    }
    await this.#proc.out(await this.#replyLine(got, from, trip, duplicate));
  }

  #tripTime(got: Received): number {
    if (!this.#timing || got.data.length < ECHO_HEADER + TIMEVAL) return 0;
    const at = this.#o.latency ? this.#proc.now : (got.tstamp ?? this.#proc.now);
    const boot = Math.floor(this.#proc.machine.wallClock) - Math.floor(this.#proc.now / SEC);
    const trip = Math.max(0, boot * 1_000_000 + Math.floor(at / US) - echoTime(got.data));
    this.stats.addTrip(trip);
    if (this.#o.adaptive) this.#updateInterval();
    return trip;
  }

  async #replyLine(
    got: Received,
    from: SockAddr,
    trip: number,
    duplicate: boolean,
  ): Promise<string> {
    const { data, ttl } = got;
    const who = await this.#hostText(from.addr, from.scopeId);
    let text = `${this.#timestamp()}${data.length} bytes from ${who}: icmp_seq=${echoSeq(data)}`;
    if (this.#o.verbose && this.#o.ident !== -1) text += ` ident=${this.#o.ident}`;
    if (ttl !== undefined) text += ` ttl=${ttl}`;
    if (data.length < this.#t.packet.length) return `${text} (truncated)\n`;
    if (this.#timing) text += ` time=${formatTripTime(trip)} ms`;
    if (duplicate && (!this.#t.multicast || this.#o.verbose)) text += ' (DUP!)';
    if (!this.#t.multicast && !sameInet(from.addr, this.#t.to.addr))
      text += ' (DIFFERENT ADDRESS!)';
    text += wrongData(this.#t.packet, data);
    if (got.retOptions !== undefined) text += await this.#printer.text(got.retOptions);
    return `${text}${this.#o.audible ? '\x07' : ''}\n`;
  }

  #timestamp(): string {
    if (!this.#o.timestamps) return '';
    const sec = Math.floor(this.#proc.machine.wallClock);
    const usec = Math.floor((this.#proc.now % SEC) / US);
    return `[${sec}.${String(usec).padStart(6, '0')}] `;
  }

  #hostText(addr: InetAddr, scopeId = 0): Promise<string> {
    return hostText(this.#proc, { addr, port: 0, scopeId }, this.#o.numeric || this.#stop.raised);
  }
}

/** An address, behind its name if that is wanted and known. ping.c, pr_addr() */
export async function hostText(proc: Process, at: SockAddr, numeric: boolean): Promise<string> {
  const text = formatSockHost(at, proc.netns);
  const found = numeric ? undefined : await reverse(proc, at.addr);
  return found === undefined ? text : `${found.name} (${text})`;
}
