import { type DnsRecord, FLAG_AA, NOERROR, rcodeName, sameName } from '@labwire/devices/dns';
import {
  type Answered,
  classText,
  type LookupDisplay,
  rdataText,
  recordSets,
  type Session,
  shownName,
  typeText,
} from '../dighost/index.ts';
import type { NslookupSettings } from './options.ts';

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_SOA = 6;
const TYPE_AAAA = 28;

/** What stands before the data of each type. BIND bin/dig/nslookup.c, rtypetext */
const LABELS: readonly string[] = [
  'rtype_0 = ',
  'internet address = ',
  'nameserver = ',
  'md = ',
  'mf = ',
  'canonical name = ',
  'soa = ',
  'mb = ',
  'mg = ',
  'mr = ',
  'rtype_10 = ',
  'protocol = ',
  'name = ',
  'hinfo = ',
  'minfo = ',
  'mail exchanger = ',
  'text = ',
  'rp = ',
  'afsdb = ',
  'x25 address = ',
  'isdn address = ',
  'rt = ',
  'nsap = ',
  'nsap_ptr = ',
  'signature = ',
  'key = ',
  'px = ',
  'gpos = ',
  'has AAAA address ',
  'loc = ',
  'next = ',
  'rtype_31 = ',
  'rtype_32 = ',
  'service = ',
  'rtype_34 = ',
  'naptr = ',
  'kx = ',
  'cert = ',
  'v6 address = ',
  'dname = ',
  'rtype_40 = ',
  'optional = ',
];

function labelled(record: DnsRecord): string {
  return `${LABELS[record.type] ?? `rdata_${record.type} = `}${rdataText(record)}\n`;
}

function soa({ data }: DnsRecord): string {
  const [origin, mail, serial, refresh, retry, expire, minimum] = data;
  const name = (n: unknown) => shownName(n as string);
  return `\torigin = ${name(origin)}\n\tmail addr = ${name(mail)}\n\tserial = ${serial}\n\trefresh = ${refresh}\n\tretry = ${retry}\n\texpire = ${expire}\n\tminimum = ${minimum}\n`;
}

/** A section in short. printsection() */
function section(records: readonly DnsRecord[], isAnswer: boolean): string {
  const lines = recordSets(records)
    .flat()
    .map((record) => {
      const name = shownName(record.name);
      const isAddress = record.type === TYPE_A || record.type === TYPE_AAAA;
      if (isAddress && isAnswer) return `Name:\t${name}\nAddress: ${rdataText(record)}\n`;
      if (record.type === TYPE_SOA) return `${name}\n${soa(record)}`;
      return `${name}\t${labelled(record)}`;
    });
  return lines.join('');
}

/** A section in full, for `set debug`. detailsection() */
function details(title: string, records: readonly DnsRecord[]): string {
  const lines = recordSets(records)
    .flat()
    .map((r) => {
      const data = r.type === TYPE_SOA ? soa(r) : `\t${labelled(r)}`;
      return `    ->  ${shownName(r.name)}\n${data}\tttl = ${r.ttl}\n`;
    });
  return `    ${title}:\n${lines.join('')}`;
}

/** What nslookup prints. BIND bin/dig/nslookup.c, printmessage() */
export class NslookupDisplay implements LookupDisplay {
  readonly #settings: NslookupSettings;
  #session: Session | undefined;
  /** There was no A record, which is told only if there is no AAAA record either. */
  noAddress = false;
  #reached = false;
  #failed = false;

  constructor(settings: NslookupSettings) {
    this.#settings = settings;
  }

  /** The session that it shows. */
  attach(session: Session): void {
    this.#session = session;
  }

  /** 1 if no server was reached, or one said that there is no such name. */
  get exitCode(): number {
    return !this.#reached || this.#failed ? 1 : 0;
  }

  answer(answered: Answered): string {
    this.#reached = true;
    const { lookup, message } = answered;
    const first = !this.#settings.both || lookup.type === TYPE_A;
    const head = (first ? this.#head(answered) : '') + this.#debug(answered);
    if (message.rcode !== NOERROR) {
      this.#failed = true;
      return `${head}** server can't find ${shownName(answered.name)}: ${rcodeName(message.rcode)}\n`;
    }
    if (this.#settings.both && lookup.type === TYPE_A) this.#alsoIpv6(answered);
    const authoritative = (message.flags & FLAG_AA) !== 0;
    const note = !authoritative && first ? 'Non-authoritative answer:\n' : '';
    return head + note + this.#answers(answered) + this.#authorities(answered, authoritative);
  }

  #head({ server }: Answered): string {
    return `Server:\t\t${server.userArg}\nAddress:\t${this.#session?.address(server)}\n\n`;
  }

  #debug({ message }: Answered): string {
    if (!this.#settings.debug) return '';
    const questions = message.questions.map(
      (q) => `\t${shownName(q.name)}, type = ${typeText(q.type)}, class = ${classText(q.class)}\n`,
    );
    const rule = '------------\n';
    return (
      `${rule}    QUESTIONS:\n${questions.join('')}` +
      details('ANSWERS', message.answers) +
      details('AUTHORITY RECORDS', message.authorities) +
      details('ADDITIONAL RECORDS', message.additionals) +
      rule
    );
  }

  /** Behind an A lookup comes one for AAAA, of the name at the end of the CNAMEs. */
  #alsoIpv6({ lookup, name, message }: Answered): void {
    const next = lookup.clone();
    next.text = endOfAliases(name, message.answers);
    next.newSearch = false;
    next.needSearch = false;
    next.type = TYPE_AAAA;
    next.origin = undefined;
    next.retries = this.#session?.tries ?? next.retries;
    this.#session?.queue.push(next);
  }

  #answers({ lookup, message }: Answered): string {
    if (message.answers.length > 0) return section(message.answers, true);
    if (this.#settings.both && lookup.type === TYPE_A) {
      this.noAddress = true;
      return '';
    }
    const none = !this.#settings.both || (lookup.type === TYPE_AAAA && this.noAddress);
    return none ? `*** Can't find ${lookup.text}: No answer\n` : '';
  }

  #authorities({ lookup, message }: Answered, authoritative: boolean): string {
    if (authoritative || lookup.type === TYPE_A || lookup.type === TYPE_AAAA) return '';
    const records = section(message.authorities, false) + section(message.additionals, false);
    return `\nAuthoritative answers can be found from:\n${records}`;
  }
}

/** The name at the end of the CNAMEs of an answer. chase_cnamechain() */
export function endOfAliases(name: string, answers: readonly DnsRecord[]): string {
  let at = name;
  for (let i = 0; i < answers.length; i++) {
    const alias = answers.find((r) => r.type === TYPE_CNAME && sameName(r.name, at));
    if (alias === undefined) break;
    at = alias.data[0] as string;
  }
  return at;
}
