/** `create`: the options of the types. lib/ipset_*.c */
import { type IpSetOptions, type IpSetType, ipSetType } from '@labwire/devices/netfilter';
import type { ManualRow } from '../machine/index.ts';
import { addrRange, parseNumber } from './element.ts';
import { parameterProblem, syntaxError } from './failure.ts';

const MOST_SECONDS = 2_147_483;
const MOST = 0xffff_ffff;

type Draft = { -readonly [K in keyof IpSetOptions]: IpSetOptions[K] };

const BITMAP_MOST = 65_536n;

function takeRange(text: string, type: IpSetType, o: Draft): void {
  if (type.dims[0] === 'port') {
    const [a = '', b] = text.split('-');
    const [from, to] = [parseNumber(a, 65_535), parseNumber(b ?? a, 65_535)];
    o.range = [BigInt(Math.min(from, to)), BigInt(Math.max(from, to))];
    return;
  }
  o.range = addrRange(text, 'inet');
}

/** Reads the options of a new set. @throws IpsetFailure */
export function readCreate(typeName: string, words: readonly string[]): IpSetOptions {
  const type = ipSetType(typeName);
  const o: Draft = {
    family: 'inet',
    hashsize: 1024,
    maxelem: 65_536,
    counters: false,
    comment: false,
    forceadd: false,
  };
  if (typeName === 'list:set') o.size = 8;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const arg = (): string => {
      const next = words[++i];
      if (next === undefined)
        throw parameterProblem(`Missing mandatory argument of option \`${word}'`);
      return next;
    };
    if (!takeOption(word, arg, type, o)) throw parameterProblem(`Unknown argument: \`${word}'`);
  }
  if (isBitmap(type) && o.range === undefined)
    throw parameterProblem("Mandatory option `range' is missing");
  if (
    o.range !== undefined &&
    type.dims[0] === 'ip' &&
    o.range[1] - o.range[0] >= BITMAP_MOST &&
    o.netmask === undefined
  )
    throw syntaxError('The range specified exceeds the size limit of the set type');
  return o;
}

/** One word that `create` takes. */
interface CreateOption {
  /** Types that have it; absent: all. */
  readonly fits?: (type: IpSetType) => boolean;
  readonly arg?: string;
  readonly refused?: boolean;
  readonly take: (o: Draft, arg: () => string, type: IpSetType) => void;
}

const isBitmap = (type: IpSetType) => type.name.startsWith('bitmap:');
const isHash = (type: IpSetType) => type.name.startsWith('hash:');
const hasFamily = (type: IpSetType) => isHash(type) && type.dims[0] !== 'mac';

const RANGE: CreateOption = {
  fits: isBitmap,
  arg: 'FROM-TO',
  take: (o, arg, type) => takeRange(arg(), type, o),
};

/** The words of `create`, whatever stands behind the type. */
const OPTIONS: Readonly<Record<string, CreateOption>> = {
  timeout: {
    arg: 'SECONDS',
    take: (o, arg) => void (o.timeout = parseNumber(arg(), MOST_SECONDS)),
  },
  counters: { take: (o) => void (o.counters = true) },
  comment: { take: (o) => void (o.comment = true) },
  skbinfo: {
    refused: true,
    take: () => {
      throw parameterProblem("Labwire's sets have no skbinfo");
    },
  },
  range: RANGE,
  from: RANGE,
  size: {
    fits: (type) => type.name === 'list:set',
    arg: 'NUMBER',
    take: (o, arg) => void (o.size = parseNumber(arg(), MOST)),
  },
  netmask: {
    fits: (type) => type.dims.length === 1 && type.dims[0] === 'ip',
    arg: 'BITS',
    take: (o, arg) => void (o.netmask = parseNumber(arg(), 128)),
  },
  family: { fits: hasFamily, arg: 'inet|inet6', take: (o, arg) => takeFamily(o, arg()) },
  '-4': { fits: isHash, take: (o) => void (o.family = 'inet') },
  '-6': { fits: isHash, take: (o) => void (o.family = 'inet6') },
  hashsize: {
    fits: isHash,
    arg: 'NUMBER',
    take: (o, arg) => {
      o.hashsize = 2 ** Math.ceil(Math.log2(Math.max(64, parseNumber(arg(), MOST))));
    },
  },
  maxelem: {
    fits: isHash,
    arg: 'NUMBER',
    take: (o, arg) => void (o.maxelem = parseNumber(arg(), MOST)),
  },
  bucketsize: { fits: isHash, arg: 'NUMBER', take: (_, arg) => void parseNumber(arg(), 12) },
  initval: { fits: isHash, arg: 'NUMBER', take: (_, arg) => void arg() },
  forceadd: { fits: isHash, take: (o) => void (o.forceadd = true) },
};

function takeFamily(o: Draft, family: string): void {
  if (!['inet', 'inet6', 'ipv4', 'ipv6', '-4', '-6'].includes(family))
    throw syntaxError(`unknown family ${family}`);
  o.family = /6/.test(family) ? 'inet6' : 'inet';
}

function takeOption(word: string, arg: () => string, type: IpSetType, o: Draft): boolean {
  const option = Object.hasOwn(OPTIONS, word) ? OPTIONS[word] : undefined;
  if (option === undefined || option.fits?.(type) === false) return false;
  option.take(o, arg, type);
  return true;
}

/** What may stand behind the type of a new set. */
export const createRows = (): ManualRow[] =>
  Object.entries(OPTIONS).map(([name, { arg, refused }]) => ({
    names: [name],
    ...(arg === undefined ? {} : { arg }),
    ...(refused === true ? { refused } : {}),
  }));
