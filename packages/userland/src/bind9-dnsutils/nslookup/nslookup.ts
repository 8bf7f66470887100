import { utf8Decode } from '@labwire/core/bytes';
import { classNumber, typeNumber } from '@labwire/devices/dns';
import type { Process } from '../../machine/index.ts';
import {
  BIND_VERSION,
  Lookup,
  LookupFatal,
  reverseText,
  runLookups,
  Session,
  serversNamed,
  setupFromResolvConf,
} from '../dighost/index.ts';
import { NslookupDisplay } from './display.ts';
import { type NslookupSettings, nslookupSettings, setOption } from './options.ts';

const TYPE_A = 1;
const TYPE_PTR = 12;
const TYPE_ANY = 255;

const USAGE = `Usage:
   nslookup [-opt ...]             # interactive mode using default server
   nslookup [-opt ...] - server    # interactive mode using 'server'
   nslookup [-opt ...] host        # just look up 'host' using default server
   nslookup [-opt ...] host server # just look up 'host' using 'server'
`;

/** nslookup(1). BIND bin/dig/nslookup.c */
export async function nslookup(proc: Process): Promise<number> {
  const settings = nslookupSettings();
  const display = new NslookupDisplay(settings);
  const session = new Session(proc, display);
  display.attach(session);
  session.checkRecursion = true;
  session.useSearch = true;
  setupFromResolvConf(session);
  try {
    return await new Nslookup(session, settings, display).run(proc.argv.slice(1));
  } catch (e) {
    if (!(e instanceof LookupFatal)) throw e;
    await proc.err(`nslookup: ${e.message}\n`);
    return e.exitCode === 10 ? 10 : 1;
  }
}

class Nslookup {
  readonly #session: Session;
  readonly #settings: NslookupSettings;
  readonly #display: NslookupDisplay;
  #over = false;

  constructor(session: Session, settings: NslookupSettings, display: NslookupDisplay) {
    this.#session = session;
    this.#settings = settings;
    this.#display = display;
  }

  async run(args: readonly string[]): Promise<number> {
    let first: string | undefined;
    for (const [i, word] of args.entries()) {
      if (/^-ver/i.test(word)) {
        await this.#session.proc.err(`nslookup ${BIND_VERSION}\n`);
        return 0;
      }
      if (word.startsWith('-') && word !== '-') await this.#set(word.slice(1));
      else if (first === undefined) {
        first = word;
        if (word !== '-') await this.#add(word);
      } else if (i < args.length - 1) {
        await this.#session.proc.err(USAGE);
        return 1;
      } else await this.#useServer(word);
    }
    if (first !== undefined && first !== '-') await runLookups(this.#session);
    else await this.#interact();
    await this.#session.out('\n');
    return this.#display.exitCode;
  }

  async #set(text: string): Promise<void> {
    await this.#session.out(setOption(this.#session, this.#settings, text));
  }

  async #useServer(text: string): Promise<void> {
    this.#session.servers = await serversNamed(this.#session, text);
    this.#session.checkRecursion = false;
  }

  /** addlookup() */
  async #add(text: string): Promise<void> {
    const { type, class: cls, recurse, tcp, tcpSet, noFail } = this.#settings;
    const lookup = new Lookup();
    const reverse = reverseText(text, true);
    this.#display.noAddress = false;
    lookup.text = reverse ?? text;
    lookup.type = reverse === undefined ? (typeNumber(type) ?? TYPE_A) : TYPE_PTR;
    lookup.class = classNumber(cls) ?? 1;
    lookup.recurse = recurse;
    lookup.retries = this.#session.tries;
    lookup.tcp = lookup.type === TYPE_ANY && !tcpSet ? true : tcp;
    lookup.servfailStops = !noFail;
    this.#session.queue.push(lookup);
  }

  /** Commands from standard input, one a line. */
  async #interact(): Promise<void> {
    const { proc } = this.#session;
    const prompt = proc.isTty(0) ? '> ' : '';
    let text = '';
    while (!this.#over) {
      await this.#session.out(prompt);
      let end = text.indexOf('\n');
      while (end < 0) {
        const chunk = await proc.read(0);
        if (chunk.length === 0) {
          if (text !== '') await this.#command(text);
          return;
        }
        text += utf8Decode(chunk);
        end = text.indexOf('\n');
      }
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      await this.#command(line);
    }
  }

  /** do_next_command() */
  async #command(line: string): Promise<void> {
    const [word = '', arg] = line.trim().split(/[ \t\r]+/);
    const lower = word.toLowerCase();
    if (word === '') return;
    if (lower === 'set' && arg !== undefined) await this.#set(arg);
    else if (lower === 'server' || lower === 'lserver') await this.#server(arg);
    else if (lower === 'exit') this.#over = true;
    else if (lower === 'help' || lower === '?')
      await this.#session.out(`The '${word}' command is not yet implemented.\n`);
    else if (['finger', 'root', 'ls', 'view'].includes(lower))
      await this.#session.out(`The '${word}' command is not implemented.\n`);
    else {
      await this.#add(word);
      await runLookups(this.#session);
    }
  }

  async #server(text: string | undefined): Promise<void> {
    if (text !== undefined) await this.#useServer(text);
    for (const server of this.#session.servers)
      await this.#session.out(
        `Default server: ${server.userArg}\nAddress: ${this.#session.address(server)}\n`,
      );
  }
}
