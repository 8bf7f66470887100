import {
  type DnsMessage,
  type DnsRecord,
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  NOERROR,
  NXDOMAIN,
  opcodeName,
  rcodeName,
} from '@labwire/devices/dns';
import {
  type Answered,
  endOfAliases,
  type LookupDisplay,
  PLAIN_STYLE,
  questionLine,
  rdataText,
  recordLine,
  recordSets,
  type Session,
  shownName,
  typeText,
} from '../bind9-dnsutils/index.ts';

const TYPE_A = 1;
const TYPE_MX = 15;
const TYPE_AAAA = 28;
const TYPE_RRSIG = 46;
const TYPE_NSEC = 47;
const TYPE_NSEC3 = 50;
const TYPE_AXFR = 252;

/** What host says of each type. BIND bin/dig/host.c, rtypes */
const WORDS: Readonly<Record<number, string>> = {
  1: 'has address',
  2: 'name server',
  5: 'is an alias for',
  11: 'has well known services',
  12: 'domain name pointer',
  13: 'host information',
  15: 'mail is handled by',
  16: 'descriptive text',
  19: 'x25 address',
  20: 'ISDN address',
  24: 'has signature',
  25: 'has key',
  28: 'has IPv6 address',
  29: 'location',
};

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [FLAG_QR, 'qr'],
  [FLAG_AA, 'aa'],
  [FLAG_TC, 'tc'],
  [FLAG_RD, 'rd'],
  [FLAG_RA, 'ra'],
  [FLAG_AD, 'ad'],
  [FLAG_CD, 'cd'],
];

/** How host is to show what it finds. */
export interface HostSettings {
  verbose: boolean;
  /** No type was given: A, AAAA and MX. */
  all: boolean;
  /** -A: without DNSSEC's records. */
  almostAll: boolean;
  /** The server was named on the command line. */
  listedServer: boolean;
}

/** What host prints. BIND bin/dig/host.c, printmessage() */
export class HostDisplay implements LookupDisplay {
  readonly #settings: HostSettings;
  #session: Session | undefined;
  #printedServer = false;
  /** Undefined: no answer yet. */
  #failed: boolean | undefined;

  constructor(settings: HostSettings) {
    this.#settings = settings;
  }

  /** The session that it shows. */
  attach(session: Session): void {
    this.#session = session;
  }

  /** 1 if a name was not found or no server answered. */
  get exitCode(): number {
    return this.#failed === false ? 0 : 1;
  }

  trying(name: string): string {
    return this.#settings.verbose ? `Trying "${shownName(name)}"\n` : '';
  }

  answer(answered: Answered): string {
    const { message, lookup, name } = answered;
    const head = this.#serverHead(answered);
    if (message.rcode !== NOERROR) {
      this.#failed = true;
      const shown = message.rcode === NXDOMAIN ? lookup.text : shownName(name);
      return `${head}Host ${shown} not found: ${message.rcode}(${rcodeName(message.rcode)})\n`;
    }
    this.#failed ??= false;
    if (this.#settings.all && lookup.type === TYPE_A) this.#more(answered);
    if (this.#settings.verbose) return head + this.#details(message);
    const lines = this.#shown(message.answers, lookup.type).map(sentence).join('');
    const none = !this.#settings.all && message.answers.length === 0;
    return `${head}${lines}${none ? `${shownName(name)} has no ${typeText(lookup.type)} record\n` : ''}`;
  }

  /** Behind an A lookup come others for AAAA and MX. */
  #more({ lookup, name, message }: Answered): void {
    for (const type of [TYPE_AAAA, TYPE_MX]) {
      const next = lookup.clone();
      next.text = endOfAliases(name, message.answers);
      next.newSearch = false;
      next.needSearch = false;
      next.origin = undefined;
      next.type = type;
      next.retries = this.#session?.tries ?? next.retries;
      this.#session?.queue.push(next);
    }
  }

  #serverHead({ server }: Answered): string {
    if (!this.#settings.listedServer || this.#printedServer) return '';
    this.#printedServer = true;
    return `Using domain server:\nName: ${server.userArg}\nAddress: ${this.#session?.address(server)}\nAliases: \n\n`;
  }

  /** Records that are shown: of a zone, addresses, servers and pointers alone. */
  #shown(records: readonly DnsRecord[], asked: number): DnsRecord[] {
    const dnssec = [TYPE_RRSIG, TYPE_NSEC, TYPE_NSEC3];
    const wanted = (r: DnsRecord) =>
      !(this.#settings.almostAll && dnssec.includes(r.type)) &&
      (asked !== TYPE_AXFR || [1, 2, 12, 28].includes(r.type));
    return recordSets(records.filter(wanted)).flat();
  }

  #details(message: DnsMessage): string {
    const { flags, questions, answers, authorities, additionals, edns } = message;
    const names = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
    const extra = additionals.length + (edns === undefined ? 0 : 1);
    const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authorities.length}, ADDITIONAL: ${extra}`;
    const title = `;; ->>HEADER<<- opcode: ${opcodeName(message.opcode)}, status: ${rcodeName(message.rcode)}, id: ${message.id}\n`;
    const asked = questions.map((q) => questionLine(q, PLAIN_STYLE)).join('');
    return `${title};; flags: ${names.join(' ')}; ${counts}\n${[
      block('QUESTION', asked),
      block('ANSWER', this.#lines(answers)),
      block('AUTHORITY', this.#lines(authorities)),
      block('ADDITIONAL', this.#lines(additionals)),
    ].join('')}\n`;
  }

  #lines(records: readonly DnsRecord[]): string {
    return this.#shown(records, 0)
      .map((r) => recordLine(r, PLAIN_STYLE))
      .join('');
  }

  received({ server, bytes, micros }: Answered): string {
    if (!this.#settings.verbose) return '';
    const from = this.#session?.address(server);
    return `Received ${bytes.length} bytes from ${from} in ${Math.floor(micros / 1000)} ms\n`;
  }
}

function block(name: string, lines: string): string {
  return lines === '' ? '' : `\n;; ${name} SECTION:\n${lines}`;
}

function sentence(record: DnsRecord): string {
  const words = WORDS[record.type] ?? `has ${typeText(record.type)} record`;
  return `${shownName(record.name)} ${words} ${rdataText(record)}\n`;
}
