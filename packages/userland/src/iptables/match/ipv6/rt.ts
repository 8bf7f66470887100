import { type Ipv6Addr, parseIpv6 } from '@labwire/core/addr';
import type { RtMatch } from '@labwire/devices/netfilter';
import { formatAddr } from '../../core/address.ts';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { bang, not, rangeOf, rangeText } from '../format.ts';

type State = { -readonly [K in keyof RtMatch]: RtMatch[K] };

/** Addresses that one match names. IP6T_RT_HOPS */
const MAX_HOPS = 16;
const UINT32_MAX = 0xffff_ffff;

function parseAddresses(list: string): Ipv6Addr[] {
  const words = list.split(',');
  const addrs = words.slice(0, MAX_HOPS).map((word) => {
    const addr = parseIpv6(word);
    if (addr === undefined) throw parameterProblem(`bad address: ${word}`);
    return addr;
  });
  if (words.length > MAX_HOPS) throw parameterProblem('too many addresses specified');
  return addrs;
}

function needsType0(state: State, option: string): void {
  if (state.type === undefined || state.type.num !== 0 || state.type.invert)
    throw parameterProblem(`\`--rt-type 0' required before \`--${option}'`);
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'rt-type') state.type = { num: value.num, invert };
  else if (name === 'rt-segsleft') state.segsleft = { ...rangeOf(value.range), invert };
  else if (name === 'rt-len') state.length = { len: value.num, invert };
  else if (name === 'rt-0-not-strict') {
    if (state.addrs === undefined)
      throw parameterProblem("`--rt-0-addr ...' required before `--rt-0-not-strict'");
    state.notStrict = true;
  } else {
    needsType0(state, name);
    if (name === 'rt-0-res') state.reserved = true;
    else state.addrs = parseAddresses(value.text);
  }
}

/** What is not saved, inverted or not. */
function isFull({ segsleft }: RtMatch): boolean {
  return segsleft.min === 0 && segsleft.max === UINT32_MAX;
}

/** What is not listed. */
function isAll(m: RtMatch): boolean {
  return isFull(m) && !m.segsleft.invert;
}

function addresses({ addrs = [] }: RtMatch): string {
  return addrs.length === 0 ? '' : ` ${addrs.map(formatAddr).join(',')}`;
}

/** `-m rt`. extensions/libip6t_rt.c */
export const rt: MatchExtension = defineMatch<RtMatch, State>({
  name: 'rt',
  family: 'inet6',
  kinds: ['rt'],
  options: [
    { name: 'rt-type', type: 'uint32', invert: true },
    { name: 'rt-segsleft', type: 'uint32rc', invert: true },
    { name: 'rt-len', type: 'uint32', invert: true },
    { name: 'rt-0-res', type: 'none' },
    { name: 'rt-0-addrs', type: 'string' },
    { name: 'rt-0-not-strict', type: 'none' },
  ],
  init: () => ({
    kind: 'rt',
    segsleft: { min: 0, max: UINT32_MAX, invert: false },
    reserved: false,
    notStrict: false,
  }),
  parse,
  finish: (state) => state,
  print: (m) =>
    ' rt' +
    (m.type === undefined ? '' : ` type:${bang(m.type)}${m.type.num}`) +
    (isAll(m)
      ? ''
      : ` segsleft${m.segsleft.min === m.segsleft.max ? '' : 's'}:${bang(m.segsleft)}${rangeText(m.segsleft)}`) +
    (m.length === undefined ? '' : ` length:${bang(m.length)}${m.length.len}`) +
    (m.reserved ? ' reserved' : '') +
    (m.addrs === undefined ? '' : ` 0-addrs${addresses(m)}`) +
    (m.notStrict ? ' 0-not-strict' : ''),
  save: (m) =>
    (m.type === undefined ? '' : `${not(m.type)} --rt-type ${m.type.num}`) +
    (isFull(m) ? '' : `${not(m.segsleft)} --rt-segsleft ${rangeText(m.segsleft)}`) +
    (m.length === undefined ? '' : `${not(m.length)} --rt-len ${m.length.len}`) +
    (m.reserved ? ' --rt-0-res' : '') +
    (m.addrs === undefined ? '' : ` --rt-0-addrs${addresses(m)}`) +
    (m.notStrict ? ' --rt-0-not-strict' : ''),
});
