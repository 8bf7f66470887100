import type { AddrRange, IprangeMatch } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatAddr, parseAddr } from '../../core/address.ts';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { RuleContext } from '../../core/option.ts';
import { badValue, not } from '../format.ts';

type State = { -readonly [K in keyof IprangeMatch]: IprangeMatch[K] };
type Side = IprangeMatch['src'];

/** Whether `a` lies after `b`. */
function isAfter(a: InetAddr, b: InetAddr): boolean {
  const words = (x: InetAddr): number[] => (typeof x === 'number' ? [x] : [x.w0, x.w1, x.w2, x.w3]);
  const [as, bs] = [words(a), words(b)];
  const at = as.findIndex((w, i) => w !== bs[i]);
  return at >= 0 && (as[at] as number) >>> 0 > (bs[at] as number) >>> 0;
}

function parseRange(text: string, option: string, rule: RuleContext): AddrRange {
  const dash = text.indexOf('-');
  const words = dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)];
  const [min, max] = words.map((word) => {
    const addr = parseAddr(word, rule.family);
    if (addr === undefined) throw badValue('iprange', `--${option}`, word);
    return addr;
  }) as [InetAddr, InetAddr];
  if (isAfter(min, max))
    rule.warn(`xt_iprange: range ${words.join('-')} is reversed and will never match\n`);
  return { min, max };
}

function text(r: AddrRange): string {
  return `${formatAddr(r.min)}-${formatAddr(r.max)}`;
}

function show(label: string, side: Side): string {
  return side === undefined ? '' : ` ${label}${not(side)} ${text(side)}`;
}

function save(option: string, side: Side): string {
  return side === undefined ? '' : `${not(side)} --${option} ${text(side)}`;
}

/** `-m iprange`. extensions/libxt_iprange.c */
export const iprange: MatchExtension = defineMatch<IprangeMatch, State>({
  name: 'iprange',
  kinds: ['iprange'],
  options: [
    { name: 'src-range', type: 'string', invert: true },
    { name: 'dst-range', type: 'string', invert: true },
  ],
  init: () => ({ kind: 'iprange' }),
  parse({ name, value, invert, rule }, state) {
    const range = { ...parseRange(value.text, name, rule), invert };
    if (name === 'src-range') state.src = range;
    else state.dst = range;
  },
  check(_state, seen) {
    if (seen.size === 0)
      throw parameterProblem("iprange match: You must specify `--src-range' or `--dst-range'");
  },
  finish: (state) => state,
  print: (m) => show('source IP range', m.src) + show('destination IP range', m.dst),
  save: (m) => save('src-range', m.src) + save('dst-range', m.dst),
});
