import type { ConntrackMatch, Masked, StateMatch } from '@labwire/devices/netfilter';
import { formatAddr, isAny, maskText } from '../../core/address.ts';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension, type PrintContext } from '../../core/extension.ts';
import type { OptionCall, OptionEntry } from '../../core/option.ts';
import { badValue, not, rangeOf, rangeText } from '../format.ts';
import { parseCtStates, parseCtStatuses, parseStates } from './states.ts';

type State = { -readonly [K in keyof ConntrackMatch]: ConntrackMatch[K] };

const ADDRS = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const;
const PORTS = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport'] as const;

const OPTIONS: readonly OptionEntry[] = [
  { name: 'ctstate', type: 'string', invert: true },
  { name: 'ctproto', type: 'protocol', invert: true },
  ...ADDRS.map((name) => ({ name, type: 'hostmask', invert: true }) as const),
  { name: 'ctstatus', type: 'string', invert: true },
  { name: 'ctexpire', type: 'uint32rc', invert: true },
  ...PORTS.map((name) => ({ name, type: 'portrc', invert: true }) as const),
  { name: 'ctdir', type: 'string' },
];

function direction(text: string): 'ORIGINAL' | 'REPLY' {
  const dir = text.toUpperCase();
  if (dir !== 'ORIGINAL' && dir !== 'REPLY') throw badValue('conntrack', '--ctdir', text);
  return dir;
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  const addr = ADDRS.find((n) => n === name);
  const port = PORTS.find((n) => n === name);
  if (addr !== undefined)
    state[addr] = { ...({ addr: value.addr, mask: value.mask } as Masked), invert };
  else if (port !== undefined) state[port] = { ...rangeOf(value.range), invert };
  else if (name === 'ctstate') state.ctstate = { in: parseCtStates(value.text), invert };
  else if (name === 'ctstatus') state.ctstatus = { in: parseCtStatuses(value.text), invert };
  else if (name === 'ctexpire') state.ctexpire = { ...rangeOf(value.range), invert };
  else if (name === 'ctdir') state.ctdir = direction(value.text);
  else state.ctproto = { protocol: value.num, invert };
}

function addrText(m: Masked, numeric: boolean): string {
  return !numeric && isAny(m.addr) ? 'anywhere' : formatAddr(m.addr) + maskText(m.mask);
}

/** All of it, with `--` before each name for iptables-save. `conntrack_dump()` */
function dump(m: ConntrackMatch, prefix: string, ctx: PrintContext): string {
  const item = (
    name: string,
    of: { readonly invert: boolean } | undefined,
    text: () => string | number,
  ): string => (of === undefined ? '' : `${not(of)} ${prefix}${name} ${text()}`);
  return (
    item('ctstate', m.ctstate, () => m.ctstate?.in.join(',') ?? '') +
    item('ctproto', m.ctproto, () => m.ctproto?.protocol ?? 0) +
    ADDRS.map((n) => item(n, m[n], () => addrText(m[n] as Masked, ctx.numeric))).join('') +
    PORTS.map((n) => item(n, m[n], () => rangeText(m[n] ?? { min: 0, max: 0 }))).join('') +
    item('ctstatus', m.ctstatus, () => m.ctstatus?.in.join(',') ?? '') +
    item('ctexpire', m.ctexpire, () => rangeText(m.ctexpire ?? { min: 0, max: 0 })) +
    (m.ctdir === undefined ? '' : ` ${prefix}ctdir ${m.ctdir}`)
  );
}

/** `-m conntrack`. extensions/libxt_conntrack.c */
export const conntrack: MatchExtension = defineMatch<ConntrackMatch, State>({
  name: 'conntrack',
  kinds: ['conntrack'],
  options: OPTIONS,
  init: () => ({ kind: 'conntrack' }),
  parse,
  check(_state, seen) {
    if (seen.size === 0) throw parameterProblem('conntrack: At least one option is required');
  },
  finish: (state) => state,
  print: (m, ctx) => dump(m, '', ctx),
  save: (m, ctx) => dump(m, '--', { ...ctx, numeric: true }),
});

/** `-m state`: another name for a part of the same. extensions/libxt_conntrack.c */
export const state: MatchExtension = defineMatch<StateMatch, { match?: StateMatch }>({
  name: 'state',
  kinds: ['state'],
  options: [{ name: 'state', type: 'string', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, s) {
    s.match = { kind: 'state', in: parseStates(value.text), invert };
  },
  finish: (s) => s.match as StateMatch,
  print: (m) => `${not(m)} state ${m.in.join(',')}`,
  save: (m) => `${not(m)} --state ${m.in.join(',')}`,
});
