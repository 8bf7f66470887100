import type { ManualRow } from '../../machine/index.ts';
import type { Lookup, Session } from '../dighost/index.ts';
import { type DigSettings, makeShort, showAll } from './settings.ts';

/** What an option of `+` acts on. */
export interface PlusContext {
  readonly session: Session;
  readonly settings: DigSettings;
  readonly lookup: Lookup;
  /** It stands before every name: it holds for all. */
  readonly global: boolean;
}

/** Why an option is refused: it is none, or its value is none (in BIND's two lines), or it is not supported. */
export class PlusError extends Error {
  readonly kind: 'invalid' | 'value' | 'unsupported';

  constructor(kind: 'invalid' | 'value' | 'unsupported', message = '') {
    super(message);
    this.kind = kind;
  }
}

type Apply = (c: PlusContext, on: boolean, value: string | undefined) => void;

interface PlusOption {
  readonly name: string;
  /** Letters that are enough, by BIND's nested switch. */
  readonly least: number;
  readonly apply: Apply;
  /** What it asks for is not there. */
  readonly refused?: boolean;
}

function option(name: string, least: number, apply: Apply): PlusOption {
  return { name, least, apply };
}

/** Fields of a lookup that are on or off. */
type Flag = {
  [K in keyof Lookup]: Lookup[K] extends boolean ? K : never;
}[keyof Lookup];

function flag(name: string, least: number, field: Flag, inverted = false): PlusOption {
  return option(name, least, ({ lookup }, on) => {
    (lookup as unknown as Record<string, boolean>)[field] = on !== inverted;
  });
}

function needed(on: boolean, value: string | undefined): string {
  if (!on || value === undefined) throw new PlusError('invalid');
  return value;
}

/** A number up to `max`. parse_uint() @throws PlusError */
export function parseUint(value: string, max: number, what: string): number {
  const bad = (why: string) =>
    new PlusError('value', `invalid ${what} '${value}': ${why}\ndig: Couldn't parse ${what}`);
  if (!/^\d+$/.test(value)) throw bad('not a valid number');
  if (Number(value) > max) throw bad('out of range');
  return Number(value);
}

/** EDNS is used, in the version that was asked for or 0. */
function withEdns(lookup: Lookup): void {
  lookup.edns ??= 0;
}

function ednsFlag(name: string, least: number, field: Flag): PlusOption {
  return option(name, least, ({ lookup }, on) => {
    if (on) withEdns(lookup);
    (lookup as unknown as Record<string, boolean>)[field] = on;
  });
}

function unsupported(name: string, least: number, why: string): PlusOption {
  const refuse: Apply = (_, on) => {
    if (on) throw new PlusError('unsupported', `+${name} is not supported: ${why}`);
  };
  return { ...option(name, least, refuse), refused: true };
}

const hexBytes = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const tcp: Apply = ({ lookup }, on) => {
  lookup.tcp = on;
  lookup.tcpSet = true;
};

const search: Apply = ({ session }, on) => {
  session.useSearch = on;
};

const dnssec: Apply = ({ lookup }, on) => {
  if (on) withEdns(lookup);
  lookup.dnssec = on;
};

const comments: Apply = ({ lookup, settings, global }, on) => {
  lookup.comments = on;
  if (global) settings.plusComments = on;
};

const question: Apply = ({ lookup, settings, global }, on) => {
  lookup.question = on;
  if (global) settings.plusQuestion = on;
};

const cookie: Apply = ({ lookup }, on, value) => {
  if (on) withEdns(lookup);
  lookup.cookie = on ? hexBytes(value ?? '') : undefined;
};

const edns: Apply = ({ lookup }, on, value) => {
  lookup.edns = !on ? undefined : value === undefined ? 0 : parseUint(value, 255, 'edns');
};

const ednsFlags: Apply = ({ lookup }, on, value) => {
  withEdns(lookup);
  lookup.ednsFlags = on && value !== undefined ? Number(value) & 0xffff : 0;
};

const ednsOption: Apply = ({ lookup }, on, value) => {
  if (!on) {
    lookup.options = [];
    return;
  }
  const [code = '', data = ''] = (value ?? '').split(':');
  if (code === '') throw new PlusError('value', 'dig: ednsopt no code point specified');
  const known = EDNS_CODES[code.toLowerCase()];
  const number = known ?? (/^\d+$/.test(code) ? Number(code) : undefined);
  if (number === undefined) throw new PlusError('value', `dig: bad edns code point: ${code}`);
  lookup.options.push({ code: number, data: hexBytes(data) });
};

const EDNS_CODES: Readonly<Record<string, number>> = {
  nsid: 3,
  ecs: 8,
  expire: 9,
  cookie: 10,
  keepalive: 11,
  padding: 12,
  ede: 15,
};

const opcode: Apply = ({ lookup }, on, value) => {
  const names = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'];
  const text = on ? needed(on, value) : '0';
  const at = names.indexOf(text.toUpperCase());
  lookup.opcode = at >= 0 ? at : parseUint(text, 15, 'opcode');
};

const retry: Apply = ({ lookup }, on, value) => {
  lookup.retries = parseUint(needed(on, value), 0xfffffffe, 'retries') + 1;
};

const NO_TRANSPORT = 'questions go by UDP or TCP';

/** Every option of `+` that BIND 9.18 has. BIND bin/dig/dig.c, plus_option() */
const OPTIONS: readonly PlusOption[] = [
  flag('aaonly', 2, 'aa'),
  flag('aaflag', 2, 'aa'),
  flag('additional', 3, 'additional'),
  flag('ad', 2, 'ad'),
  flag('adflag', 3, 'ad'),
  option('all', 2, ({ settings, lookup }, on) => showAll(settings, lookup, on)),
  flag('answer', 2, 'answer'),
  flag('authority', 2, 'authority'),
  option('badcookie', 2, () => undefined),
  flag('besteffort', 2, 'bestEffort'),
  option('bufsize', 2, ({ lookup }, on, value) => {
    if (!on) throw new PlusError('invalid');
    lookup.udpSize = value === undefined ? undefined : parseUint(value, 65_535, 'buffer size');
  }),
  flag('cd', 2, 'cd'),
  flag('cdflag', 3, 'cd'),
  flag('class', 2, 'noClass', true),
  option('cmd', 2, ({ settings }, on) => {
    settings.showCommand = on;
  }),
  option('comments', 3, comments),
  option('cookie', 3, cookie),
  option('crypto', 2, () => undefined),
  option('defname', 2, search),
  unsupported('dns64prefix', 4, 'there is no DNS64'),
  option('dnssec', 4, dnssec),
  option('do', 2, dnssec),
  option('domain', 3, ({ settings }, on, value) => {
    settings.domain = needed(on, value);
  }),
  option('edns', 4, edns),
  option('ednsflags', 5, ednsFlags),
  option('ednsnegotiation', 5, () => undefined),
  option('ednsopt', 5, ednsOption),
  unsupported('expandaaaa', 4, 'addresses are shown in their short form'),
  ednsFlag('expire', 4, 'expire'),
  flag('fail', 2, 'servfailStops'),
  flag('header-only', 2, 'headerOnly'),
  unsupported('https', 2, NO_TRANSPORT),
  unsupported('http-plain', 2, NO_TRANSPORT),
  flag('identify', 3, 'identify'),
  option('idnin', 4, () => undefined),
  option('idnout', 4, () => undefined),
  flag('ignore', 1, 'ignore'),
  flag('keepalive', 5, 'keepAlive'),
  option('keepopen', 5, () => undefined),
  flag('multiline', 2, 'multiline'),
  option('ndots', 2, ({ session }, on, value) => {
    session.ndots = parseUint(needed(on, value), 128, 'ndots');
  }),
  ednsFlag('nsid', 3, 'nsid'),
  unsupported('nssearch', 3, 'servers of a zone are not looked for'),
  option('onesoa', 2, () => undefined),
  option('opcode', 2, opcode),
  option('padding', 1, ({ lookup }, on, value) => {
    if (on) withEdns(lookup);
    lookup.padding = parseUint(needed(on, value), 512, 'padding');
  }),
  option('qid', 2, ({ lookup }, on, value) => {
    lookup.id = on ? parseUint(needed(on, value), 65_535, 'qid') : undefined;
  }),
  flag('qr', 2, 'showQuery'),
  option('question', 2, question),
  flag('raflag', 2, 'ra'),
  flag('rdflag', 2, 'recurse'),
  flag('recurse', 3, 'recurse'),
  option('retry', 3, retry),
  option('retries', 3, retry),
  option('rrcomments', 2, () => undefined),
  option('search', 2, search),
  option('short', 4, ({ settings, lookup }, on) => makeShort(settings, lookup, on)),
  option('showbadcookie', 5, () => undefined),
  option('showsearch', 5, ({ session }, on) => {
    session.showSearch = on;
    session.useSearch = on;
  }),
  option('split', 2, () => undefined),
  flag('stats', 2, 'stats'),
  option('subnet', 2, ({ lookup }, on, value) => {
    if (on) withEdns(lookup);
    lookup.subnet = on ? needed(on, value) : undefined;
  }),
  flag('tcflag', 3, 'tc'),
  option('tcp', 3, tcp),
  option('timeout', 2, ({ session }, on, value) => {
    session.timeout = Math.max(parseUint(needed(on, value), 65_535, 'timeout'), 1);
  }),
  unsupported('tls', 3, NO_TRANSPORT),
  unsupported('trace', 3, 'there are no root servers to begin with'),
  option('tries', 3, ({ lookup }, on, value) => {
    lookup.retries = Math.max(parseUint(needed(on, value), 0xffffffff, 'tries'), 1);
  }),
  flag('ttlid', 3, 'noTtl', true),
  option('ttlunits', 4, ({ lookup }, on) => {
    lookup.noTtl = false;
    lookup.ttlUnits = on;
  }),
  flag('unknownformat', 3, 'unknownFormat'),
  option('vc', 1, tcp),
  unsupported('yaml', 1, 'output is text'),
  flag('zflag', 1, 'z'),
];

/** What can be said with `+`; `no` may stand before each. */
export const plusRows = (): ManualRow[] =>
  OPTIONS.map(({ name, refused = false }) => ({ names: [`+${name}`], refused }));

/** Finds an option by an abbreviation that BIND takes. */
function find(word: string): PlusOption | undefined {
  const lower = word.toLowerCase();
  const exact = OPTIONS.find((o) => o.name === lower);
  return exact ?? OPTIONS.find((o) => lower.length >= o.least && o.name.startsWith(lower));
}

/** Takes one option of `+` over. @param text without the `+` @throws PlusError */
export function plusOption(c: PlusContext, text: string): void {
  const at = text.indexOf('=');
  const word = at < 0 ? text : text.slice(0, at);
  const value = at < 0 || at === text.length - 1 ? undefined : text.slice(at + 1);
  const off = /^no/i.test(word);
  const found = find(off ? word.slice(2) : word);
  if (found === undefined) throw new PlusError('invalid');
  found.apply(c, !off, value);
}
