import { type Ipv4Addr, ipv4Mask, parseIpv4 } from '@labwire/core/addr';
import type { DhcpOption } from '@labwire/devices/dhcp';
import { type ClientLease, parseTimeText, TIME_MAX } from '../lease/index.ts';
import type { DhclientOption, OptionSpace } from '../option-table.ts';
import {
  type ClientConfig,
  type DhclientConf,
  defaultConfig,
  type OptionChange,
} from './client-conf.ts';
import { ConfError, type Lexer, type Token } from './lexer.ts';
import { readOptionValue } from './option-value.ts';

const SEMICOLON = 'semicolon expected.';

/** Is told what is wrong with a file, and goes on. */
export type Complain = (line: number, message: string) => void;

/** Letters of the types that a definition may name. */
const TYPES: Readonly<Record<string, string>> = {
  'integer 8': 'B',
  'integer 16': 'S',
  'integer 32': 'l',
  'unsigned integer 8': 'B',
  'unsigned integer 16': 'S',
  'unsigned integer 32': 'L',
  boolean: 'f',
  'ip-address': 'I',
  text: 't',
  string: 'X',
  'domain-list': 'D',
};

/** A lease as far as it is read. */
type StoredLease = { -readonly [K in keyof ClientLease]: ClientLease[K] } & {
  options: DhcpOption[];
};

/** Reads statements of dhclient.conf and dhclient.leases. client/clparse.c */
export class StatementReader {
  readonly #lexer: Lexer;
  readonly #conf: DhclientConf;
  readonly #hostname: string;
  readonly #complain: Complain;

  constructor(lexer: Lexer, conf: DhclientConf, hostname: string, complain: Complain) {
    this.#lexer = lexer;
    this.#conf = conf;
    this.#hostname = hostname;
    this.#complain = complain;
  }

  /** Reads all statements of a file into the configuration. */
  readConf(): void {
    while (this.#lexer.peek().kind !== 'end')
      this.#try(() => this.#statement(this.#conf.top, true));
  }

  /** Reads all leases of a lease file. */
  readLeases(): ClientLease[] {
    const leases: ClientLease[] = [];
    while (this.#lexer.peek().kind !== 'end')
      this.#try(() => {
        const token = this.#lexer.next();
        if (token.text === 'default-duid') this.#lexer.skipStatement();
        else if (token.text === 'lease') leases.push(this.#lease(false));
        else throw new ConfError('Corrupt lease file - possible data loss!', token.line);
      });
    return leases;
  }

  #try(read: () => void): void {
    try {
      read();
    } catch (e) {
      if (!(e instanceof ConfError)) throw e;
      this.#complain(e.line, e.message);
      this.#lexer.skipStatement();
    }
  }

  #statement(config: ClientConfig, top: boolean): void {
    const token = this.#lexer.next();
    switch (token.text) {
      case 'option':
        this.#optionStatement(config);
        return;
      case 'send':
        config.send.push(this.#optionAndValue());
        break;
      case 'supersede':
      case 'default':
      case 'prepend':
      case 'append':
        this.#change(config, token.text);
        break;
      case 'request':
        config.request = this.#names();
        break;
      case 'require':
        config.require = this.#names();
        break;
      case 'also':
        this.#also(config);
        break;
      case 'script':
        config.script = this.#lexer.next().text;
        break;
      case 'reject':
        this.#reject(config);
        break;
      case 'interface':
        this.#device(top, token);
        return;
      case 'lease':
        this.#conf.leases.push(this.#lease(true));
        return;
      default:
        this.#time(config, token);
    }
    this.#lexer.expect(';', SEMICOLON);
  }

  /** A statement with a number of seconds. */
  #time(config: ClientConfig, token: Token): void {
    const key = (
      {
        timeout: 'timeout',
        retry: 'retry',
        reboot: 'reboot',
        'select-timeout': 'selectTimeout',
        'initial-interval': 'initialInterval',
        'initial-delay': 'initialDelay',
        'backoff-cutoff': 'backoffCutoff',
      } as const
    )[token.text as 'timeout'];
    if (key === undefined) {
      const known = /^(?:alias|media|key|zone|vendor|on|if|do-forward-updates|omapi)$/.test(
        token.text,
      );
      throw new ConfError(known ? `${token.text} is not supported` : SEMICOLON, token.line);
    }
    const value = this.#lexer.next();
    if (!/^\d+$/.test(value.text)) throw new ConfError('Expecting numeric lease time', value.line);
    config[key] = Number(value.text);
  }

  /** `option NAME code N = TYPE`, or the value of an option to send. */
  #optionStatement(config: ClientConfig): void {
    const name = this.#lexer.next();
    if (this.#lexer.peek().text === 'code') {
      this.#definition(name);
      this.#lexer.expect(';', SEMICOLON);
      return;
    }
    config.send.push(this.#valueOf(this.#known(name)));
    this.#lexer.expect(';', SEMICOLON);
  }

  #definition(name: Token): void {
    this.#lexer.next();
    const code = this.#lexer.next();
    if (!/^\d+$/.test(code.text) || Number(code.text) > 254)
      throw new ConfError('expecting option code.', code.line);
    this.#lexer.expect('=', 'expecting "="');
    const many = this.#lexer.peek().text === 'array';
    if (many) {
      this.#lexer.next();
      this.#lexer.next();
    }
    const words: string[] = [];
    while (this.#lexer.peek().kind === 'word') words.push(this.#lexer.next().text);
    const type = words.join(' ').replace(/^signed /, '');
    const letter = TYPES[type];
    if (letter === undefined) throw new ConfError(`unknown data type ${type}`, code.line);
    const format = many ? `${letter}A` : letter;
    this.#conf.options.define({ name: name.text, code: Number(code.text), format });
  }

  #known(token: Token): DhclientOption {
    const option = this.#conf.options.byName(token.text);
    if (option === undefined)
      throw new ConfError(`no option named ${token.text} in space dhcp`, token.line);
    return option;
  }

  #valueOf(option: DhclientOption): DhcpOption {
    return { code: option.code, data: readOptionValue(this.#lexer, option, this.#hostname) };
  }

  #optionAndValue(): DhcpOption {
    const first = this.#lexer.next();
    return this.#valueOf(this.#known(first.text === 'option' ? this.#lexer.next() : first));
  }

  #change(config: ClientConfig, action: OptionChange['action']): void {
    config.changes.push({ action, ...this.#optionAndValue() });
  }

  /** A list of options; those of DHCPv6 are passed over. */
  #names(): number[] {
    const codes: number[] = [];
    if (this.#lexer.peek().text === ';') return codes;
    do {
      const token = this.#lexer.next();
      if (token.text.startsWith('dhcp6.')) continue;
      codes.push(this.#known(token).code);
    } while (this.#lexer.accept(','));
    return codes;
  }

  #also(config: ClientConfig): void {
    const { text, line } = this.#lexer.next();
    if (text === 'request') config.request = [...config.request, ...this.#names()];
    else if (text === 'require') config.require = [...config.require, ...this.#names()];
    else throw new ConfError('expecting a statement.', line);
  }

  #reject(config: ClientConfig): void {
    do {
      const token = this.#lexer.next();
      const [text = '', length = '32'] = token.text.split('/');
      const addr = parseIpv4(text);
      if (addr === undefined) throw new ConfError('expecting IP address.', token.line);
      config.reject.push({ addr, mask: ipv4Mask(Number(length)) });
    } while (this.#lexer.accept(','));
  }

  /** `interface "NAME" { … }`: what goes for one device, on top of what goes for all. */
  #device(top: boolean, token: Token): void {
    if (!top) throw new ConfError('Nested interface declaration.', token.line);
    const name = this.#lexer.next().text;
    this.#lexer.expect('{', 'expecting left brace.');
    const { top: base } = this.#conf;
    const own: ClientConfig = {
      ...defaultConfig(),
      ...base,
      send: [...base.send],
      changes: [...base.changes],
      reject: [...base.reject],
    };
    this.#conf.devices.set(name, own);
    while (!this.#lexer.accept('}')) {
      if (this.#lexer.peek().kind === 'end')
        throw new ConfError('unexpected end of file', token.line);
      this.#try(() => this.#statement(own, false));
    }
  }

  #lease(isStatic: boolean): ClientLease {
    this.#lexer.expect('{', 'expecting left brace.');
    const lease: StoredLease = {
      device: '',
      addr: 0 as Ipv4Addr,
      nextServer: 0 as Ipv4Addr,
      fileName: undefined,
      serverName: undefined,
      options: [],
      renewal: 0,
      rebind: 0,
      expiry: 0,
      bootp: false,
      isStatic,
    };
    while (!this.#lexer.accept('}')) {
      const { kind, line } = this.#lexer.peek();
      if (kind === 'end') throw new ConfError('unterminated lease declaration.', line);
      this.#try(() => this.#leaseDeclaration(lease));
    }
    return lease;
  }

  /** What is wrong with one declaration does not spoil the lease. parse_client_lease_declaration() */
  #leaseDeclaration(lease: StoredLease): void {
    const token = this.#lexer.next();
    if (token.text === 'interface') lease.device = this.#lexer.next().text;
    else if (token.text === 'filename') lease.fileName = this.#lexer.next().text;
    else if (token.text === 'server-name') lease.serverName = this.#lexer.next().text;
    else if (token.text === 'bootp') lease.bootp = true;
    else if (token.text === 'option')
      lease.options.push(this.#valueOf(this.#known(this.#lexer.next())));
    else if (token.text === 'fixed-address') lease.addr = this.#address();
    else if (token.text === 'renew') lease.renewal = this.#date();
    else if (token.text === 'rebind') lease.rebind = this.#date();
    else if (token.text === 'expire') lease.expiry = this.#date();
    else throw new ConfError('expecting lease declaration.', token.line);
    this.#lexer.expect(';', SEMICOLON);
  }

  #address(): Ipv4Addr {
    const token = this.#lexer.next();
    const addr = parseIpv4(token.text);
    if (addr === undefined) throw new ConfError('expecting IP address.', token.line);
    return addr;
  }

  /** `WEEKDAY DATE TIME`, or `never`. */
  #date(): number {
    const first = this.#lexer.next();
    if (first.text === 'never') return TIME_MAX;
    const date = this.#lexer.next();
    const clock = [Number(this.#lexer.next().text)];
    while (this.#lexer.accept(':')) clock.push(Number(this.#lexer.next().text));
    const time = parseTimeText(date.text, clock);
    if (time === undefined) throw new ConfError('expecting date.', date.line);
    return time;
  }
}

/** A configuration that nothing has been read into. @param space the options that it may name */
export function emptyConf(space: OptionSpace): DhclientConf {
  return { options: space, top: defaultConfig(), devices: new Map(), leases: [] };
}
