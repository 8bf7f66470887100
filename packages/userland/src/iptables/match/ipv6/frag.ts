import type { FragMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { bang, not, rangeOf, rangeText } from '../format.ts';

type State = { -readonly [K in keyof FragMatch]: FragMatch[K] };
const UINT32_MAX = 0xffff_ffff;

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'fragid') state.ids = { ...rangeOf(value.range), invert };
  else if (name === 'fraglen') state.length = { len: value.num, invert };
  else if (name === 'fragres') state.reserved = true;
  else if (name === 'fragfirst') state.first = true;
  else if (name === 'fragmore') state.more = true;
  else state.last = true;
}

/** What is not saved, inverted or not. */
function isFull({ ids }: FragMatch): boolean {
  return ids.min === 0 && ids.max === UINT32_MAX;
}

/** What is not listed. */
function isAll(m: FragMatch): boolean {
  return isFull(m) && !m.ids.invert;
}

/** `-m frag`. extensions/libip6t_frag.c */
export const frag: MatchExtension = defineMatch<FragMatch, State>({
  name: 'frag',
  family: 'inet6',
  kinds: ['frag'],
  options: [
    { name: 'fragid', type: 'uint32rc', invert: true },
    { name: 'fraglen', type: 'uint32', invert: true },
    { name: 'fragres', type: 'none' },
    { name: 'fragfirst', type: 'none' },
    { name: 'fragmore', type: 'none', excl: ['fraglast'] },
    { name: 'fraglast', type: 'none', excl: ['fragmore'] },
  ],
  init: () => ({
    kind: 'frag',
    ids: { min: 0, max: UINT32_MAX, invert: false },
    reserved: false,
    first: false,
    more: false,
    last: false,
  }),
  parse,
  finish: (state) => state,
  print: (m) =>
    ` frag ${isAll(m) ? '' : `id${m.ids.min === m.ids.max ? '' : 's'}:${bang(m.ids)}${rangeText(m.ids)}`}` +
    (m.length === undefined ? '' : ` length:${bang(m.length)}${m.length.len}`) +
    (m.reserved ? ' reserved' : '') +
    (m.first ? ' first' : '') +
    (m.more ? ' more' : '') +
    (m.last ? ' last' : ''),
  save: (m) =>
    (isFull(m) ? '' : `${not(m.ids)} --fragid ${rangeText(m.ids)}`) +
    (m.length === undefined ? '' : `${not(m.length)} --fraglen ${m.length.len}`) +
    (m.reserved ? ' --fragres' : '') +
    (m.first ? ' --fragfirst' : '') +
    (m.more ? ' --fragmore' : '') +
    (m.last ? ' --fraglast' : ''),
});
