/** Reads the arguments of extensions' options. libxtables/xtoptions.c, xtables_option_parse() and its sub-parsers. */
import { type Ipv4Addr, parseMac } from '@labwire/core/addr';
import { maskOf, parseAddr, plenOf } from './address.ts';
import { parameterProblem } from './error.ts';
import { strtoui, strtouiPrefix, strtoullPrefix, UINT64_MAX } from './numbers.ts';
import type { OptionEntry, OptionValue, RuleContext } from './option.ts';

const MAX: Readonly<Record<string, bigint>> = {
  uint8: 0xffn,
  uint16: 0xffffn,
  uint32: 0xffff_ffffn,
  uint64: UINT64_MAX,
};

const LEVELS: Readonly<Record<string, number>> = {
  alert: 1,
  crit: 2,
  debug: 7,
  emerg: 0,
  error: 3,
  info: 6,
  notice: 5,
  panic: 0,
  warning: 4,
};

/** TOS values by name. */
export const TOS_NAMES: readonly (readonly [number, string])[] = [
  [0x10, 'Minimize-Delay'],
  [0x08, 'Maximize-Throughput'],
  [0x04, 'Maximize-Reliability'],
  [0x02, 'Minimize-Cost'],
  [0x00, 'Normal-Service'],
];

const EMPTY: OptionValue = {
  text: '',
  num: 0,
  range: [],
  big: [],
  addr: undefined,
  mask: undefined,
  numMask: 0,
  mac: undefined,
};

/** Reads an argument. @param ext the extension's name, for messages @throws IptablesError */
export function readValue(
  ext: string,
  entry: OptionEntry,
  text: string,
  rule: RuleContext,
): OptionValue {
  const base = { ...EMPTY, text };
  switch (entry.type) {
    case 'none':
    case 'string':
      return { ...base, text: checkedString(entry, text) };
    case 'uint8':
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return withNumbers(base, [readInt(ext, entry, text)]);
    case 'uint8rc':
    case 'uint16rc':
    case 'uint32rc':
    case 'uint64rc':
      return withNumbers(base, readInts(ext, entry, text));
    case 'double':
      return { ...base, num: readDouble(ext, entry, text) };
    case 'markmask':
      return { ...base, ...readMark(ext, entry, text) };
    case 'tosmask':
      return { ...base, ...readTos(entry, text) };
    case 'sysloglevel':
      return { ...base, num: readLevel(text) };
    case 'protocol':
      return { ...base, num: readProtocol(text, rule) };
    case 'port':
      return { ...base, num: readPort(text, rule) };
    case 'portrc':
      return { ...base, range: readPorts(ext, entry, text, rule) };
    case 'host':
      return { ...base, addr: readHost(text, rule) };
    case 'hostmask':
      return { ...base, ...readHostMask(ext, entry, text, rule) };
    case 'plen':
      return { ...base, num: readPlen(ext, entry, text, rule) };
    case 'plenmask':
      return { ...base, ...readPlenMask(ext, entry, text, rule) };
    case 'ethermac':
      return { ...base, mac: readMac(text) };
  }
}

function checkedString(entry: OptionEntry, text: string): string {
  if (entry.min !== undefined && text.length < entry.min) {
    throw parameterProblem(`Argument must have a minimum length of ${entry.min} characters\n`);
  }
  if (entry.max !== undefined && text.length > entry.max) {
    throw parameterProblem(`Argument must have a maximum length of ${entry.max} characters\n`);
  }
  return text;
}

function withNumbers(base: OptionValue, big: readonly bigint[]): OptionValue {
  const range = big.map(Number);
  return { ...base, num: range[0] as number, range, big };
}

/** The bounds of a number: an entry's own, where they are not 0, in place of its type's. */
function boundsOf(entry: OptionEntry, type: string): { min: bigint; max: bigint } {
  const max = MAX[type] as bigint;
  return { min: BigInt(entry.min ?? 0), max: entry.max === undefined ? max : BigInt(entry.max) };
}

function readInt(ext: string, entry: OptionEntry, text: string): bigint {
  const { min, max } = boundsOf(entry, entry.type);
  const got = strtoullPrefix(text, min, max);
  if (got?.rest === '') return got.value;
  throw parameterProblem(
    `${ext}: bad value for option "--${entry.name}", or out of range (${min}-${max}).\n`,
  );
}

/** `a`, `a:b`, `:b`, `a:`: one number or two, which need not be in order. `xtopt_parse_mint()` */
function readInts(ext: string, entry: OptionEntry, text: string): bigint[] {
  const { min, max } = boundsOf(entry, entry.type.slice(0, -2));
  const out: bigint[] = [];
  for (let rest = text; ; rest = rest.slice(1)) {
    if (out.length === 2) {
      throw parameterProblem(`${ext}: Too many components for option "--${entry.name}" (max: 2)\n`);
    }
    if (rest === '' || rest.startsWith(':')) out.push(out.length === 1 ? max : min);
    else {
      const got = strtoullPrefix(rest, min, max);
      if (got === undefined) {
        throw parameterProblem(
          `${ext}: bad value for option "--${entry.name}" near "${rest}", or out of range (${min}-${max}).\n`,
        );
      }
      rest = got.rest;
      if (rest !== '' && !rest.startsWith(':')) {
        throw parameterProblem(
          `${ext}: Argument to "--${entry.name}" has unexpected characters near "${rest}".\n`,
        );
      }
      out.push(got.value);
    }
    if (rest === '') return out;
  }
}

function readDouble(ext: string, entry: OptionEntry, text: string): number {
  const n = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const { min = 0, max = 0 } = entry;
  if (Number.isNaN(n) || (min !== max && (n < min || n > max))) {
    throw parameterProblem(
      `${ext}: bad value for option "--${entry.name}", or out of range (${min}-${max}).\n`,
    );
  }
  return n;
}

/** `value[/mask]`. xtables_parse_mark_mask() */
function readMark(ext: string, entry: OptionEntry, text: string): { num: number; numMask: number } {
  const bad = parameterProblem(
    `${ext}: bad integer value for option "--${entry.name}", or out of range.\n`,
  );
  const value = strtouiPrefix(text, 0, 0xffff_ffff);
  if (value === undefined) throw bad;
  if (value.rest === '') return { num: value.value, numMask: 0xffff_ffff };
  const mask = value.rest.startsWith('/')
    ? strtouiPrefix(value.rest.slice(1), 0, 0xffff_ffff)
    : value;
  if (mask === undefined) throw bad;
  if (mask.rest === '') return { num: value.value, numMask: mask.value };
  throw parameterProblem(`${ext}: trailing garbage after value for option "--${entry.name}".\n`);
}

function readTos(entry: OptionEntry, text: string): { num: number; numMask: number } {
  const first = strtouiPrefix(text, 0, 0xff);
  if (first !== undefined) {
    if (first.rest === '') return { num: first.value, numMask: 0xff };
    const mask = first.rest.startsWith('/') ? strtoui(first.rest.slice(1), 0, 0xff) : undefined;
    if (mask === undefined) throw parameterProblem(`Illegal value: "${text}"`);
    return { num: first.value, numMask: mask };
  }
  const named = TOS_NAMES.find(([, name]) => name.toLowerCase() === text.toLowerCase());
  if (named === undefined) throw parameterProblem(`Symbolic name "${text}" is unknown`);
  return { num: named[0], numMask: entry.max ?? 0xff };
}

function readLevel(text: string): number {
  const level = strtoui(text, 0, 7) ?? LEVELS[text];
  if (level === undefined) throw parameterProblem(`log level "${text}" unknown\n`);
  return level;
}

/** A protocol by number or name. xtables_parse_protocol() */
export function readProtocol(text: string, rule: Pick<RuleContext, 'protocolNumber'>): number {
  const n = strtoui(text, 0, 0xff) ?? rule.protocolNumber(text);
  if (n === undefined) throw parameterProblem(`unknown protocol "${text}" specified`);
  return n;
}

/** A port as getaddrinfo(3) makes of it: of a number the low 16 bits count. `xtables_getportbyname()` */
function readPort(text: string, rule: RuleContext): number {
  const n = /^\d+$/.test(text) ? Number(BigInt.asUintN(16, BigInt(text))) : undefined;
  const port = n ?? rule.servicePort(text);
  if (port === undefined) throw parameterProblem(`Port "${text}" does not resolve to anything.\n`);
  return port;
}

function readPorts(ext: string, entry: OptionEntry, text: string, rule: RuleContext): number[] {
  const parts = text.split(':');
  const [lo = '', hi] = parts;
  const from = lo === '' ? 0 : readPort(lo, rule);
  const to = hi === undefined ? from : hi === '' ? 0xffff : readPort(hi, rule);
  if (parts.length > 2) {
    throw parameterProblem(`${ext}: Too many components for option "--${entry.name}" (max: 2)\n`);
  }
  return [from, to];
}

/** An IPv4 address of one to four parts, the last of which fills what is left. inet_aton(3) */
function inetAton(text: string): Ipv4Addr | undefined {
  const parts = text.split('.').map((p) => strtoui(p, 0, 0xffff_ffff));
  const last = parts.at(-1);
  const rest = 2 ** (8 * (5 - parts.length));
  if (parts.length > 4 || last === undefined || last >= rest) return undefined;
  let addr = last;
  for (const [i, part] of parts.slice(0, -1).entries()) {
    if (part === undefined || part > 0xff) return undefined;
    addr += part * 2 ** (24 - 8 * i);
  }
  return (addr | 0) as Ipv4Addr;
}

/** An address as getaddrinfo(3) reads it. */
function numericHost(text: string, rule: RuleContext): OptionValue['addr'] {
  return rule.family === 'inet' ? inetAton(text) : parseAddr(text, rule.family);
}

function readHost(text: string, rule: RuleContext): NonNullable<OptionValue['addr']> {
  const addr = numericHost(text, rule);
  if (addr === undefined) throw parameterProblem('getaddrinfo: Name or service not known\n');
  return addr;
}

/** What stands for the length of a mask whose ones are not all in front. */
const NO_PLEN = 255;

/** A prefix length, or a mask's. `xtopt_parse_plen()` */
function readPlen(ext: string, entry: OptionEntry, text: string, rule: RuleContext): number {
  const max = rule.family === 'inet' ? 32 : 128;
  const n = strtoui(text, 0, max);
  if (n !== undefined) return n;
  const mask = numericHost(text, rule);
  if (mask !== undefined) return plenOf(mask) ?? NO_PLEN;
  throw parameterProblem(
    `${ext}: bad value for option "--${entry.name}", neither a valid network mask nor valid CIDR (0-${max}).\n`,
  );
}

/** A mask; one whose ones are not all in front becomes the whole address. `xtopt_parse_plenmask()` */
function readPlenMask(
  ext: string,
  entry: OptionEntry,
  text: string,
  rule: RuleContext,
): Pick<OptionValue, 'mask' | 'num'> {
  const max = rule.family === 'inet' ? 32 : 128;
  const num = Math.min(readPlen(ext, entry, text, rule), max);
  return { mask: maskOf(num, rule.family), num };
}

function readHostMask(
  ext: string,
  entry: OptionEntry,
  text: string,
  rule: RuleContext,
): Pick<OptionValue, 'addr' | 'mask'> {
  const slash = text.indexOf('/');
  if (slash < 0)
    return {
      addr: readHost(text, rule),
      mask: maskOf(rule.family === 'inet' ? 32 : 128, rule.family),
    };
  const addr = readHost(text.slice(0, slash), rule);
  return { addr, mask: readPlenMask(ext, entry, text.slice(slash + 1), rule).mask };
}

function readMac(text: string): NonNullable<OptionValue['mac']> {
  const mac = parseMac(text);
  if (mac === undefined) throw parameterProblem('Invalid MAC address specified.');
  return mac;
}
