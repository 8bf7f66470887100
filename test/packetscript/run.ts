import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, SEC } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { readTcp, TCPHDR_SYN } from '@labwire/core/wire';
import type { TcpConf, TcpSocket } from '@labwire/devices/tcp';
import { Link } from './link.ts';
import { formatSegment, parseScript, type SegmentText, type Step } from './script.ts';
import { buildSegment, type Numbering, readSegment, textByte } from './wire-text.ts';

/** How far a segment may be from the time that a script says, in Nanos. */
const TOLERANCE = 1_000_000;
/** ISN of the script: so close to the wrap that every longer script crosses it. */
const SCRIPT_ISN = 0x7fff_f000;
const LISTEN_PORT = 80;
const SCRIPT_PORT = 40_000;

interface Sent {
  readonly at: number;
  readonly segment: SegmentText;
}

/** Runs one script against the stack of one host; the other host is the script. */
export class ScriptRun {
  readonly #link = new Link();
  readonly #numbers: Numbering = {
    iss: 0,
    irs: SCRIPT_ISN | 0,
    localPort: LISTEN_PORT,
    remotePort: SCRIPT_PORT,
  };
  readonly #sent: Sent[] = [];
  #socket: TcpSocket;
  #listener: TcpSocket | undefined;
  #last = 0;
  /** Sequence number of the last byte that the user has read. */
  #readUpTo = 0;
  #line = 0;

  constructor() {
    this.#link.tamper = (skb, from) => {
      if (from === this.#link.a) this.#onSent(skb);
      return false;
    };
    this.#socket = this.#link.a.netns.tcp.open('inet');
  }

  /** Runs all steps. @throws Error that names the line where the stack did something else */
  run(text: string): void {
    for (const step of parseScript(text)) {
      this.#line = step.line;
      this.#step(step);
    }
    const [extra] = this.#sent;
    if (extra !== undefined) this.#fail(`sent besides: ${this.#show(extra)}`);
  }

  #fail(message: string): never {
    throw new Error(`line ${this.#line}: ${message}`);
  }

  #show(sent: Sent): string {
    return `${(sent.at / SEC).toFixed(6)} > ${formatSegment(sent.segment)}`;
  }

  #onSent(skb: SkBuff): void {
    const t = readTcp(skb.buf, skb.th);
    if ((t.flags & TCPHDR_SYN) !== 0) {
      this.#numbers.iss = t.seq | 0;
      this.#numbers.localPort = t.sport;
      this.#numbers.remotePort = t.dport;
    }
    this.#sent.push({ at: this.#link.sim.now, segment: readSegment(skb, this.#numbers) });
  }

  #step(step: Step): void {
    if (step.kind === 'expect') {
      this.#expect(step);
      return;
    }
    const at = this.#timeOf(step) ?? this.#last;
    this.#advance(at);
    if (step.kind === 'inject') this.#inject(step.segment as SegmentText);
    else this.#call(step.call);
    this.#link.sim.runEvents(at);
    this.#last = at;
  }

  #timeOf(step: Step): number | undefined {
    if (step.at === undefined) return undefined;
    const at = Math.round(step.at * SEC);
    return step.relative ? this.#last + at : at;
  }

  /** Lets time pass; what is sent meanwhile must be expected first. */
  #advance(at: number): void {
    const { sim } = this.#link;
    sim.runEvents(at - 1);
    const early = this.#sent.find((s) => s.at < at - TOLERANCE);
    if (early !== undefined) this.#fail(`sent before: ${this.#show(early)}`);
    if (sim.now < at) sim.schedule(at - sim.now, { onEvent: () => {} }, 0, undefined);
    sim.runEvents(at);
  }

  #expect(step: Step): void {
    const wanted = step.segment as SegmentText;
    const at = this.#timeOf(step);
    const { sim } = this.#link;
    const limit = at === undefined ? sim.now + 3600 * SEC : at + TOLERANCE;
    while (this.#sent.length === 0 && !sim.idle && sim.now <= limit)
      sim.runEvents(this.#nextStop(limit));
    const sent = this.#sent.shift();
    if (sent === undefined) this.#fail(`nothing was sent by ${(limit / SEC).toFixed(6)}`);
    const { segment } = sent;
    const looked: SegmentText = {
      ...segment,
      ack: wanted.ack === undefined ? undefined : segment.ack,
      win: wanted.win === undefined ? undefined : segment.win,
      options: wanted.options === undefined ? undefined : segment.options,
    };
    if (formatSegment(looked) !== formatSegment(wanted)) {
      this.#fail(`expected > ${formatSegment(wanted)}\n     got ${this.#show(sent)}`);
    }
    if (at !== undefined && Math.abs(sent.at - at) > TOLERANCE) {
      this.#fail(`expected at ${(at / SEC).toFixed(6)}, sent at ${(sent.at / SEC).toFixed(6)}`);
    }
    this.#last = at ?? sent.at;
  }

  /** Small steps, so that what is sent later does not happen yet. */
  #nextStop(limit: number): number {
    const { sim } = this.#link;
    const stop = Math.min(limit, sim.now + TOLERANCE);
    if (stop > sim.now) sim.schedule(stop - sim.now, { onEvent: () => {} }, 0, undefined);
    return stop === sim.now ? limit + 1 : stop;
  }

  #inject(segment: SegmentText): void {
    const { a, b } = this.#link;
    const { tcp, loopback } = a.netns;
    const skb = buildSegment(segment, this.#numbers, b.addr, a.addr);
    skb.dev = loopback;
    tcp.receiveFrom(tcp.inet('inet'), skb);
  }

  #call(call: readonly string[]): void {
    const expectsError = call.at(-2) === 'fails' ? call.at(-1) : undefined;
    try {
      this.#do(call);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (e.errno === expectsError || (e.errno === 'EINPROGRESS' && expectsError === undefined))
        return;
      this.#fail(`${call.join(' ')}: ${e.errno}`);
    }
    if (expectsError !== undefined) this.#fail(`${call.join(' ')} did not fail`);
  }

  readonly #verbs: Readonly<Record<string, (arg: string, value: string, rest: string) => void>> = {
    listen: (backlog) => {
      this.#socket.bind({ addr: this.#link.a.addr, port: LISTEN_PORT });
      this.#socket.listen(Number(backlog || 5));
      this.#listener = this.#socket;
    },
    accept: (nothing) => {
      const accepted = (this.#listener ?? this.#socket).accept();
      if ((accepted === undefined) !== (nothing === 'nothing')) this.#fail('to accept or not');
      this.#socket = accepted ?? this.#socket;
    },
    connect: () => this.#socket.connect({ addr: this.#link.b.addr, port: SCRIPT_PORT }),
    write: (n) => this.#equal(String(this.#socket.send(new Uint8Array(Number(n)))), n),
    read: (what) => this.#read(what),
    shutdown: (how) => this.#socket.shutdown(how as 'rd' | 'wr' | 'rdwr'),
    close: () => this.#socket.close(),
    state: (state) => this.#equal(this.#socket.tcb?.state, state),
    error: (errno) => this.#equal(this.#socket.takeError() ?? 'none', errno),
    poll: (_arg, _value, bits) => this.#equal(this.#pollText(), bits),
    set: (name, value) => this.#set(name, value),
    mtu: (bytes) => {
      this.#link.mtu = Number(bytes);
    },
    unreachable: (errno) => this.#unreachable(errno),
    info: (field, value) => {
      const info = this.#link.a.netns.tcp.dump().find((i) => i.state !== 'LISTEN')?.tcpInfo;
      this.#equal(String(info?.[field] ?? 'absent'), value);
    },
    sockets: (_arg, _value, states) => {
      const all = this.#link.a.netns.tcp.dump().map((i) => i.state);
      this.#equal(all.join(' ') || 'none', states);
    },
  };

  #do(call: readonly string[]): void {
    const [verb = '', arg = '', value = ''] = call;
    const run = this.#verbs[verb];
    if (run === undefined) this.#fail(`no such call: ${call.join(' ')}`);
    run(arg, value, call.slice(1).join(' '));
  }

  /** `read 5`: exactly so many bytes; `read eof`; `read nothing`: it would block. */
  #read(what: string): void {
    const got = this.#socket.recv(what === 'eof' || what === 'nothing' ? 65_536 : Number(what));
    for (const byte of got?.data ?? []) {
      if (byte !== textByte(++this.#readUpTo)) this.#fail(`byte ${this.#readUpTo} is another`);
    }
    const text = got === undefined ? 'nothing' : got.data.length === 0 ? 'eof' : got.data.length;
    this.#equal(String(text), what);
  }

  #pollText(): string {
    const bits = this.#socket.poll();
    const names: readonly [number, string][] = [
      [POLLIN, 'in'],
      [POLLOUT, 'out'],
      [POLLERR, 'err'],
      [POLLHUP, 'hup'],
    ];
    const set = names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
    return set.join(' ') || 'none';
  }

  #set(name: string, value: string): void {
    const { tcp } = this.#link.a.netns;
    const { options } = this.#socket;
    const number = Number(value);
    if (name.startsWith('tcp_')) {
      tcp.conf = {
        ...tcp.conf,
        [name]: value === 'reno' || value === 'cubic' ? value : number,
      } as TcpConf;
    } else if (name === 'nodelay') this.#socket.setNodelay(value === 'on');
    else if (name === 'cork') this.#socket.setCork(value === 'on');
    else if (name === 'linger') options.linger = number;
    else if (name === 'rcvbuf') this.#socket.setRcvBuf(number);
    else if (name === 'sndbuf') this.#socket.setSndBuf(number);
    else if (name === 'keepidle') options.keepIdle = number * SEC;
    else if (name === 'keepintvl') options.keepIntvl = number * SEC;
    else if (name === 'keepcnt') options.keepCnt = number;
    else if (name === 'keepalive') this.#socket.setKeepAlive(value === 'on');
    else this.#fail(`no such setting: ${name}`);
  }

  /** `unreachable EHOSTUNREACH`, `unreachable too-big`: an ICMP error quotes the oldest segment in flight. */
  #unreachable(errno: string): void {
    const { a, b } = this.#link;
    const { tcp } = a.netns;
    const tcb = this.#socket.tcb;
    const seq = ((tcb?.sndUna ?? 0) - this.#numbers.iss) | 0;
    const { localPort, remotePort } = this.#numbers;
    const quoted = buildSegment(
      { flags: 0, seq, len: 0, ack: undefined, win: undefined, options: undefined },
      { ...this.#numbers, irs: this.#numbers.iss, localPort: remotePort, remotePort: localPort },
      a.addr,
      b.addr,
    );
    const tooBig = errno === 'too-big';
    const error = {
      errno: tooBig ? 'EMSGSIZE' : (errno as 'EHOSTUNREACH'),
      tooBig,
      aborts: !tooBig,
    } as const;
    tcp.onIcmpError(tcp.inet('inet'), quoted, error);
  }

  #equal(got: string | undefined, wanted: string): void {
    if (got !== wanted) this.#fail(`expected ${wanted}, is ${got}`);
  }
}
