import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet, parseInet, readProtocols, readServices } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import type { TcpdumpOptions } from './options.ts';
import {
  badLengths,
  bytesAndText,
  bytesOnly,
  type Packet,
  type Printed,
  type PrintOptions,
  printPacket,
  type SeqBase,
  textOnly,
} from './print/index.ts';
import { MAX_SNAPLEN } from './savefile/index.ts';
import { TimePrinter } from './time-text.ts';

/** Makes lines of packets, one after the other: with their times, with names that it asks for, with sequence numbers as they go on. */
export class PacketPrinter {
  readonly #proc: Process;
  readonly #o: TcpdumpOptions;
  readonly #linkType: number;
  readonly #time: TimePrinter;
  readonly #seqs = new Map<string, SeqBase>();
  /** Names of addresses, once they have been asked for. */
  readonly #names = new Map<string, string | undefined>();

  constructor(proc: Process, options: TcpdumpOptions, linkType: number) {
    this.#proc = proc;
    this.#o = options;
    this.#linkType = linkType;
    this.#time = new TimePrinter(options.time, options.nanoseconds);
  }

  /** A packet as it is shown. print.c, pretty_print_packet() @param n its number, from 1 */
  async line(packet: Packet, n: number): Promise<string> {
    const number = this.#o.number ? `${String(n).padStart(5)}  ` : '';
    const bad = badLengths(packet, MAX_SNAPLEN);
    if (bad !== undefined) return number + bad;
    const { text, header } = await this.#text(packet);
    return `${number}${this.#time.text(packet)}${text}${this.#dump(packet, header)}`;
  }

  /** The bytes below a packet's text. */
  #dump(packet: Packet, header: number): string {
    const { dump } = this.#o;
    if (dump === undefined) return '';
    const bytes = packet.bytes.subarray(dump.withLink ? 0 : header);
    if (dump.kind === 'text') return bytes.length > 0 || dump.withLink ? textOnly(bytes) : '';
    return (dump.kind === 'both' ? bytesAndText : bytesOnly)(bytes, '\n\t');
  }

  /** Prints once to learn which addresses need names, and again with them. */
  async #text(packet: Packet): Promise<Printed> {
    const wanted: InetAddr[] = [];
    const before = new Map([...this.#seqs].map(([k, v]) => [k, { ...v }]));
    const printed = printPacket(packet, this.#linkType, this.#printOptions(wanted), this.#seqs);
    if (wanted.length === 0) return printed;
    for (const addr of wanted) {
      const key = formatInet(addr);
      if (!this.#names.has(key)) this.#names.set(key, (await reverse(this.#proc, addr))?.name);
    }
    this.#seqs.clear();
    for (const [k, v] of before) this.#seqs.set(k, v);
    return printPacket(packet, this.#linkType, this.#printOptions([]), this.#seqs);
  }

  #printOptions(wanted: InetAddr[]): PrintOptions {
    const services = this.#o.numeric ? [] : readServices(this.#proc.fs);
    const protocols = this.#o.numeric ? [] : readProtocols(this.#proc.fs);
    return {
      verbose: this.#o.verbose,
      quiet: this.#o.quiet,
      ether: this.#o.ether,
      numeric: this.#o.numeric,
      absoluteSeq: this.#o.absoluteSeq,
      noChecksums: this.#o.noChecksums,
      dumped: this.#o.quiet || (this.#o.dump !== undefined && this.#o.dump.kind !== 'text'),
      packetType: this.#o.packetType,
      hostName: (addr) => {
        const key = formatInet(addr);
        if (!this.#names.has(key) && parseInet(key) !== undefined) wanted.push(addr);
        return this.#names.get(key);
      },
      portName: (port, proto) => services.find((s) => s.port === port && s.proto === proto)?.name,
      protocolName: (proto) => protocols.find((p) => p.number === proto)?.name,
    };
  }
}
