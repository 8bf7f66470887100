import type { TcpMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { strtoui } from '../../core/numbers.ts';
import type { OptionCall } from '../../core/option.ts';
import {
  isAllPorts,
  nativePorts,
  needProtocol,
  type PortMatch,
  parsePortRange,
  printPorts,
  savePorts,
  withoutAllPorts,
} from './ports.ts';

/** Flags by name, in the order in which they are printed. extensions/libxt_tcp.c, tcp_flag_names[] */
const FLAGS: readonly (readonly [string, number])[] = [
  ['FIN', 0x01],
  ['SYN', 0x02],
  ['RST', 0x04],
  ['PSH', 0x08],
  ['ACK', 0x10],
  ['URG', 0x20],
];

interface State {
  sports?: PortMatch;
  dports?: PortMatch;
  flags?: NonNullable<TcpMatch['flags']>;
  option?: NonNullable<TcpMatch['option']>;
}

function parseFlags(list: string): number {
  let bits = 0;
  for (const name of list.split(',')) {
    const upper = name.toUpperCase();
    const flag =
      FLAGS.find(([n]) => n === upper)?.[1] ??
      (upper === 'ALL' ? 0x3f : upper === 'NONE' ? 0 : undefined);
    if (flag === undefined) throw parameterProblem(`Unknown TCP flag \`${name}'`);
    bits |= flag;
  }
  return bits;
}

function flagNames(bits: number): string {
  return (
    FLAGS.filter(([, bit]) => (bits & bit) !== 0)
      .map(([name]) => name)
      .join(',') || 'NONE'
  );
}

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  switch (name) {
    case 'source-port':
      state.sports = { ...parsePortRange(value.text, rule, 'tcp'), invert };
      break;
    case 'destination-port':
      state.dports = { ...parsePortRange(value.text, rule, 'tcp'), invert };
      break;
    case 'syn':
      state.flags = { mask: 0x17, comp: 0x02, invert };
      break;
    case 'tcp-option': {
      const kind = strtoui(value.text, 1, 255);
      if (kind === undefined) throw parameterProblem(`Bad TCP option "${value.text}"`);
      state.option = { kind, invert };
      break;
    }
    default: {
      const [mask = '', comp = ''] = value.text.split(' ');
      state.flags = { mask: parseFlags(mask), comp: parseFlags(comp), invert };
    }
  }
}

function printFlags(
  { mask, comp, invert }: NonNullable<TcpMatch['flags']>,
  numeric: boolean,
): string {
  const hex2 = (n: number): string => `0x${n.toString(16).toUpperCase().padStart(2, '0')}`;
  const text = numeric ? `${hex2(mask)}/${hex2(comp)}` : `${flagNames(mask)}/${flagNames(comp)}`;
  return ` flags:${invert ? '!' : ''}${text}`;
}

/**
 * Of no flags nf_tables asks nothing, whatever they should be; but that something was asked for shows as an inverted
 * match of all ports does. iptables/nft.c, add_nft_tcp()
 */
function withoutIdleFlags(state: State): State {
  const { flags: asked, ...rest } = state;
  if (asked === undefined || asked.mask !== 0) return state;
  const idle = asked.invert || asked.comp !== 0;
  const open = (r: PortMatch | undefined): boolean => r === undefined || isAllPorts(r);
  return idle && open(rest.sports) && open(rest.dports)
    ? { ...rest, sports: { min: 0, max: 0xffff, invert: true } }
    : rest;
}

const text = { type: 'string', invert: true } as const;
const source = { ...text, onceText: "Only one `--source-port' allowed" };
const destination = { ...text, onceText: "Only one `--destination-port' allowed" };
const flags = { invert: true, onceText: "Only one of `--syn' or `--tcp-flags'  allowed" };

/** `-m tcp`. extensions/libxt_tcp.c */
export const tcp: MatchExtension = defineMatch<TcpMatch, State>({
  name: 'tcp',
  kinds: ['tcp'],
  options: [
    { name: 'source-port', ...source },
    { name: 'sport', ...source, sameAs: 'source-port' },
    { name: 'destination-port', ...destination },
    { name: 'dport', ...destination, sameAs: 'destination-port' },
    { name: 'tcp-flags', type: 'string', words: 2, ...flags },
    { name: 'syn', type: 'none', ...flags, sharesOnce: 'tcp-flags' },
    { name: 'tcp-option', ...text, onceText: "Only one `--tcp-option' allowed" },
  ],
  needsProtocol: [6],
  init: () => ({}),
  parse,
  finish(state, _seen, rule) {
    // an option is asked for by xt_tcp, which then asks for the rest, too
    const asked =
      state.option === undefined ? nativePorts(withoutIdleFlags(state)) : withoutAllPorts(state);
    if (asked === undefined || Object.keys(asked).length > 0) needProtocol('tcp', rule);
    return asked && { kind: 'tcp', ...asked };
  },
  print: (m, ctx) =>
    ` tcp${printPorts('spt', m.sports, 'tcp', ctx)}${printPorts('dpt', m.dports, 'tcp', ctx)}` +
    (m.option === undefined ? '' : ` option=${m.option.invert ? '!' : ''}${m.option.kind}`) +
    (m.flags === undefined ? '' : printFlags(m.flags, ctx.numeric)),
  save: (m) =>
    savePorts('sport', m.sports) +
    savePorts('dport', m.dports) +
    (m.option === undefined ? '' : `${m.option.invert ? ' !' : ''} --tcp-option ${m.option.kind}`) +
    (m.flags === undefined || (m.flags.mask === 0 && !m.flags.invert)
      ? ''
      : `${m.flags.invert ? ' !' : ''} --tcp-flags ${flagNames(m.flags.mask)} ${flagNames(m.flags.comp)}`),
});
