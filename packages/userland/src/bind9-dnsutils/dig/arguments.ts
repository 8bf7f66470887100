import { classNumber, typeNumber } from '@labwire/devices/dns';
import { getoptRows, parseInet } from '../../libc-net/index.ts';
import type { Manual } from '../../machine/index.ts';
import {
  BIND_VERSION,
  type Lookup,
  LookupFatal,
  reverseText,
  type Session,
  serversNamed,
} from '../dighost/index.ts';
import { PlusError, parseUint, plusOption, plusRows } from './plus-options.ts';
import type { DigSettings } from './settings.ts';

const TYPE_PTR = 12;
const TYPE_NS = 2;
const TYPE_IXFR = 251;
const TYPE_AXFR = 252;
const TYPE_ANY = 255;
/** Options of one dash that take no value, and all options of one dash. */
const SINGLE = '46dhimnruv';
const ALL = '46bcdfhikmnpqrtvyx';

/** Letters of the options for keys, which are not here. */
const REFUSED = 'ky';

/** What dig can be told. */
export function digManual(): Manual {
  const letters = [...new Set(ALL + SINGLE)].map((c) => (SINGLE.includes(c) ? c : `${c}:`));
  return [
    { title: 'Options', rows: getoptRows({ letters: letters.join(''), refused: REFUSED }) },
    { title: 'Options of a query; `no` behind the plus turns them off', rows: plusRows() },
  ];
}

/** A word of the command line that dig does not know: its usage is shown. */
export class DigUsage extends Error {}

/** The number of a type by name or as `TYPE…`. */
function typeOf(word: string): number | undefined {
  const numbered = /^TYPE(\d{1,5})$/i.exec(word)?.[1];
  const type = numbered === undefined ? typeNumber(word) : Number(numbered);
  return type !== undefined && type <= 0xffff ? type : undefined;
}

function classOf(word: string): number | undefined {
  const numbered = /^CLASS(\d{1,5})$/i.exec(word)?.[1];
  return numbered === undefined ? classNumber(word) : Number(numbered);
}

/** Refuses options that are none before anything else is done. preparse_args() @throws DigUsage, LookupFatal */
export function checkDashes(args: readonly string[]): void {
  let family = '';
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (!word.startsWith('-')) continue;
    let rest = word.slice(1);
    for (; rest !== '' && SINGLE.includes(rest[0] as string); rest = rest.slice(1)) {
      const c = rest[0] as string;
      if (c !== '4' && c !== '6') continue;
      if (family !== '' && family !== c) throw new LookupFatal('only one of -4 and -6 allowed', 1);
      family = c;
    }
    if (rest === '') continue;
    if (!ALL.includes(rest[0] as string)) throw new DigUsage(`Invalid option: -${rest}`);
    if (rest.length === 1 && ++i >= args.length) throw new DigUsage(`Invalid option: -${rest}`);
  }
}

/** What reading the command line came to beside lookups: a text to print instead, or a file of more lines. */
export interface DigRequest {
  readonly show: 'help' | 'version' | undefined;
  readonly batch: string | undefined;
}

/** Reads dig's command line, word by word: what comes before a name holds for all, what comes behind it for that one. BIND bin/dig/dig.c, parse_args() */
export class DigArguments {
  readonly #session: Session;
  readonly #settings: DigSettings;
  readonly #args: readonly string[];
  readonly #defaults: Lookup;
  readonly #isBatch: boolean;
  #lookup: Lookup;
  #found: Lookup[] = [];
  #fresh = true;
  #openTypeClass = true;
  #serverCount = 0;
  #batch: string | undefined;

  /** @param defaults what a lookup begins with; of a line of a batch file: what the command line has said */
  constructor(
    session: Session,
    settings: DigSettings,
    args: readonly string[],
    defaults: Lookup,
    isBatch: boolean,
  ) {
    this.#session = session;
    this.#settings = settings;
    this.#args = args;
    this.#defaults = defaults;
    this.#isBatch = isBatch;
    this.#lookup = isBatch ? defaults.clone() : defaults;
    this.#fresh = !isBatch;
  }

  /** Reads all; the lookups go into the session's queue. @throws LookupFatal, DigUsage, PlusError */
  async read(): Promise<DigRequest> {
    for (let i = 0; i < this.#args.length; i++) {
      const word = this.#args[i] as string;
      if (word.startsWith('%')) break;
      if (word.startsWith('@')) await this.#server(word.slice(1));
      else if (word.startsWith('+')) await this.#plus(word.slice(1));
      else if (word.startsWith('-')) {
        const { used, show } = await this.#dash(word.slice(1), this.#args[i + 1]);
        if (show !== undefined) return { show, batch: undefined };
        if (used) i++;
      } else if (!(await this.#typeOrClass(word))) this.#name(word);
    }
    if (this.#found.length === 0 && this.#batch === undefined && !this.#isBatch) this.#root();
    this.#session.queue.push(...this.#found);
    return { show: undefined, batch: this.#batch };
  }

  async #server(text: string): Promise<void> {
    const servers = await serversNamed(this.#session, text);
    this.#serverCount = servers.length;
    this.#lookup.servers.push(...servers);
  }

  async #plus(text: string): Promise<void> {
    try {
      const global = this.#lookup === this.#defaults;
      const { session, settings, lookup } = {
        session: this.#session,
        settings: this.#settings,
        lookup: this.#lookup,
      };
      plusOption({ session, settings, lookup, global }, text);
    } catch (e) {
      if (!(e instanceof PlusError) || e.kind !== 'invalid') throw e;
      throw new DigUsage(`Invalid option: +${text.split('=')[0]}`);
    }
  }

  #warn(text: string): Promise<void> {
    return this.#session.proc.err(`;; Warning, ${text}\n`);
  }

  async #dash(
    text: string,
    next: string | undefined,
  ): Promise<{ readonly used: boolean; readonly show?: 'help' | 'version' }> {
    let rest = text;
    for (; rest !== '' && SINGLE.includes(rest[0] as string); rest = rest.slice(1)) {
      if (rest[0] === 'h') return { used: false, show: 'help' };
      if (rest[0] === 'v') return { used: false, show: 'version' };
      if (rest[0] === 'u') this.#lookup.usec = true;
    }
    if (rest === '') return { used: false };
    const used = rest.length === 1;
    const value = used ? (next ?? '') : rest.slice(1);
    await this.#valued(rest[0] as string, value);
    return { used };
  }

  async #valued(letter: string, value: string): Promise<void> {
    switch (letter) {
      case 'b':
        this.#bind(value);
        break;
      case 'c':
        await this.#class(value);
        break;
      case 'f':
        this.#batch = value;
        break;
      case 'p':
        this.#session.port = parseUint(value, 65_535, 'port number');
        break;
      case 'q':
        this.#name(value);
        break;
      case 't':
        await this.#type(value);
        break;
      case 'x':
        this.#reverse(value);
        break;
      default:
        throw new LookupFatal(`-${letter} is not supported: there are no keys`, 1);
    }
  }

  #bind(value: string): void {
    const [host = '', port] = value.split('#');
    const addr = parseInet(host);
    if (addr === undefined) throw new LookupFatal(`invalid address ${host}`, 1);
    this.#session.source = { addr, port: port === undefined ? 0 : Number(port) };
  }

  async #class(value: string): Promise<void> {
    if (this.#lookup.classSet) await this.#warn('extra class option');
    this.#openTypeClass = false;
    const cls = classOf(value);
    if (cls === undefined) await this.#warn(`ignoring invalid class ${value}`);
    else this.#setClass(cls);
  }

  #setClass(cls: number): void {
    this.#lookup.class = cls;
    this.#lookup.classSet = true;
  }

  async #type(value: string): Promise<void> {
    this.#openTypeClass = false;
    const type = /^ixfr=/i.test(value) ? TYPE_IXFR : typeOf(value);
    const known = type !== undefined && (type !== TYPE_IXFR || value.includes('='));
    if (!known) await this.#warn(`ignoring invalid type ${value}`);
    else await this.#setType(type);
  }

  async #setType(type: number): Promise<void> {
    const lookup = this.#lookup;
    if (lookup.typeSet) await this.#warn('extra type option');
    lookup.type = type;
    lookup.typeSet = true;
    if (type === TYPE_AXFR || type === TYPE_IXFR) {
      lookup.question = this.#settings.plusQuestion;
      lookup.comments = this.#settings.plusComments;
    }
    if (type === TYPE_AXFR) lookup.tcp = true;
    else if ((type === TYPE_ANY || type === TYPE_IXFR) && !lookup.tcpSet) lookup.tcp = true;
  }

  /** Until -t or -c is used, a word that is a type or a class is one. */
  async #typeOrClass(word: string): Promise<boolean> {
    if (!this.#openTypeClass) return false;
    const type = /^ixfr=/i.test(word) ? TYPE_IXFR : typeOf(word);
    if (type === TYPE_IXFR && !word.includes('=')) {
      await this.#warn('ixfr requires a serial number');
      return true;
    }
    if (type !== undefined) {
      await this.#setType(type);
      return true;
    }
    const cls = classOf(word);
    if (cls === undefined) return false;
    if (this.#lookup.classSet) await this.#warn('extra class option');
    this.#setClass(cls);
    return true;
  }

  #next(): Lookup {
    if (this.#fresh) this.#lookup = this.#defaults.clone();
    this.#fresh = true;
    return this.#lookup;
  }

  #add(lookup: Lookup): void {
    if (this.#found.length === 0) lookup.commandLine = this.#greeting();
    this.#found.push(lookup);
  }

  #name(text: string): void {
    const lookup = this.#next();
    lookup.text = text;
    this.#add(lookup);
  }

  #reverse(value: string): void {
    const lookup = this.#next();
    lookup.text = reverseText(value, false) ?? value;
    if (!lookup.typeSet) lookup.type = TYPE_PTR;
    this.#add(lookup);
  }

  #root(): void {
    const lookup = this.#next();
    lookup.text = '.';
    lookup.type = TYPE_NS;
    lookup.typeSet = true;
    this.#add(lookup);
  }

  /** printgreeting() */
  #greeting(): string {
    const { short, showCommand } = this.#settings;
    if (!showCommand) return '';
    const words = this.#args.map((w) => ` ${w}`).join('');
    const title = `; <<>> DiG ${BIND_VERSION} <<>>${words}\n`;
    if (this.#isBatch) return title;
    const count = this.#serverCount;
    const found = count === 0 ? '' : `; (${count} server${count > 1 ? 's' : ''} found)\n`;
    return `\n${title}${found};; global options:${short ? ' +short' : ''} +cmd\n`;
  }
}
