import type { Ipv6OptsMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not } from '../format.ts';

type State = { -readonly [K in keyof Ipv6OptsMatch]: Ipv6OptsMatch[K] };
type Opt = Ipv6OptsMatch['options'][number];

/** Options of a header that one match names. IP6T_OPTS_OPTSNR */
const MAX_OPTIONS = 16;
/** A length that stands for any. */
const ANY_LENGTH = 0xff;

function parseNumber(kind: string, text: string, what: string): number {
  const m = /^\s*[+-]?(0x[0-9a-f]+|\d+)/i.exec(text);
  if (m === null) throw parameterProblem(`${kind}: no valid digits in ${what} \`${text}'`);
  if (m[0].length < text.length)
    throw parameterProblem(`${kind}: error parsing ${what} \`${text}'`);
  return Number(m[1]) & 0xff;
}

/** `TYPE[:LEN][,TYPE[:LEN]…]`. `parse_options()` */
function parseOptions(kind: string, list: string): Opt[] {
  const parts = list.split(',');
  const options = parts.slice(0, MAX_OPTIONS).map((part, i): Opt => {
    const colon = part.indexOf(':');
    if (colon < 0) return { type: parseNumber(kind, part, 'opt') };
    if (i === MAX_OPTIONS - 1) throw parameterProblem('too many ports specified');
    const type = parseNumber(kind, part.slice(0, colon), 'opt');
    if (type === 0)
      throw parameterProblem(kind === 'hbh' ? 'PAD0 has not got length' : "PAD0 hasn't got length");
    const len = parseNumber(kind, part.slice(colon + 1), 'length');
    return len === ANY_LENGTH ? { type } : { type, len };
  });
  if (parts.length > MAX_OPTIONS) throw parameterProblem('too many addresses specified');
  return options;
}

function optionList(options: readonly Opt[]): string {
  if (options.length === 0) return '';
  return ` ${options.map((o) => (o.len === undefined ? o.type : `${o.type}:${o.len}`)).join(',')}`;
}

function extension(kind: Ipv6OptsMatch['kind']): MatchExtension {
  return defineMatch<Ipv6OptsMatch, State>({
    name: kind,
    family: 'inet6',
    kinds: [kind],
    options: [
      { name: `${kind}-len`, type: 'uint32', invert: true },
      { name: `${kind}-opts`, type: 'string' },
    ],
    init: () => ({ kind, options: [] }),
    parse({ name, value, invert }, state) {
      if (name.endsWith('-len')) state.length = { len: value.num, invert };
      else state.options = parseOptions(kind, value.text);
    },
    finish: (state) => state,
    print: (m) =>
      ` ${kind}` +
      (m.length === undefined ? '' : ` length:${bang(m.length)}${m.length.len}`) +
      (m.options.length === 0 ? '' : ` opts${optionList(m.options)}`),
    save: (m) =>
      (m.length === undefined ? '' : `${not(m.length)} --${kind}-len ${m.length.len}`) +
      (m.options.length === 0 ? '' : ` --${kind}-opts${optionList(m.options)}`),
  });
}

/** `-m hbh`. extensions/libip6t_hbh.c */
export const hbh: MatchExtension = extension('hbh');
/** `-m dst`. extensions/libip6t_dst.c */
export const dst: MatchExtension = extension('dst');
