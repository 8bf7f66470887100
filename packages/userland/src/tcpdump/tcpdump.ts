import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { IFF_LOOPBACK, type NetDevice } from '@labwire/devices/link';
import { getopt, installFd, SignalFlag } from '../libc-net/index.ts';
import { type Process, SIGINT, SIGTERM } from '../machine/index.ts';
import { CaptureSocket } from './capture.ts';
import {
  compileFilter,
  type Filter,
  FilterError,
  type FilterInput,
  PacketView,
} from './filter/index.ts';
import { filterNames } from './filter-names.ts';
import { readTcpdumpOptions, TCPDUMP_OPTIONS, type TcpdumpOptions } from './options.ts';
import { PacketPrinter } from './packet-printer.ts';
import {
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LOOP,
  LINK_NULL,
  LINK_RAW,
  LINK_SLL,
  LINK_SLL2,
  type Packet,
} from './print/index.ts';
import { pcapHeader, pcapRecord, readSavefile } from './savefile/index.ts';
import { TcpdumpError } from './tcpdump-error.ts';

const VERSION =
  'tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\nOpenSSL 3.0.19 27 Jan 2026\n';
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
  [LINK_SLL]: ['LINUX_SLL', 'Linux cooked v1'],
  [LINK_NULL]: ['NULL', 'BSD loopback'],
  [LINK_LOOP]: ['LOOP', 'OpenBSD loopback'],
  [LINK_RAW]: ['RAW', 'Raw IP'],
  [LINK_IPV4]: ['IPV4', 'Raw IPv4'],
  [LINK_IPV6]: ['IPV6', 'Raw IPv6'],
};
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const ARPHRD_NONE = 0xfffe;
/** Link types by the kind of hardware that a device says it is. */
const DEVICE_LINKS: Readonly<Record<number, readonly number[]>> = {
  [ARPHRD_ETHER]: [LINK_ETHERNET],
  [ARPHRD_LOOPBACK]: [LINK_ETHERNET],
  [ARPHRD_NONE]: [LINK_RAW],
};

/** tcpdump(8). */
export async function tcpdump(proc: Process): Promise<number> {
  const {
    options: found,
    operands,
    error,
  } = getopt(proc.argv.slice(1), TCPDUMP_OPTIONS.letters, TCPDUMP_OPTIONS.longs);
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
  /** What becomes lines of packets; known once the link type is. */
  #printer: PacketPrinter;
  #taken = 0;
  #fd: number | undefined;

  constructor(proc: Process, options: TcpdumpOptions) {
    this.#proc = proc;
    this.#o = options;
    this.#printer = new PacketPrinter(proc, options, LINK_ETHERNET);
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

  /** What a device may be captured as. libpcap pcap-linux.c, map_arphrd_to_dlt() */
  async #listLinkTypes(device: NetDevice | undefined): Promise<number> {
    const arphrd = device?.arphrd;
    const types = arphrd === undefined ? [LINK_SLL, LINK_SLL2] : DEVICE_LINKS[arphrd];
    if (types === undefined)
      throw new TcpdumpError(`-L: not supported here for devices such as ${device?.name}`);
    const lines = types.map((t) => `  ${LINK_NAMES[t]?.[0]} (${LINK_NAMES[t]?.[1]})\n`);
    if (arphrd === ARPHRD_ETHER) lines.push('  DOCSIS (DOCSIS) (printing not supported)\n');
    await this.#proc.out(
      `Data link types for ${device?.name ?? 'any'} (use option -y to set):\n${lines.join('')}`,
    );
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

  /** @param input what packets it is for */
  async #filter(operands: string, input: FilterInput): Promise<Filter> {
    const { filterFile } = this.#o;
    const expression =
      filterFile === undefined ? operands : utf8Decode(await this.#fileBytes(filterFile));
    return compileFilter(expression, await filterNames(this.#proc, expression), input);
  }

  // Capturing.

  async #live(expression: string): Promise<number> {
    if (this.#proc.uid !== 0)
      throw new TcpdumpError(
        `${this.#o.device ?? 'any'}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)`,
      );
    const device = this.#findDevice();
    if (this.#o.listLinkTypes) return this.#listLinkTypes(device);
    const name = device?.name ?? 'any';
    const linkType = device === undefined ? LINK_SLL2 : LINK_ETHERNET;
    const filter = await this.#filter(expression, { linkType, live: true });
    const { direction, promiscuous, snaplen, write } = this.#o;
    const capture = new CaptureSocket(this.#proc, device, {
      snaplen,
      direction,
      filter,
      promiscuous,
    });
    installFd(this.#proc, capture);
    if (write !== undefined) this.#openOutput(write, capture.linkType);
    await this.#announce(name, capture.linkType);
    const stop = SignalFlag.catch(this.#proc, SIGINT, SIGTERM);
    if (this.#proc.parent?.handlers.get(SIGINT) === 'ignore')
      this.#proc.handlers.set(SIGINT, () => stop.raise());
    this.#printer = new PacketPrinter(this.#proc, this.#o, capture.linkType);
    while (!stop.raised && (this.#o.count === 0 || this.#taken < this.#o.count)) {
      await this.#proc.poll(
        [
          { on: capture, events: POLLIN },
          { on: stop, events: POLLIN },
        ],
        undefined,
        'packets',
      );
      for (let p = capture.next(); p !== undefined; p = capture.next()) {
        await this.#take(p);
        if (this.#taken === this.#o.count) break;
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
    this.#proc.file(this.#fd).write(pcapHeader(linkType, this.#o.snaplen, this.#o.nanoseconds));
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
      `${lead}${count(this.#taken, 'captured')}${count(capture.received, 'received by filter')}${count(capture.dropped, 'dropped by kernel')}`,
    );
  }

  // Reading files.

  async #file(path: string, expression: string): Promise<number> {
    const file = readSavefile(await this.#fileBytes(path));
    const [short, long] = LINK_NAMES[file.linkType] ?? [String(file.linkType), ''];
    if (LINK_NAMES[file.linkType] === undefined)
      throw new TcpdumpError(
        `packet printing is not supported for link type ${file.linkType}: use -w`,
      );
    const name = path === '-' ? '-' : path;
    await this.#proc.err(
      `reading from file ${name}, link-type ${short} (${long}), snapshot length ${file.snaplen}\n`,
    );
    const filter = await this.#filter(expression, { linkType: file.linkType, live: false });
    if (this.#o.write !== undefined) this.#openOutput(this.#o.write, file.linkType);
    this.#printer = new PacketPrinter(this.#proc, this.#o, file.linkType);
    for (const packet of file.packets) {
      if (!filter(new PacketView(packet.bytes, packet.length))) continue;
      await this.#take(packet);
      if (this.#taken === this.#o.count) break;
    }
    if (this.#o.countOnly)
      await this.#proc.out(`${this.#taken} packet${this.#taken === 1 ? '' : 's'}\n`);
    const whole = this.#o.count === 0 || this.#taken < this.#o.count;
    if (file.error !== undefined && whole)
      throw new TcpdumpError(`pcap_loop: ${file.error.message}`);
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

  async #take(packet: Packet): Promise<void> {
    this.#taken++;
    this.#proc.noteProgress();
    if (this.#fd !== undefined)
      await this.#proc.write(this.#fd, pcapRecord(packet, this.#o.nanoseconds));
    if ((this.#fd !== undefined && !this.#o.print) || this.#o.countOnly) return;
    await this.#proc.out(`${await this.#printer.line(packet, this.#taken)}\n`);
  }
}
