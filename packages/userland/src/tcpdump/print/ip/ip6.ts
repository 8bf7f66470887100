import { type Dissector, hexNumber, IP_PROTOCOLS } from '../base/index.ts';
import { WITH_PORTS } from './ip4.ts';
import { destinationOptions, hopByHop, type Payload } from './ip6-options.ts';
import { mobilityPrint } from './mobility.ts';
import { routingPrint } from './routing6.ts';

const HBH = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DSTOPTS = 60;
const MOBILITY_OLD = 62;
const MOBILITY = 135;
const HEADER = 40;
/** No header was seen before. */
const NONE = 255;

/** Prints an IPv6 packet. print-ip6.c, ip6_print() */
export function ip6Print(d: Dissector, off: number, length: number): void {
  d.protocol = 'ip6';
  if (!d.has(off, HEADER)) {
    d.trunc();
    return;
  }
  if (length < HEADER) {
    d.print(`truncated-ip6 ${length}`);
    return;
  }
  if (!d.o.ether) d.print('IP6 ');
  const version = d.u8(off) >> 4;
  if (version !== 6) {
    d.print(`version error: ${version} != 6`);
    return;
  }
  const payload = d.u16(off + 4);
  const len = (payload === 0 ? length : payload) + HEADER;
  if (payload !== 0 && length < len) d.print(`truncated-ip6 - ${len - length} bytes missing!`);
  if (d.o.verbose > 0) details(d, off, payload);
  const was = d.limit(off + len);
  new Headers(d, off, length, was).walk(len);
  d.end = was;
}

function details(d: Dissector, off: number, payload: number): void {
  const flow = d.u32(off);
  const traffic = (flow >>> 20) & 0xff;
  const label = flow & 0xfffff;
  const next = d.u8(off + 6);
  d.print('(');
  if (traffic !== 0) d.print(`class 0x${hexNumber(traffic, 2)}, `);
  if (label !== 0) d.print(`flowlabel 0x${hexNumber(label, 5)}, `);
  d.print(
    `hlim ${d.u8(off + 7)}, next-header ${IP_PROTOCOLS[next] ?? 'unknown'} (${next}) payload length: ${payload}) `,
  );
}

/** The headers of a packet, one after the other. */
class Headers {
  readonly #d: Dissector;
  readonly #off: number;
  /** Bytes of the packet on the wire, and where the captured ones end. */
  readonly #length: number;
  readonly #was: number;
  /** The payload's length as the header says it, or a jumbo payload option. */
  readonly #payload: Payload;
  #extended = false;
  #hopByHop = false;
  #fragmented = false;

  constructor(d: Dissector, off: number, length: number, was: number) {
    this.#d = d;
    this.#off = off;
    this.#length = length;
    this.#was = was;
    this.#payload = { length: d.u16(off + 4), jumbo: false };
  }

  /** @param whole bytes of header and payload */
  walk(whole: number): void {
    const d = this.#d;
    let at = this.#off;
    let left = whole;
    let next = d.u8(at + 6);
    let before = NONE;
    let size = HEADER;
    while (at < d.end && size > 0) {
      if (left < size) {
        d.trunc();
        return;
      }
      at += size;
      left -= size;
      if (at === this.#off + HEADER && !WITH_PORTS.includes(next))
        d.print(`${d.ip6(this.#off + 8)} > ${d.ip6(this.#off + 24)}: `);
      const found = this.#extension(next, before, at);
      if (found === 'end') return;
      if (found === undefined) {
        this.#upper(next, at, left);
        return;
      }
      size = found;
      this.#extended = true;
      before = next;
      next = d.u8(at);
      d.protocol = 'ip6';
    }
  }

  /** @returns the length of an extension header; `end` where nothing is to be printed behind it; undefined for none */
  #extension(next: number, before: number, at: number): number | 'end' | undefined {
    const d = this.#d;
    switch (next) {
      case HBH:
        return this.#hop(before, at);
      case DSTOPTS:
        return destinationOptions(d, at) ?? 'end';
      case FRAGMENT:
        return this.#fragment(at);
      case ROUTING:
        if (!d.has(at, 1)) {
          d.trunc();
          return 'end';
        }
        return routingPrint(d, at) ?? 'end';
      case MOBILITY:
      case MOBILITY_OLD:
        mobilityPrint(d, at);
        return 'end';
      default:
        return undefined;
    }
  }

  #hop(before: number, at: number): number | 'end' {
    const d = this.#d;
    if (this.#hopByHop || before !== NONE) {
      d.print(
        this.#hopByHop
          ? '[The Hop-by-Hop Options header was already found]'
          : "[The Hop-by-Hop Options header don't follow the IPv6 header]",
      );
      d.invalid();
      return 'end';
    }
    const size = hopByHop(d, at, this.#payload);
    if (this.#payload.length === 0 && !this.#payload.jumbo) {
      d.print('[No valid Jumbo Payload Hop-by-Hop option found]');
      d.invalid();
      return 'end';
    }
    this.#hopByHop = true;
    return size ?? 'end';
  }

  /** print-frag6.c */
  #fragment(at: number): number | 'end' {
    const d = this.#d;
    d.protocol = 'frag6';
    const id = d.o.verbose > 0 ? `0x${hexNumber(d.u32(at + 4), 8)}:` : '';
    const offset = d.u16(at + 2) & 0xfff8;
    const size = HEADER + d.u16(this.#off + 4) - (at - this.#off) - 8;
    d.print(`frag (${id}${offset}|${size < 0 ? 2n ** 64n + BigInt(size) : size})`);
    if (offset !== 0) return 'end';
    d.print(' ');
    this.#fragmented = true;
    return d.end <= at + 8 ? 'end' : 8;
  }

  #upper(next: number, at: number, remaining: number): void {
    const d = this.#d;
    const seen = at - this.#off;
    let left = remaining;
    if (this.#payload.jumbo) {
      const whole = this.#payload.length + HEADER;
      if (whole < seen) {
        d.trunc();
        return;
      }
      if (this.#length < whole) d.print(`truncated-ip6 - ${whole - this.#length} bytes missing!`);
      d.end = Math.min(this.#was, this.#off + whole);
      left = whole - seen;
    } else if (this.#payload.length === 0) {
      if (this.#extended) {
        d.trunc();
        return;
      }
      d.end = Math.min(this.#was, this.#off + HEADER);
      left = 0;
    }
    d.layers.transport(d, next, at, left, {
      version: 6,
      off: this.#off,
      fragmented: this.#fragmented,
      ttl: d.u8(this.#off + 7),
    });
  }
}
