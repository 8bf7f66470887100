import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { IFF_LOOPBACK, type NetDevice } from '@labwire/devices/link';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import {
  formatInet,
  getopt,
  installFd,
  parseInet,
  readServices,
  SignalFlag,
} from '../libc-net/index.ts';
import { type Process, SIGINT, SIGTERM } from '../machine/index.ts';
import { lookupName, readHosts, reverse } from '../resolver/index.ts';
import { CaptureSocket } from './capture.ts';
import { compileFilter, type Filter, FilterError, PacketView } from './filter/index.ts';
import { hexDump } from './hex-dump.ts';
import {
  readTcpdumpOptions,
  TCPDUMP_LONGS,
  TCPDUMP_OPTSTRING,
  TcpdumpError,
  type TcpdumpOptions,
} from './options.ts';
import { pcapHeader, pcapRecord, readPcap } from './pcap-file.ts';
import {
  LINK_ETHERNET,
  LINK_RAW,
  LINK_SLL2,
  linkHeaderLength,
  type Packet,
  type PrintOptions,
  printPacket,
  type SeqBase,
} from './print/index.ts';
import { TimePrinter } from './time-text.ts';

const VERSION = 'tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\n';
const USAGE = `Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`;
const LINK_NAMES: Readonly<Record<number, readonly [name: string, description: string]>> = {
  [LINK_ETHERNET]: ['EN10MB', 'Ethernet'],
  [LINK_SLL2]: ['LINUX_SLL2', 'Linux cooked v2'],
  [LINK_RAW]: ['RAW', 'Raw IP'],
};

/** tcpdump(8). */
export async function tcpdump(proc: Process): Promise<number> {
  const {
    options: found,
    operands,
    error,
  } = getopt(proc.argv.slice(1), TCPDUMP_OPTSTRING, TCPDUMP_LONGS);
  try {
    if (error !== undefined) {
      await proc.err(`tcpdump: ${error}\n${VERSION}${USAGE}`);
      return 1;
    }
    if (found.some((o) => o.opt === 'h' || o.opt === 'version')) {
      await proc.out(found.some((o) => o.opt === 'h') ? `${VERSION}${USAGE}` : VERSION);
      return 0;
    }
    const options = readTcpdumpOptions(found);
    return await new Tcpdump(proc, options).run(operands.join(' '));
  } catch (e) {
    if (!(e instanceof TcpdumpError || e instanceof FilterError)) throw e;
    await proc.err(`tcpdump: ${e.message}\n`);
    return 1;
  }
}

class Tcpdump {
  readonly #proc: Process;
  readonly #o: TcpdumpOptions;
  readonly #seqs = new Map<string, SeqBase>();
  /** Names of addresses, once they have been asked for. */
  readonly #names = new Map<string, string | undefined>();
  #printed = 0;
  #fd: number | undefined;

  constructor(proc: Process, options: TcpdumpOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(expression: string): Promise<number> {
    if (this.#o.listDevices) return this.#listDevices();
    return this.#o.read === undefined
      ? this.#live(expression)
      : this.#file(this.#o.read, expression);
  }

  // Devices.

  get #devices(): NetDevice[] {
    const all = [...this.#proc.netns.devices.list()];
    const rank = (d: NetDevice) => ((d.flags & IFF_LOOPBACK) !== 0 ? 2 : d.running ? 0 : 1);
    return all.sort((a, b) => rank(a) - rank(b) || a.ifindex - b.ifindex);
  }

  async #listDevices(): Promise<number> {
    const list = this.#devices;
    const up = list.filter((d) => d.running && (d.flags & IFF_LOOPBACK) === 0);
    const rest = list.filter((d) => !up.includes(d));
    const describe = (d: NetDevice) => {
      const states = [d.isUp ? 'Up' : '', d.running ? 'Running' : ''];
      const loop = (d.flags & IFF_LOOPBACK) !== 0;
      states.push(loop ? 'Loopback' : d.carrier ? 'Connected' : 'Disconnected');
      return `${d.name} [${states.filter((s) => s !== '').join(', ')}]`;
    };
    const any = 'any (Pseudo-device that captures on all interfaces) [Up, Running]';
    const lines = [...up.map(describe), any, ...rest.map(describe)];
    await this.#proc.out(lines.map((line, i) => `${i + 1}.${line}\n`).join(''));
    return 0;
  }

  #findDevice(): NetDevice | undefined {
    const name = this.#o.device ?? this.#devices.find((d) => d.running)?.name ?? 'any';
    if (name === 'any') return undefined;
    const dev = this.#proc.netns.devices.byName(name);
    if (dev === undefined)
      throw new TcpdumpError(`${name}: No such device exists\n(No such device exists)`);
    if (!dev.isUp) throw new TcpdumpError(`${name}: That device is not up`);
    return dev;
  }

  // Filters.

  async #filter(expression: string): Promise<Filter> {
    const hosts = new Map<string, InetAddr[]>();
    for (const word of expression.match(/[A-Za-z][\w.-]*/g) ?? [])
      if (!hosts.has(word)) hosts.set(word, []);
    const known = new Set(readHosts(this.#proc.fs).flatMap((e) => e.names));
    const services = readServices(this.#proc.fs);
    for (const word of hosts.keys()) {
      if (!known.has(word) && !word.includes('.')) continue;
      const found = await lookupName(this.#proc, word);
      if (!('error' in found))
        hosts.set(
          word,
          found.addrs.map((a) => a.addr),
        );
    }
    return compileFilter(expression, {
      host: (name) => hosts.get(name) ?? [],
      service: (name) => services.find((s) => s.name === name || s.aliases.includes(name))?.port,
      protocol: () => undefined,
    });
  }

  // Capturing.

  async #live(expression: string): Promise<number> {
    if (this.#proc.uid !== 0)
      throw new TcpdumpError(
        `${this.#o.device ?? 'any'}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)`,
      );
    const device = this.#findDevice();
    const name = device?.name ?? 'any';
    const filter = await this.#filter(expression);
    const { direction, snaplen, write } = this.#o;
    const capture = new CaptureSocket(this.#proc, device, { snaplen, direction, filter });
    installFd(this.#proc, capture);
    if (write !== undefined) this.#openOutput(write, capture.linkType);
    await this.#announce(name, capture.linkType);
    const stop = SignalFlag.catch(this.#proc, SIGINT, SIGTERM);
    if (this.#proc.parent?.handlers.get(SIGINT) === 'ignore')
      this.#proc.handlers.set(SIGINT, () => stop.raise());
    const time = new TimePrinter(this.#o.time, false);
    while (!stop.raised && (this.#o.count === 0 || this.#printed < this.#o.count)) {
      await this.#proc.poll(
        [
          { on: capture, events: POLLIN },
          { on: stop, events: POLLIN },
        ],
        undefined,
        'packets',
      );
      for (let p = capture.next(); p !== undefined; p = capture.next()) {
        await this.#take(p, capture.linkType, time);
        if (this.#printed === this.#o.count) break;
      }
    }
    await this.#summary(capture, stop.raised);
    return 0;
  }

  #openOutput(path: string, linkType: number): void {
    if (path === '-') this.#fd = 1;
    else {
      try {
        this.#fd = this.#proc.open(path, { write: true, create: true, truncate: true });
      } catch (e) {
        if (e instanceof KernelError) throw new TcpdumpError(`${path}: ${strerror(e.errno)}`);
        throw e;
      }
    }
    this.#proc.file(this.#fd).write(pcapHeader(linkType, this.#o.snaplen));
  }

  async #announce(name: string, linkType: number): Promise<void> {
    const [short, long] = LINK_NAMES[linkType] ?? [String(linkType), ''];
    const { snaplen, verbose, write } = this.#o;
    if (linkType === LINK_SLL2) await this.#proc.err(`tcpdump: data link type ${short}\n`);
    const hint = verbose === 0 && write === undefined;
    if (hint)
      await this.#proc.err(
        'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n',
      );
    await this.#proc.err(
      `${hint ? '' : 'tcpdump: '}listening on ${name}, link-type ${short} (${long}), snapshot length ${snaplen} bytes\n`,
    );
  }

  async #summary(capture: CaptureSocket, interrupted: boolean): Promise<void> {
    const count = (n: number, what: string) => `${n} packet${n === 1 ? '' : 's'} ${what}\n`;
    const lead = interrupted && this.#fd === undefined ? '\n' : '';
    await this.#proc.err(
      `${lead}${count(this.#printed, 'captured')}${count(capture.received, 'received by filter')}${count(capture.dropped, 'dropped by kernel')}`,
    );
  }

  // Reading files.

  async #file(path: string, expression: string): Promise<number> {
    const file = readPcap(await this.#fileBytes(path));
    if (file === undefined) throw new TcpdumpError('unknown file format');
    const [short, long] = LINK_NAMES[file.linkType] ?? [String(file.linkType), ''];
    if (LINK_NAMES[file.linkType] === undefined)
      throw new TcpdumpError(
        `packet printing is not supported for link type ${file.linkType}: use -w`,
      );
    const name = path === '-' ? '-' : path;
    await this.#proc.err(
      `reading from file ${name}, link-type ${short} (${long}), snapshot length ${file.snaplen}\n`,
    );
    const filter = await this.#filter(expression);
    if (this.#o.write !== undefined) this.#openOutput(this.#o.write, file.linkType);
    const time = new TimePrinter(this.#o.time, file.nanoseconds);
    for (const packet of file.packets) {
      if (!filter(new PacketView(packet.bytes, packet.length, file.linkType, false))) continue;
      await this.#take(packet, file.linkType, time);
      if (this.#printed === this.#o.count) break;
    }
    if (this.#o.countOnly)
      await this.#proc.out(`${this.#printed} packet${this.#printed === 1 ? '' : 's'}\n`);
    if (file.truncated) throw new TcpdumpError('pcap_loop: truncated dump file');
    return 0;
  }

  async #fileBytes(path: string): Promise<Uint8Array> {
    if (path === '-') {
      const pieces: number[] = [];
      for (let piece = await this.#proc.read(0); piece.length > 0; piece = await this.#proc.read(0))
        for (const byte of piece) pieces.push(byte);
      return Uint8Array.from(pieces);
    }
    try {
      return this.#proc.fs.readFile(this.#proc.path(path));
    } catch (e) {
      if (e instanceof KernelError) throw new TcpdumpError(`${path}: ${strerror(e.errno)}`);
      throw e;
    }
  }

  // Printing.

  async #take(packet: Packet, linkType: number, time: TimePrinter): Promise<void> {
    this.#printed++;
    if (this.#fd !== undefined) {
      await this.#proc.write(this.#fd, pcapRecord(packet));
      return;
    }
    if (this.#o.countOnly) return;
    const body = await this.#text(packet, linkType);
    const number = this.#o.number ? `${String(this.#printed).padStart(5)}  ` : '';
    const dump = this.#o.dump;
    const skip = dump?.withLink === true ? 0 : linkHeaderLength(linkType);
    const bytes = dump === undefined ? '' : hexDump(packet.bytes.subarray(skip), dump.kind);
    await this.#proc.out(`${number}${time.text(packet)}${body}${bytes}\n`);
  }

  /** Prints once to learn which addresses need names, and again with them. */
  async #text(packet: Packet, linkType: number): Promise<string> {
    const wanted: InetAddr[] = [];
    const before = new Map([...this.#seqs].map(([k, v]) => [k, { ...v }]));
    const text = printPacket(packet, linkType, this.#printOptions(wanted), this.#seqs);
    if (wanted.length === 0) return text;
    for (const addr of wanted) {
      const key = formatInet(addr);
      if (!this.#names.has(key)) this.#names.set(key, (await reverse(this.#proc, addr))?.name);
    }
    this.#seqs.clear();
    for (const [k, v] of before) this.#seqs.set(k, v);
    return printPacket(packet, linkType, this.#printOptions([]), this.#seqs);
  }

  #printOptions(wanted: InetAddr[]): PrintOptions {
    const services = this.#o.numeric ? [] : readServices(this.#proc.fs);
    return {
      verbose: this.#o.verbose,
      quiet: this.#o.quiet,
      ether: this.#o.ether,
      numeric: this.#o.numeric,
      absoluteSeq: this.#o.absoluteSeq,
      noChecksums: this.#o.noChecksums,
      hostName: (addr) => {
        const key = formatInet(addr);
        if (!this.#names.has(key) && parseInet(key) !== undefined) wanted.push(addr);
        return this.#names.get(key);
      },
      portName: (port, proto) => services.find((s) => s.port === port && s.proto === proto)?.name,
    };
  }
}
