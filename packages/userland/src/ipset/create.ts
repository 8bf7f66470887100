/** `create`: the options of the types. lib/ipset_*.c */
import { type IpSetOptions, type IpSetType, ipSetType } from '@labwire/devices/netfilter';
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
  const isBitmap = typeName.startsWith('bitmap:');
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
    if (!takeOption(word, arg, type, isBitmap, o))
      throw parameterProblem(`Unknown argument: \`${word}'`);
  }
  if (isBitmap && o.range === undefined)
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

function takeOption(
  word: string,
  arg: () => string,
  type: IpSetType,
  isBitmap: boolean,
  o: Draft,
): boolean {
  const isHash = type.name.startsWith('hash:');
  if (word === 'timeout') o.timeout = parseNumber(arg(), MOST_SECONDS);
  else if (word === 'counters') o.counters = true;
  else if (word === 'comment') o.comment = true;
  else if (word === 'skbinfo') throw parameterProblem("Labwire's sets have no skbinfo");
  else if (isBitmap && (word === 'range' || word === 'from')) takeRange(arg(), type, o);
  else if (type.name === 'list:set' && word === 'size') o.size = parseNumber(arg(), MOST);
  else if (word === 'netmask' && type.dims.length === 1 && type.dims[0] === 'ip')
    o.netmask = parseNumber(arg(), 128);
  else if (!isHash) return false;
  else return takeHashOption(word, arg, type, o);
  return true;
}

function takeHashOption(word: string, arg: () => string, type: IpSetType, o: Draft): boolean {
  if (word === 'family' && type.dims[0] !== 'mac') {
    const family = arg();
    if (!['inet', 'inet6', 'ipv4', 'ipv6', '-4', '-6'].includes(family))
      throw syntaxError(`unknown family ${family}`);
    o.family = /6/.test(family) ? 'inet6' : 'inet';
  } else if (word === '-4' || word === '-6') o.family = word === '-6' ? 'inet6' : 'inet';
  else if (word === 'hashsize')
    o.hashsize = 2 ** Math.ceil(Math.log2(Math.max(64, parseNumber(arg(), MOST))));
  else if (word === 'maxelem') o.maxelem = parseNumber(arg(), MOST);
  else if (word === 'bucketsize') parseNumber(arg(), 12);
  else if (word === 'initval') arg();
  else if (word === 'forceadd') o.forceadd = true;
  else return false;
  return true;
}
