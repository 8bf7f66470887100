import { get32, put32 } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLERR, POLLIN, SEC, US } from '@labwire/core/sim';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, SockError, Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  familyOf,
  formatInet,
  type GetoptTable,
  getopt,
  type OptionFound,
  openUdp,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve, reverse } from '../resolver/index.ts';
import { numberOption, ProgramError, reportErrors, warn } from './program-error.ts';

const USAGE = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
`;

const INT_MAX = 2_147_483_647;
const PORT = 44_444;
const MAX_HOPS = 30;
/** How many probes are remembered. HIS_ARRAY_SIZE */
const REMEMBERED = 64;
const HOST_COLUMN = 52;
/** What a probe carries: its TTL and when it was sent. `struct probehdr` */
const PROBE_LENGTH = 24;

interface TracepathOptions {
  readonly family: Family | undefined;
  readonly both: boolean;
  readonly numeric: boolean;
  readonly length: number | undefined;
  readonly maxHops: number;
  readonly port: number;
}

/** @throws ProgramError */
function readOptions(found: readonly OptionFound[]): TracepathOptions {
  const has = (opt: string) => found.some((o) => o.opt === opt);
  const number = (opt: string, min: number, max: number) => {
    const text = found.filter((o) => o.opt === opt).at(-1)?.arg;
    return text === undefined ? undefined : numberOption(text, min, max);
  };
  const version = found.filter((o) => o.opt === '4' || o.opt === '6').at(-1)?.opt;
  return {
    family: version === undefined ? undefined : version === '4' ? 'inet' : 'inet6',
    both: has('b'),
    numeric: has('n'),
    length: number('l', 0, INT_MAX),
    maxHops: number('m', 0, 255) ?? MAX_HOPS,
    port: number('p', 0, 65_535) ?? 0,
  };
}

/** What its command line may hold. */
export const TRACEPATH_OPTIONS: GetoptTable = { letters: '46nbhl:m:p:V?', usage: USAGE };

/** tracepath(8). iputils tracepath.c */
export function tracepath(proc: Process): Promise<number> {
  return reportErrors(proc, async () => {
    const {
      options: found,
      operands,
      error,
    } = getopt(proc.argv.slice(1), TRACEPATH_OPTIONS.letters);
    if (error !== undefined) await warn(proc, error);
    const first = found.find((o) => 'hV?'.includes(o.opt));
    if (first?.opt === 'V' && error === undefined) {
      await proc.out(
        'tracepath from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n',
      );
      return 0;
    }
    if (error !== undefined || first !== undefined || operands.length !== 1) {
      await proc.err(USAGE);
      return 255;
    }
    return start(proc, readOptions(found), operands[0] as string);
  });
}

async function start(proc: Process, o: TracepathOptions, operand: string): Promise<number> {
  const slash = o.port === 0 ? operand.lastIndexOf('/') : -1;
  const host = slash < 0 ? operand : operand.slice(0, slash);
  const port = slash < 0 ? o.port : numberOption(operand.slice(slash + 1), 0, 65_535);
  const resolved = await resolve(proc, host, o.family);
  if ('error' in resolved) throw new ProgramError(1, `${host}: ${gaiStrerror(resolved.error)}`);
  const to = resolved.addrs[0] as SockAddr;
  const family = familyOf(to.addr);
  const overhead = family === 'inet' ? 28 : 48;
  const length = o.length ?? (family === 'inet' ? 65_535 : 128_000);
  if (length <= overhead)
    throw new ProgramError(1, `pktlen must be within: ${overhead} < value <= ${INT_MAX}`);
  const sock = openUdp(proc, family);
  sock.pmtuDisc = 'do';
  sock.recvErr = true;
  try {
    return await new Trace(proc, o, sock, { ...to, port: port || PORT }, length, overhead).run();
  } finally {
    closeSocket(proc, sock);
  }
}

interface Sent {
  readonly hops: number;
  readonly at: Nanos;
}

class Trace {
  readonly #proc: Process;
  readonly #o: TracepathOptions;
  readonly #sock: Socket;
  readonly #to: SockAddr;
  readonly #overhead: number;
  readonly #sent = new Map<number, Sent>();
  #mtu: number;
  #ttl = 1;
  #slot = 0;
  #hopsTo = -1;
  #hopsFrom = -1;

  constructor(
    proc: Process,
    o: TracepathOptions,
    sock: Socket,
    to: SockAddr,
    length: number,
    overhead: number,
  ) {
    this.#proc = proc;
    this.#o = o;
    this.#sock = sock;
    this.#to = to;
    this.#mtu = length;
    this.#overhead = overhead;
  }

  async run(): Promise<number> {
    const done = await this.#walk();
    if (!done) await this.#proc.out(`     Too many hops: pmtu ${this.#mtu}\n`);
    await this.#proc.out(`     Resume: pmtu ${this.#mtu} `);
    if (this.#hopsTo >= 0) await this.#proc.out(`hops ${this.#hopsTo} `);
    if (this.#hopsFrom >= 0) await this.#proc.out(`back ${this.#hopsFrom} `);
    await this.#proc.out('\n');
    return 0;
  }

  /** @returns whether the trace came to its end */
  async #walk(): Promise<boolean> {
    for (; this.#ttl <= this.#o.maxHops; this.#ttl++) {
      this.#sock.ttl = this.#ttl;
      let got = -1;
      for (let i = 0; i < 3 && got < 0; i++) {
        const mtu = this.#mtu;
        got = await this.#probe();
        if (this.#mtu !== mtu) {
          i = -1;
          got = -1;
        } else if (got === 0) return true;
      }
      if (got < 0) await this.#proc.out(`${this.#hop(this.#ttl)}:  no reply\n`);
    }
    return false;
  }

  #hop(n: number): string {
    return String(n).padStart(2);
  }

  /** One probe. @returns 0 at the end, more after an answer, -1 without one. probe_ttl() */
  async #probe(): Promise<number> {
    for (let i = 0; i < 10; i++) {
      if (this.#send()) {
        this.#slot = (this.#slot + 1) % REMEMBERED;
        const on = [{ on: this.#sock, events: POLLIN | POLLERR }];
        await this.#proc.poll(on, SEC, 'an answer');
        if (this.#receive()) {
          await this.#proc.out(`${this.#hop(this.#ttl)}?: reply received 8)\n`);
          return 0;
        }
        return this.#errors();
      }
      const got = await this.#errors();
      this.#sent.delete(this.#slot);
      if (got === 0) return 0;
      if (got > 0) i = -1;
    }
    await this.#proc.out(`${this.#hop(this.#ttl)}:  send failed\n`);
    return 0;
  }

  #send(): boolean {
    const at = this.#proc.now;
    const data = new Uint8Array(Math.max(0, this.#mtu - this.#overhead));
    if (data.length >= PROBE_LENGTH) {
      put32(data, 0, this.#ttl);
      put32(data, 8, Math.floor(at / SEC));
      put32(data, 16, at % SEC);
    }
    this.#sent.set(this.#slot, { hops: this.#ttl, at });
    try {
      this.#sock.send(data, { ...this.#to, port: this.#to.port + this.#slot });
      return true;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return false;
    }
  }

  #receive(): boolean {
    try {
      return this.#sock.recv(this.#mtu) !== undefined;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return false;
    }
  }

  /** Prints what came back. @returns as {@link #probe}. recverr() */
  async #errors(): Promise<number> {
    let progress = -1;
    for (;;) {
      const error = this.#sock.errorQueue.shift();
      if (error === undefined) return progress;
      this.#sock.takeError();
      progress = this.#mtu;
      const ends = await this.#tell(error);
      if (ends) return 0;
    }
  }

  /** The probe that an error answers. */
  #probeOf(error: SockError): Sent | undefined {
    const { payload } = error;
    if (error.origin === 'local') {
      // only IPv6 tells of the port that the message was for
      if (familyOf(this.#to.addr) === 'inet') return undefined;
      return this.#sent.get(this.#slot);
    }
    const slot = ((get32(payload, 0) & 0xffff) - this.#to.port + 0x1_0000) & 0xffff;
    const sent = this.#sent.get(slot);
    this.#sent.delete(slot);
    return sent;
  }

  async #tell(error: SockError): Promise<boolean> {
    const sent = this.#probeOf(error);
    const { out } = { out: (text: string) => this.#proc.out(text) };
    if (error.origin === 'local') {
      await out(`${this.#hop(this.#ttl)}?: ${'[LOCALHOST]'.padEnd(32)} `);
      if (sent !== undefined) await out(elapsed(error.tstamp - sent.at));
    } else {
      const hops = sent?.hops ?? -1;
      await out(hops > 0 ? `${this.#hop(hops)}:  ` : `${this.#hop(this.#ttl)}?: `);
      await out(await this.#host(error.offender as InetAddr));
      if (sent !== undefined) await out(elapsed(error.tstamp - sent.at));
    }
    return this.#tellMeaning(error, sent?.hops ?? -1);
  }

  /** @returns whether the trace ends */
  async #tellMeaning(error: SockError, hops: number): Promise<boolean> {
    const back = hopsOf(error.ttl ?? 255);
    switch (error.errno) {
      case 'ETIMEDOUT':
        await this.#proc.out('\n');
        return false;
      case 'EMSGSIZE':
        await this.#proc.out(`pmtu ${error.info}\n`);
        this.#mtu = error.info;
        return false;
      case 'ECONNREFUSED':
        await this.#proc.out('reached\n');
        this.#hopsTo = hops < 0 ? this.#ttl : hops;
        this.#hopsFrom = back;
        return true;
      case 'EHOSTUNREACH':
        if (!isExceeded(error)) break;
        if (back !== (hops >= 0 ? hops : this.#ttl))
          await this.#proc.out(`asymm ${this.#hop(back)} `);
        await this.#proc.out('\n');
        return false;
      default:
    }
    const mark = MARKS[error.errno];
    await this.#proc.out(`${mark ?? ''}\n`);
    if (mark === undefined) await warn(this.#proc, `NET ERROR: ${strerror(error.errno)}`);
    return true;
  }

  /** An address that nobody names stays a number; where nobody can be asked, getnameinfo() fails. */
  async #name(addr: InetAddr, number: string): Promise<string> {
    const found = await reverse(this.#proc, addr);
    if (found !== undefined) return found.name;
    const { fs } = this.#proc;
    const conf = fs.exists('/etc/resolv.conf') ? fs.readText('/etc/resolv.conf') : '';
    return /^nameserver\s/m.test(conf) ? number : '???';
  }

  async #host(addr: InetAddr): Promise<string> {
    const number = formatInet(addr);
    const name = this.#o.numeric ? number : await this.#name(addr, number);
    const text = this.#o.both ? `${name} (${number})` : name;
    return text.length >= HOST_COLUMN ? `${text} ` : text.padEnd(HOST_COLUMN);
  }
}

const MARKS: Readonly<Record<string, string>> = {
  EPROTO: '!P',
  EHOSTUNREACH: '!H',
  ENETUNREACH: '!N',
  EACCES: '!A',
};

function isExceeded({ origin, type, code }: SockError): boolean {
  return code === 0 && type === (origin === 'icmp' ? 11 : 3);
}

/** How many hops a packet has come by its TTL, which began at 64, 128 or 255. */
function hopsOf(ttl: number): number {
  if (ttl <= 64) return 65 - ttl;
  return ttl <= 128 ? 129 - ttl : 256 - ttl;
}

function elapsed(nanos: Nanos): string {
  const us = Math.floor(nanos / US);
  return `${String(Math.floor(us / 1000)).padStart(3)}.${String(us % 1000).padStart(3, '0')}ms `;
}
