import type { Config, OptionPlace, OptionRule } from '../../config/index.ts';
import { OPTIONS4, OPTIONS6, optionByCode, optionByName } from '../../dhcp/option-names/index.ts';
import { OptionError } from '../../fatal.ts';
import type { OptionHandlers } from '../handlers/index.ts';
import { split, unhide } from '../option-text.ts';
import { isTag, tagToSet } from './dhcp-words.ts';
import { readValue, type Value } from './option-value.ts';

type Origin = 'option' | 'force' | 'match' | 'file';

/** Bytes that an option has at most: on its own, inside another, inside option 125. */
const MAX_PLAIN = 255;
const MAX_ENCAP = 253;
const MAX_VI = 250;

/** The front of an option: which one, where it stands and for whom. */
interface Front {
  code: number | undefined;
  v6: boolean;
  place: OptionPlace;
  tags: readonly string[];
  /** Undefined: nothing behind the option's number or name. */
  rest: string | undefined;
}

/** @returns the option's code if it may be set; undefined if this names none */
function codeOf(word: string, match: boolean): { code: number; v6: boolean } | undefined {
  if (/^\d*$/.test(word)) return { code: Number(word) & 0xffff, v6: false };
  const m = /^option(6?):(.*)$/.exec(word);
  if (m === null) return undefined;
  const v6 = m[1] === '6';
  const name = m[2] as string;
  if (v6 && /^\d*$/.test(name)) return { code: Number(name), v6 };
  const option = optionByName(v6 ? OPTIONS6 : OPTIONS4, name);
  if (option === undefined || (option.internal && !match)) throw new OptionError('bad dhcp-option');
  return { code: option.code, v6 };
}

function readFront(arg: string, match: boolean): Front {
  const front: Front = {
    code: undefined,
    v6: false,
    place: { kind: 'plain' },
    tags: [],
    rest: arg,
  };
  while (front.rest !== undefined) {
    const [word, rest]: readonly [string, string | undefined] = split(front.rest);
    front.rest = rest;
    const found = codeOf(word, match);
    if (found !== undefined) return { ...front, ...found };
    if (takePlace(front, word, match)) {
      if (match && front.place.kind === 'vi-encap') return { ...front, code: 0 };
    } else front.tags = [isTag(word) ? unhide(word.slice(4)) : tagToSet(word), ...front.tags];
  }
  throw new OptionError('bad dhcp-option');
}

/** @returns whether the word says where the option stands */
function takePlace(front: Front, word: string, match: boolean): boolean {
  const m = /^(vendor|encap|vi-encap):(.*)$/.exec(word);
  if (m === null) return false;
  const [, kind, value = ''] = m;
  const before = front.place.kind;
  if (kind === 'vi-encap') {
    front.place = { kind, enterprise: Number.parseInt(value, 10) || 0 };
    return true;
  }
  if (match || before === (kind === 'vendor' ? 'encap' : 'vendor'))
    throw new OptionError(`inappropriate ${kind}:`);
  front.place =
    kind === 'vendor'
      ? { kind, vendorClass: unhide(value) }
      : { kind: 'encap', code: Number.parseInt(value, 10) || 0 };
  return true;
}

/** Reads an option to send, or one to match. @throws OptionError */
function readOption(arg: string, origin: Origin): OptionRule & { readonly v6: boolean } {
  const match = origin === 'match';
  const { code = 0, v6, place, tags, rest } = readFront(arg, match);
  if (v6 && (place.kind === 'vendor' || place.kind === 'encap'))
    throw new OptionError('unsupported encapsulation for IPv6 option');
  const option = optionByCode(v6 ? OPTIONS6 : OPTIONS4, code);
  const plain = place.kind === 'plain';
  const empty: Value = { data: new Uint8Array(0), type: 'bytes', wildcards: 0 };
  const value = rest === undefined ? empty : readValue(rest, { code, option, v6, plain, match });
  const { length } = value.data;
  const max = place.kind === 'vi-encap' ? MAX_VI : plain ? MAX_PLAIN : MAX_ENCAP;
  if (!v6 && length > max) throw new OptionError('dhcp-option too long');
  if (match && (place.kind === 'vendor' || place.kind === 'encap' || tags.length !== 1))
    throw new OptionError('illegal dhcp-match');
  return {
    code,
    place,
    force: origin === 'force',
    tags,
    ...value,
    fromFile: origin === 'file',
    v6,
  };
}

function addOption(config: Config, arg: string, origin: Origin): void {
  const { v6, ...rule } = readOption(arg, origin);
  const { dhcp } = config;
  if (origin === 'match') (v6 ? dhcp.matches6 : dhcp.matches).unshift(rule);
  else (v6 ? dhcp.options6 : dhcp.options).unshift(rule);
}

/** Options that say what clients are sent, and what tells them apart. */
export const optionOptions: OptionHandlers = {
  O: ({ config }, arg) => addOption(config, arg, 'option'),
  'dhcp-option-force': ({ config }, arg) => addOption(config, arg, 'force'),
  'dhcp-match': ({ config }, arg) => addOption(config, arg, 'match'),
  'bank-option': ({ config }, arg) => addOption(config, arg, 'file'),
};
