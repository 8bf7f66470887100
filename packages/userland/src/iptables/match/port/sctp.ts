import type { SctpMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { parsePortRange, printPorts, saveGivenPorts } from './ports.ts';
import { parseChunks, printChunks, saveChunks } from './sctp-chunks.ts';

type State = { -readonly [K in keyof SctpMatch]: SctpMatch[K] };

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  if (name === 'source-port')
    state.sports = { ...parsePortRange(value.text, rule, 'sctp'), invert };
  else if (name === 'destination-port')
    state.dports = { ...parsePortRange(value.text, rule, 'sctp'), invert };
  else state.chunks = { ...parseChunks(value.text), invert };
}

const port = { type: 'string', invert: true } as const;
const source = { ...port, onceText: "Only one `--source-port' allowed" };
const destination = { ...port, onceText: "Only one `--destination-port' allowed" };

/** `-m sctp`. extensions/libxt_sctp.c */
export const sctp: MatchExtension = defineMatch<SctpMatch, State>({
  name: 'sctp',
  kinds: ['sctp'],
  options: [
    { name: 'source-port', ...source },
    { name: 'sport', ...source, sameAs: 'source-port' },
    { name: 'destination-port', ...destination },
    { name: 'dport', ...destination, sameAs: 'destination-port' },
    {
      name: 'chunk-types',
      ...port,
      words: 2,
      wordsText: '--chunk-types requires two args',
      onceText: "Only one `--chunk-types' allowed",
    },
  ],
  needsProtocol: [132],
  init: () => ({ kind: 'sctp' }),
  parse,
  finish: (state) => state,
  print: (m, ctx) =>
    ` sctp${printPorts('spt', m.sports, 'sctp', ctx)}${printPorts('dpt', m.dports, 'sctp', ctx)}` +
    (m.chunks === undefined ? '' : printChunks(m.chunks, ctx.numeric)),
  save: (m) =>
    saveGivenPorts('sport', m.sports) +
    saveGivenPorts('dport', m.dports) +
    (m.chunks === undefined ? '' : saveChunks(m.chunks)),
});
