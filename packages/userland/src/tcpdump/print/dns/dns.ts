import { type Dissector, hexNumber } from '../base/index.ts';
import { DNS_CLASSES, recordPrint } from './dns-record.ts';
import { DNS_TYPES } from './dns-tables.ts';
import { fqdnPrint, skipName } from './fqdn.ts';

const OPCODES: readonly string[] = [
  '',
  ' inv_q',
  ' stat',
  ' op3',
  ' notify',
  ' update',
  ' op6',
  ' op7',
  ' op8',
  ' updateA',
  ' updateD',
  ' updateDA',
  ' updateM',
  ' updateMA',
  ' zoneInit',
  ' zoneRef',
];
/** As tcpdump has them: two lack the blank before them. */
const RCODES: readonly string[] = [
  '',
  ' FormErr',
  ' ServFail',
  ' NXDomain',
  ' NotImp',
  ' Refused',
  ' YXDomain',
  ' YXRRSet',
  ' NXRRSet',
  ' NotAuth',
  ' NotZone',
  ' Resp11',
  ' Resp12',
  ' Resp13',
  ' Resp14',
  ' NoChange',
  ' BadVers',
  'Resp17',
  ' Resp18',
  ' Resp19',
  ' Resp20',
  'Resp21',
  ' Resp22',
  ' BadCookie',
];
const IN = 1;
const OPT = 41;
const HEADER = 12;
const IQUERY = 1;

/** A message on its way into text. */
class Message {
  readonly #d: Dissector;
  readonly #base: number;
  readonly #mdns: boolean;
  #at: number;

  constructor(d: Dissector, base: number, mdns: boolean) {
    this.#d = d;
    this.#base = base;
    this.#mdns = mdns;
    this.#at = base + HEADER;
  }

  get #flags(): number {
    return this.#d.u16(this.#base + 2);
  }

  /** How many records a section has: question, answer, authority, additional. */
  #count(section: 0 | 1 | 2 | 3): number {
    return this.#d.u16(this.#base + 4 + 2 * section);
  }

  /** @returns whether the message is whole */
  print(): boolean {
    return (this.#flags & 0x8000) !== 0 ? this.#response() : this.#request();
  }

  #response(): boolean {
    const d = this.#d;
    const flags = this.#flags;
    const set = (bit: number, text: string, other = '') => ((flags & bit) !== 0 ? text : other);
    const rcode = this.#rcode();
    d.print(
      `${d.u16(this.#base)}${OPCODES[(flags >> 11) & 15]}${RCODES[rcode] ?? ` Resp${rcode & 0xfff}`}${set(0x400, '*')}${set(0x80, '', '-')}${set(0x200, '|')}${set(0x20, '$')}`,
    );
    const questions = this.#count(0);
    if (questions !== 1) d.print(` [${questions}q]`);
    for (let i = 0; i < questions; i++) {
      if (i > 0) d.print(',');
      if (d.o.verbose > 1) d.print(' q:');
      if (!(d.o.verbose > 1 ? this.#question() : this.#skipQuestion())) return false;
    }
    d.print(` ${this.#count(1)}/${this.#count(2)}/${this.#count(3)}`);
    if (!this.#records(this.#count(1), '')) return false;
    if (d.o.verbose <= 1) return true;
    return this.#later(2, ' ns:') && this.#later(3, ' ar:');
  }

  #request(): boolean {
    const d = this.#d;
    const flags = this.#flags;
    const opcode = (flags >> 11) & 15;
    d.print(
      `${d.u16(this.#base)}${OPCODES[opcode]}${(flags & 0x100) !== 0 ? '+' : ''}${(flags & 0x10) !== 0 ? '%' : ''}`,
    );
    if ((flags & 0x6cf) !== 0) d.print(` [b2&3=0x${hexNumber(flags)}]`);
    const [questions, answers] = [this.#count(0), this.#count(1)];
    if (opcode === IQUERY) {
      if (questions !== 0) d.print(` [${questions}q]`);
      if (answers !== 1) d.print(` [${answers}a]`);
    } else {
      if (answers !== 0) d.print(` [${answers}a]`);
      if (questions !== 1) d.print(` [${questions}q]`);
    }
    if (this.#count(2) !== 0) d.print(` [${this.#count(2)}n]`);
    if (this.#count(3) !== 0) d.print(` [${this.#count(3)}au]`);
    for (let i = 0; i < questions; i++)
      if ((i > 0 && this.#at >= d.end) || !this.#question()) return false;
    if (d.o.verbose <= 1) return true;
    return this.#records(answers, '') && this.#later(2, ' ns:') && this.#later(3, ' ar:');
  }

  /** The response code, with the upper bits that an OPT record adds. */
  #rcode(): number {
    return (this.#flags & 15) | (this.#upperRcode() << 4);
  }

  #upperRcode(): number {
    const d = this.#d;
    let at: number | undefined = this.#base + HEADER;
    for (let i = 0; i < this.#count(0); i++) {
      at = skipName(d, at);
      if (at === undefined) return 0;
      at += 4;
      if (at >= d.end) return 0;
    }
    const before = this.#count(1) + this.#count(2);
    for (let i = 0; i < before + this.#count(3); i++) {
      at = skipName(d, at);
      if (at === undefined || (i >= before && at + 2 > d.end)) return 0;
      if (i >= before && d.u16(at) === OPT) return d.has(at + 4, 1) ? d.u8(at + 4) : 0;
      at += 8;
      if (at + 2 > d.end) return 0;
      at += 2 + d.u16(at);
      if (at >= d.end) return 0;
    }
    return 0;
  }

  #skipQuestion(): boolean {
    const end = skipName(this.#d, this.#at);
    if (end === undefined) return false;
    this.#at = end + 4;
    return true;
  }

  #question(): boolean {
    const d = this.#d;
    const end = skipName(d, this.#at);
    if (end === undefined || !d.has(end, 4)) return false;
    const [type, klass] = [d.u16(end), d.u16(end + 2)];
    const plain = this.#mdns ? klass & 0x7fff : klass;
    d.print(` ${DNS_TYPES[type] ?? `Type${type}`}`);
    if (plain !== IN) d.print(` ${DNS_CLASSES[plain] ?? `(Class ${plain})`}`);
    if (this.#mdns) d.print((klass & 0x8000) !== 0 ? ' (QU)' : ' (QM)');
    d.print('? ');
    const after = fqdnPrint(d, this.#at, this.#base);
    if (after === undefined) return false;
    this.#at = after + 4;
    return true;
  }

  /** Authority or additional records. */
  #later(section: 2 | 3, label: string): boolean {
    const count = this.#count(section);
    if (count === 0) return true;
    return this.#at < this.#d.end && this.#records(count, label);
  }

  #records(count: number, label: string): boolean {
    for (let i = 0; i < count; i++) {
      if (i > 0 && this.#at >= this.#d.end) return false;
      this.#d.print(i > 0 ? ',' : label);
      const end = recordPrint(this.#d, this.#at, this.#base, this.#mdns);
      if (end === undefined) return false;
      this.#at = end;
    }
    return true;
  }
}

/** Prints a DNS message. print-domain.c, domain_print() */
export function dnsPrint(
  d: Dissector,
  start: number,
  whole: number,
  transport: 'udp' | 'tcp' | 'mdns',
): void {
  d.protocol = 'domain';
  let base = start;
  let length = whole;
  if (transport === 'tcp') {
    if (length < 2) {
      d.print(` [DNS over TCP: length ${length} < 2]`);
      d.invalid();
      return;
    }
    length -= 2;
    const prefix = d.u16(base);
    if (prefix !== length) {
      d.print(` [prefix length(${prefix}) != length(${length})]`);
      d.invalid();
      return;
    }
    base += 2;
    d.print(' ');
  }
  if (length < HEADER) {
    d.print(`domain [length ${length} < ${HEADER}]`);
    d.invalid();
    return;
  }
  if (d.has(base, HEADER) && new Message(d, base, transport === 'mdns').print())
    d.print(` (${length})`);
  else d.trunc();
}
