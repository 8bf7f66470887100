import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import { type Args, parseInteger, parseUnsigned, unsupported } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { formatTime, parseSize, parseTime } from '../units/index.ts';
import { printSize } from './rate-words.ts';
import { readValue, readWords, refuse, type TcWord } from './words.ts';

const FQ_CODEL_USAGE =
  'Usage: ... fq_codel	[ limit PACKETS ] [ flows NUMBER ]\n[ memory_limit BYTES ]\n[ target TIME ] [ interval TIME ]\n[ quantum BYTES ] [ [no]ecn ]\n[ ce_threshold TIME ]\n[ ce_threshold_selector VALUE/MASK ]\n[ drop_batch SIZE ]\n';
const SFQ_USAGE = `Usage: ... sfq	[ limit NUMBER ] [ perturb SECS ] [ quantum BYTES ]
		[ divisor NUMBER ] [ flows NUMBER] [ depth NUMBER ]
		[ headdrop ]
		[ redflowlimit BYTES ] [ min BYTES ] [ max BYTES ]
		[ avpkt BYTES ] [ burst PACKETS ] [ probability P ]
		[ ecn ] [ harddrop ]
`;

const illegal = (what: string) => () => `Illegal "${what}"\n`;

/** An option with a value, put under `attr`. */
function valueWord(
  o: Record<string, unknown>,
  word: string,
  attr: string,
  parse: (text: string) => number | undefined,
  what = word,
): TcWord {
  return {
    words: [word],
    read: (args) => {
      o[attr] = readValue(args, parse, illegal(what));
    },
  };
}

function helpWord(usage: string): TcWord {
  return {
    words: ['help'],
    read: () => {
      throw refuse(usage);
    },
  };
}

function setWord(o: Record<string, unknown>, word: string, attr: string, value: unknown): TcWord {
  return {
    words: [word],
    read: () => {
      o[attr] = value;
    },
  };
}

function unsupportedWords(kind: string, words: readonly string[], supported: string): TcWord {
  return {
    words,
    read: (args) => {
      throw unsupported(`tc ${kind} ${args.word}`, supported);
    },
  };
}

/** Source: iproute2 tc/q_fq_codel.c, fq_codel_parse_opt(). */
function parseFqCodel(_ctx: Context, args: Args): TcOptions {
  const o: Record<string, unknown> = {};
  const words = [
    valueWord(o, 'limit', 'limit', parseUnsigned),
    valueWord(o, 'flows', 'flows', parseUnsigned),
    valueWord(o, 'quantum', 'quantum', parseUnsigned),
    valueWord(o, 'drop_batch', 'drop_batch_size', parseUnsigned),
    valueWord(o, 'target', 'target', parseTime),
    valueWord(o, 'interval', 'interval', parseTime),
    valueWord(o, 'memory_limit', 'memory_limit', parseSize),
    setWord(o, 'ecn', 'ecn', 1),
    setWord(o, 'noecn', 'ecn', 0),
    unsupportedWords(
      'fq_codel',
      ['ce_threshold', 'ce_threshold_selector'],
      'limit, flows, quantum, drop_batch, target, interval, memory_limit, ecn',
    ),
    helpWord(FQ_CODEL_USAGE),
  ];
  readWords(args, words, (word) => {
    throw refuse(`What is "${word}"?\n${FQ_CODEL_USAGE}`);
  });
  return o;
}

function printFqCodel(ctx: Context, o: TcOptions): void {
  const { printer } = ctx;
  const time = (key: string) => {
    printer.json(key, Number(o[key]));
    printer.text(`${key} ${formatTime(Number(o[key]))} `);
  };
  printer.field('limit', 'limit %up ', Number(o.limit));
  printer.field('flows', 'flows %u ', Number(o.flows));
  printer.field('quantum', 'quantum %u ', Number(o.quantum));
  time('target');
  time('interval');
  printSize(ctx, 'memory_limit', 'memory_limit', Number(o.memory_limit));
  if (Number(o.ecn) !== 0) printer.flag('ecn', 'ecn ');
  if (Number(o.drop_batch_size) !== 0)
    printer.field('drop_batch', 'drop_batch %u ', Number(o.drop_batch_size));
}

function printFqCodelXstats({ printer }: Context, x: TcOptions): void {
  printer.field('maxpacket', '  maxpacket %u', Number(x.maxpacket));
  printer.field('drop_overlimit', ' drop_overlimit %u', Number(x.drop_overlimit));
  printer.field('new_flow_count', ' new_flow_count %u', Number(x.new_flow_count));
  printer.field('ecn_mark', ' ecn_mark %u', Number(x.ecn_mark));
  printer.nl();
  printer.field('new_flows_len', '  new_flows_len %u', Number(x.new_flows_len));
  printer.field('old_flows_len', ' old_flows_len %u', Number(x.old_flows_len));
}

/** `tc qdisc … fq_codel` */
export const FQ_CODEL: QdiscKind = {
  parse: parseFqCodel,
  print: printFqCodel,
  printXstats: printFqCodelXstats,
};

/** Source: tc/q_sfq.c, sfq_parse_opt(). */
function parseSfq(_ctx: Context, args: Args): TcOptions | undefined {
  const o: Record<string, unknown> = {};
  const words = [
    valueWord(o, 'quantum', 'quantum', parseSize, 'limit'),
    valueWord(o, 'perturb', 'perturb_period', parseInteger),
    valueWord(o, 'limit', 'limit', parseUnsigned),
    valueWord(o, 'divisor', 'divisor', parseUnsigned),
    valueWord(o, 'flows', 'flows', parseUnsigned),
    valueWord(o, 'depth', 'depth', parseUnsigned, 'flows'),
    setWord(o, 'headdrop', 'headdrop', true),
    unsupportedWords(
      'sfq',
      ['redflowlimit', 'min', 'max', 'burst', 'avpkt', 'probability', 'ecn', 'harddrop'],
      'limit, perturb, quantum, divisor, flows, depth, headdrop',
    ),
    helpWord(SFQ_USAGE),
  ];
  readWords(args, words, (word) => {
    throw refuse(`What is "${word}"?\n${SFQ_USAGE}`);
  });
  if (o.limit !== undefined && Number(o.limit) < 2) throw refuse('Illegal "limit", must be > 1\n');
  return Object.keys(o).length === 0 ? undefined : o;
}

function printSfq(ctx: Context, o: TcOptions): void {
  const { printer, options } = ctx;
  printer.field('limit', 'limit %up ', Number(o.limit));
  printSize(ctx, 'quantum', 'quantum', Number(o.quantum));
  printer.field('depth', 'depth %u ', Number(o.depth));
  if (o.headdrop === true) printer.flag('headdrop', 'headdrop ');
  if (options.details > 0) printer.field('flows', 'flows %u ', Number(o.flows));
  printer.field('divisor', 'divisor %u ', Number(o.divisor));
  const period = Number(o.perturb_period);
  if (period !== 0) printer.field('perturb', 'perturb %dsec ', period);
}

/** `tc qdisc … sfq` */
export const SFQ: QdiscKind = { parse: parseSfq, print: printSfq };
