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
  FLAG_Z,
  FORMERR,
  isInDomain,
  NOTIMP,
  opcodeName,
  rcodeName,
} from '@labwire/devices/dns';
import { formatDate } from '../../coreutils/index.ts';
import {
  type Answered,
  type Lookup,
  type LookupDisplay,
  PLAIN_STYLE,
  questionLine,
  type RecordStyle,
  rdataText,
  recordLine,
  recordSets,
  type Session,
} from '../dighost/index.ts';
import { ednsText } from './edns-text.ts';
import type { DigSettings } from './settings.ts';

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [FLAG_QR, 'qr'],
  [FLAG_AA, 'aa'],
  [FLAG_TC, 'tc'],
  [FLAG_RD, 'rd'],
  [FLAG_RA, 'ra'],
  [FLAG_AD, 'ad'],
  [FLAG_CD, 'cd'],
];

function styleOf(lookup: Lookup): RecordStyle {
  const { noTtl, noClass, multiline, ttlUnits, unknownFormat } = lookup;
  const narrow = multiline || (noTtl && noClass);
  const columns: RecordStyle['columns'] = narrow
    ? [24, 24, 24, 32]
    : noTtl || noClass
      ? [24, 24, 32, 40]
      : PLAIN_STYLE.columns;
  return { columns, ttl: !noTtl, class: !noClass, multiline, ttlUnits, unknown: unknownFormat };
}

/** What dig prints. BIND bin/dig/dig.c, printmessage(), received() */
export class DigDisplay implements LookupDisplay {
  readonly #settings: DigSettings;
  #session: Session | undefined;

  constructor(settings: DigSettings) {
    this.#settings = settings;
  }

  /** The session that it shows. */
  attach(session: Session): void {
    this.#session = session;
  }

  sending(lookup: Lookup, message: DnsMessage, length: number): string {
    const shown = this.#message(lookup, message, ';; Sending:', true);
    return lookup.stats ? `${shown};; QUERY SIZE: ${length}\n\n` : shown;
  }

  answer(answered: Answered): string {
    const { lookup, message } = answered;
    if (!this.#settings.short) return this.#message(lookup, message, ';; Got answer:', false);
    const head = this.#commandLine(lookup);
    return head + (lookup.answer ? this.#short(answered) : '');
  }

  #short({ lookup, message, server, micros }: Answered): string {
    const time = lookup.usec ? `${micros} us` : `${Math.floor(micros / 1000)} ms`;
    const from = lookup.identify ? ` from server ${this.#session?.host(server)} in ${time}.` : '';
    const records = recordSets(message.answers).flat();
    return records.map((r) => `${rdataText(r)}${from}\n`).join('');
  }

  /** The line that tells what was typed: once. */
  #commandLine(lookup: Lookup): string {
    const { commandLine } = lookup;
    lookup.commandLine = '';
    return this.#settings.short || !this.#settings.showCommand ? '' : commandLine;
  }

  #message(lookup: Lookup, message: DnsMessage, title: string, isQuery: boolean): string {
    const head = this.#commandLine(lookup);
    const transfer = lookup.type === 252 || lookup.type === 251;
    const comments = lookup.comments && !this.#settings.short;
    const intro = comments ? `${title}\n${header(message, lookup, isQuery)}\n` : '';
    const edns = comments && message.edns !== undefined ? ednsText(message.edns) : '';
    const sections = this.#settings.short && !transfer ? '' : this.#sections(lookup, message);
    return head + intro + edns + sections;
  }

  #sections(lookup: Lookup, message: DnsMessage): string {
    const style = styleOf(lookup);
    const section = (on: boolean, name: string, lines: string) => {
      if (!on || lines === '') return '';
      return lookup.comments ? `;; ${name} SECTION:\n${lines}\n` : lines;
    };
    const records = (list: readonly DnsRecord[]) =>
      recordSets(list)
        .map((set) => set.map((r, i) => recordLine(r, style, i === 0 || !style.multiline)).join(''))
        .join('');
    const questions = message.questions.map((q) => questionLine(q, style)).join('');
    return (
      section(lookup.question, 'QUESTION', questions) +
      section(lookup.answer, 'ANSWER', records(message.answers)) +
      section(lookup.authority, 'AUTHORITY', records(message.authorities)) +
      section(lookup.additional, 'ADDITIONAL', records(message.additionals))
    );
  }

  received({ lookup, server, bytes, micros }: Answered): string {
    const session = this.#session;
    if (this.#settings.short || session === undefined) return '';
    const from = session.address(server);
    const time = lookup.usec ? `${micros} usec` : `${Math.floor(micros / 1000)} msec`;
    if (!lookup.stats) {
      if (!lookup.identify) return '';
      const short = lookup.usec ? `${micros} us` : `${Math.floor(micros / 1000)} ms`;
      return `;; Received ${bytes.length} bytes from ${from}(${server.userArg}) in ${short}\n\n`;
    }
    const when = formatDate('%a %b %d %H:%M:%S %Z %Y', session.proc.machine.wallClock);
    const how = lookup.tcp ? 'TCP' : 'UDP';
    return `;; Query time: ${time}\n;; SERVER: ${from}(${server.userArg}) (${how})\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${bytes.length}\n\n`;
  }
}

const LOCAL_WARNING = `;; WARNING: .local is reserved for Multicast DNS
;; You are currently testing what happens when an mDNS query is leaked to DNS
`;

function header(message: DnsMessage, lookup: Lookup, isQuery: boolean): string {
  const { flags, questions, answers, authorities, additionals, edns } = message;
  const local = questions.some((q) => isInDomain(q.name, 'local')) ? LOCAL_WARNING : '';
  const rcode = message.rcode | ((edns?.extendedRcode ?? 0) << 4);
  const names = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => ` ${name}`);
  const zero = (flags & FLAG_Z) !== 0 ? '; MBZ: 0x4' : '';
  const extra = additionals.length + (edns === undefined ? 0 : 1);
  const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authorities.length}, ADDITIONAL: ${extra}`;
  const status = `status: ${rcodeName(rcode)}, id: ${message.id}`;
  const noRecursion = !isQuery && (flags & FLAG_RD) !== 0 && (flags & FLAG_RA) === 0;
  return (
    `${local};; ->>HEADER<<- opcode: ${opcodeName(message.opcode)}, ${status}\n` +
    `;; flags:${names.join('')}${zero}; ${counts}\n` +
    (noRecursion ? ';; WARNING: recursion requested but not available\n' : '') +
    (isQuery ? '' : ednsRefused(message, lookup))
  );
}

/** A server that does not know EDNS. */
function ednsRefused({ rcode, edns }: DnsMessage, lookup: Lookup): string {
  if (lookup.edns === undefined || edns !== undefined) return '';
  if (rcode !== FORMERR && rcode !== NOTIMP) return '';
  const other = lookup.dnssec ? '+nodnssec ' : '';
  return `\n;; WARNING: EDNS query returned status ${rcodeName(rcode)} - retry with '${other}+noedns'\n`;
}
