import { type Dissector, hexNumber, type Names } from '../base/index.ts';
import { DHCP_OPTIONS } from './dhcp-options.ts';

const PAD = 0;
const END = 255;
const MESSAGE_TYPE = 53;
const PARAMETER_REQUEST = 55;
const MESSAGES: Names = {
  1: 'Discover',
  2: 'Offer',
  3: 'Request',
  4: 'Decline',
  5: 'ACK',
  6: 'NACK',
  7: 'Release',
  8: 'Inform',
  10: 'LeaseQuery',
  11: 'LeaseUnassigned',
  12: 'LeaseUnknown',
  13: 'LeaseActive',
};
const NODE_TYPES: Names = { 1: 'b-node', 2: 'p-node', 4: 'm-node', 8: 'h-node' };
const OVERLOADS: Names = { 1: 'file', 2: 'sname', 3: 'file+sname' };
const HARDWARE: Names = {
  1: 'ether',
  6: 'ieee802',
  7: 'arcnet',
  15: 'frelay',
  23: 'strip',
  24: 'ieee1394',
};
const AGENT: Names = { 1: 'Circuit-ID', 2: 'Remote-ID', 6: 'Subscriber-ID' };

/** Prints the options behind the magic cookie. print-bootp.c, rfc1048_print() @returns whether they are whole */
export function dhcpOptions(d: Dissector, off: number): boolean {
  d.print(`\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x${d.hex(off, 4)}`);
  let at = off + 4;
  while (d.has(at, 1)) {
    const tag = d.u8(at++);
    if (d.o.verbose < 3) {
      if (tag === PAD) continue;
      if (tag === END) return true;
    }
    const length = tag === PAD || tag === END ? 0 : d.u8(at++);
    d.print(
      `\n\t    ${DHCP_OPTIONS[tag]?.[1] ?? 'Unknown'} (${tag}), length ${length}${length > 0 ? ': ' : ''}`,
    );
    if (tag === PAD) at += padding(d, at);
    if (!d.has(at, length)) return false;
    if (!new Option(d, tag, at, length).print()) return false;
    at += length;
  }
  return true;
}

/** @returns bytes of it that follow the first */
function padding(d: Dissector, at: number): number {
  let n = 0;
  while (d.has(at + n, 1) && d.u8(at + n) === PAD) n++;
  if (n > 0) d.print(`, occurs ${n + 1}`);
  return n;
}

/** An option's data, and how much of it was printed. */
class Option {
  readonly #d: Dissector;
  readonly #tag: number;
  #at: number;
  #left: number;

  constructor(d: Dissector, tag: number, at: number, length: number) {
    this.#d = d;
    this.#tag = tag;
    this.#at = at;
    this.#left = length;
  }

  /** @returns whether it is whole */
  print(): boolean {
    if (this.#tag === MESSAGE_TYPE && this.#left === 1) {
      const type = this.#byte();
      this.#d.print(MESSAGES[type] ?? `Unknown (${type})`);
      return true;
    }
    if (this.#tag === PARAMETER_REQUEST) {
      this.#requested();
      return true;
    }
    if (!this.#data(this.#format)) return false;
    if (this.#left > 0) this.#d.print(`\n\t  trailing data length ${this.#left}`);
    return true;
  }

  /** How the data is shown; unknown options by how much they hold. */
  get #format(): string {
    const known = DHCP_OPTIONS[this.#tag]?.[0];
    if (known !== undefined) return known;
    return (this.#left & 1) !== 0 ? 'b' : (this.#left & 2) !== 0 ? 's' : 'l';
  }

  #byte(): number {
    this.#left--;
    return this.#d.u8(this.#at++);
  }

  /** Gives up on what is left. */
  #complain(text: string): true {
    this.#d.print(text);
    this.#skip();
    return true;
  }

  #skip(): void {
    this.#at += this.#left;
    this.#left = 0;
  }

  #each(size: number, separator: string, show: (at: number) => string): true {
    for (let first = true; this.#left >= size; first = false) {
      this.#d.print(`${first ? '' : separator}${show(this.#at)}`);
      this.#at += size;
      this.#left -= size;
    }
    return true;
  }

  #quoted(length: number): boolean {
    this.#d.print('"');
    const whole = this.#d.printn(this.#at, length);
    this.#d.print('"');
    this.#at += length;
    this.#left -= length;
    return whole;
  }

  #data(format: string): boolean {
    const d = this.#d;
    switch (format) {
      case 'a':
        return this.#quoted(this.#left);
      case 'i':
        return this.#each(4, ',', (at) => d.ip4(at));
      case 'l':
        return this.#each(4, ',', (at) => String(d.u32(at)));
      case 'L':
        return this.#each(4, ',', (at) => String(d.u32(at) | 0));
      case 'p':
        return this.#each(8, ',', (at) => `(${d.ip4(at)}:${d.ip4(at + 4)})`);
      case 's':
        return this.#each(2, ',', (at) => String(d.u16(at)));
      case 'B':
        return this.#each(1, ',', (at) => ['N', 'Y'][d.u8(at)] ?? `${d.u8(at)}?`);
      case '$':
        return this.#special();
      default:
        return this.#each(1, '.', (at) => String(d.u8(at)));
    }
  }

  #special(): boolean {
    switch (DHCP_OPTIONS[this.#tag]?.[1]) {
      case 'Netbios-Node':
        return this.#named(NODE_TYPES);
      case 'OO':
        return this.#named(OVERLOADS);
      case 'FQDN':
        return this.#fqdn();
      case 'Client-ID':
        return this.#clientId();
      case 'Agent-Information':
        return this.#agent();
      case 'User-Class':
        return this.#userClass();
      default:
        return this.#routes();
    }
  }

  #named(names: Names): true {
    if (this.#left < 1) return this.#complain('[ERROR: length < 1 bytes]');
    const value = this.#byte();
    this.#d.print(names[value] ?? `#${value}`);
    return true;
  }

  #requested(): void {
    for (let i = 0; this.#left > 0; i++) {
      const tag = this.#byte();
      this.#d.print(
        `${i % 4 === 0 ? '\n\t      ' : ', '}${DHCP_OPTIONS[tag]?.[1] ?? 'Unknown'} (${tag})`,
      );
    }
  }

  /** RFC 4702 */
  #fqdn(): boolean {
    const d = this.#d;
    if (this.#left < 3) return this.#complain('[ERROR: length < 3 bytes]');
    const flags = this.#byte();
    if (flags >> 4 !== 0) d.print(`[ERROR: MBZ nibble 0x${hexNumber(flags >> 4)} != 0] `);
    if ((flags & 15) !== 0)
      d.print(`[${[...'SOEN'].filter((_, i) => ((flags >> i) & 1) === 1).join('')}] `);
    const [first, second] = [this.#byte(), this.#byte()];
    if (first !== 0 || second !== 0) d.print(`${first}/${second} `);
    return this.#quoted(this.#left);
  }

  #clientId(): boolean {
    if (this.#left < 1) return this.#complain('[ERROR: length < 1 bytes]');
    const type = this.#byte();
    if (type === 0) return this.#quoted(this.#left);
    this.#d.print(`${HARDWARE[type] ?? `hardware-type ${type},`} `);
    return this.#each(1, ':', (at) => hexNumber(this.#d.u8(at), 2));
  }

  /** RFC 3046 */
  #agent(): boolean {
    const d = this.#d;
    while (this.#left >= 2) {
      const [code, size] = [this.#byte(), this.#byte()];
      const lead = `\n\t      ${AGENT[code] ?? 'Unknown'} SubOption ${code}, length ${size}: `;
      if (size > this.#left) return this.#complain(`${lead}length goes past end of option`);
      d.print(lead);
      if (AGENT[code] === undefined) d.unknown(this.#at, '\n\t\t', size);
      else if (!d.printn(this.#at, size)) return false;
      this.#at += size;
      this.#left -= size;
    }
    return true;
  }

  /** RFC 3004 */
  #userClass(): boolean {
    const d = this.#d;
    if (this.#left < 2) return this.#complain('[ERROR: length < 2 bytes]');
    for (let i = 1; this.#left > 0; i++) {
      const size = this.#byte();
      d.print(`\n\t      instance#${i}: `);
      if (size === 0) return this.#complain('[ERROR: suboption length must be non-zero]');
      if (this.#left < size) return this.#complain('[ERROR: invalid option]');
      if (!this.#quoted(size)) return false;
      d.print(`, length ${size}`);
    }
    return true;
  }

  /** RFC 3442 */
  #routes(): true {
    const d = this.#d;
    if (this.#left < 5) return this.#complain('[ERROR: length < 5 bytes]');
    for (let first = true; this.#left > 0; first = false) {
      if (!first) d.print(',');
      const width = this.#byte();
      if (width > 32) return this.#complain(`[ERROR: Mask width (${width}) > 32]`);
      const octets = Math.ceil(width / 8);
      if (this.#left < octets + 4)
        return this.#complain(`[ERROR: Remaining length (${this.#left}) < ${octets + 4} bytes]`);
      const net = Array.from({ length: 4 }, (_, i) => (i < octets ? this.#byte() : 0)).join('.');
      d.print(`(${width === 0 ? 'default' : `${net}/${width}`}:${d.ip4(this.#at)})`);
      this.#at += 4;
      this.#left -= 4;
    }
    return true;
  }
}
