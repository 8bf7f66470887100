import type { SpiMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not, rangeOf, rangeText } from '../format.ts';

type State = { -readonly [K in keyof SpiMatch]: SpiMatch[K] };
const UINT32_MAX = 0xffff_ffff;

function start(kind: SpiMatch['kind']): State {
  return { kind, spis: { min: 0, max: UINT32_MAX, invert: false } };
}

function isAll({ spis }: SpiMatch): boolean {
  return spis.min === 0 && spis.max === UINT32_MAX && !spis.invert;
}

/** `spi:5`, `spis:!1:5`; nothing for all. */
function printSpis(m: SpiMatch): string {
  if (isAll(m)) return '';
  return `spi${m.spis.min === m.spis.max ? '' : 's'}:${bang(m.spis)}${rangeText(m.spis)}`;
}

/** Of an inverted `:` nothing is left, though a listing shows it. */
function saveSpis(option: string, m: SpiMatch): string {
  const all = m.spis.min === 0 && m.spis.max === UINT32_MAX;
  return all ? '' : `${not(m.spis)} --${option} ${rangeText(m.spis)}`;
}

/** `-m esp`. extensions/libxt_esp.c */
export const esp: MatchExtension = defineMatch<SpiMatch, State>({
  name: 'esp',
  kinds: ['esp'],
  options: [{ name: 'espspi', type: 'uint32rc', invert: true }],
  needsProtocol: [50],
  init: () => start('esp'),
  parse({ value, invert }, state) {
    state.spis = { ...rangeOf(value.range), invert };
  },
  finish: (state) => state,
  print: (m) => ` esp${isAll(m) ? '' : ` ${printSpis(m)}`}`,
  save: (m) => saveSpis('espspi', m),
});

/** `-m ah` of IPv4. extensions/libipt_ah.c */
export const ah: MatchExtension = defineMatch<SpiMatch, State>({
  name: 'ah',
  family: 'inet',
  kinds: ['ah'],
  options: [{ name: 'ahspi', type: 'uint32rc', invert: true }],
  needsProtocol: [51],
  init: () => start('ah'),
  parse({ value, invert }, state) {
    state.spis = { ...rangeOf(value.range), invert };
  },
  finish: (state) => state,
  print: (m) => ` ah ${printSpis(m)}`,
  save: (m) => saveSpis('ahspi', m),
});

/** `-m ah` of IPv6, where it is an extension header. extensions/libip6t_ah.c */
export const ah6: MatchExtension = defineMatch<SpiMatch, State>({
  name: 'ah',
  family: 'inet6',
  kinds: ['ah'],
  options: [
    { name: 'ahspi', type: 'uint32rc', invert: true },
    { name: 'ahlen', type: 'uint32', invert: true },
    { name: 'ahres', type: 'none' },
  ],
  init: () => start('ah'),
  parse({ name, value, invert }, state) {
    if (name === 'ahspi') state.spis = { ...rangeOf(value.range), invert };
    else if (name === 'ahlen') state.length = { len: value.num, invert };
    else state.reserved = true;
  },
  finish: (state) => state,
  print: (m) =>
    ` ah ${printSpis(m)}` +
    (shows(m) ? `length:${bang(m.length)}${m.length.len}` : '') +
    (m.reserved === true ? ' reserved' : ''),
  save: (m) =>
    saveSpis('ahspi', m) +
    (shows(m) ? `${not(m.length)} --ahlen ${m.length.len}` : '') +
    (m.reserved === true ? ' --ahres' : ''),
});

/** A length of 0 stands for any, unless it is inverted. */
function shows(m: SpiMatch): m is SpiMatch & Required<Pick<SpiMatch, 'length'>> {
  return m.length !== undefined && (m.length.len !== 0 || m.length.invert);
}
