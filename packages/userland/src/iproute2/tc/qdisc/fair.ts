import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  parseInteger,
  parseUnsigned,
  refusedWord,
  unsupported,
  word,
} from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { formatTime, parseSize, parseTime } from '../units/index.ts';
import { printSize } from './rate-words.ts';
import { helpWord, readValue, readWords, refuse, type TcWord } from './words.ts';

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

type FairWord = TcWord<Record<string, unknown>>;

/** An option with a value, put under `attr`. */
function valueWord(
  name: string,
  attr: string,
  parse: (text: string) => number | undefined,
  what = name,
): FairWord {
  return word(`${name} VALUE`, (o, args) => {
    o[attr] = readValue(args, parse, illegal(what));
  });
}

function setWord(name: string, attr: string, value: unknown): FairWord {
  return word(name, (o) => {
    o[attr] = value;
  });
}

function unsupportedWords(kind: string, names: string, supported: string): FairWord {
  return refusedWord(names, (typed) => unsupported(`tc ${kind} ${typed}`, supported));
}

const FQ_CODEL_WORDS: readonly FairWord[] = [
  valueWord('limit', 'limit', parseUnsigned),
  valueWord('flows', 'flows', parseUnsigned),
  valueWord('quantum', 'quantum', parseUnsigned),
  valueWord('drop_batch', 'drop_batch_size', parseUnsigned),
  valueWord('target', 'target', parseTime),
  valueWord('interval', 'interval', parseTime),
  valueWord('memory_limit', 'memory_limit', parseSize),
  setWord('ecn', 'ecn', 1),
  setWord('noecn', 'ecn', 0),
  unsupportedWords(
    'fq_codel',
    'ce_threshold|ce_threshold_selector',
    'limit, flows, quantum, drop_batch, target, interval, memory_limit, ecn',
  ),
  helpWord(FQ_CODEL_USAGE),
];

/** Source: iproute2 tc/q_fq_codel.c, fq_codel_parse_opt(). */
function parseFqCodel(ctx: Context, args: Args, dev: string): TcOptions {
  const o: Record<string, unknown> = {};
  readWords(args, FQ_CODEL_WORDS, o, { ctx, dev }, (typed) => {
    throw refuse(`What is "${typed}"?\n${FQ_CODEL_USAGE}`);
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
  words: FQ_CODEL_WORDS,
  parse: parseFqCodel,
  print: printFqCodel,
  printXstats: printFqCodelXstats,
};

const SFQ_WORDS: readonly FairWord[] = [
  valueWord('quantum', 'quantum', parseSize, 'limit'),
  valueWord('perturb', 'perturb_period', parseInteger),
  valueWord('limit', 'limit', parseUnsigned),
  valueWord('divisor', 'divisor', parseUnsigned),
  valueWord('flows', 'flows', parseUnsigned),
  valueWord('depth', 'depth', parseUnsigned, 'flows'),
  setWord('headdrop', 'headdrop', true),
  unsupportedWords(
    'sfq',
    'redflowlimit|min|max|burst|avpkt|probability|ecn|harddrop',
    'limit, perturb, quantum, divisor, flows, depth, headdrop',
  ),
  helpWord(SFQ_USAGE),
];

/** Source: tc/q_sfq.c, sfq_parse_opt(). */
function parseSfq(ctx: Context, args: Args, dev: string): TcOptions | undefined {
  const o: Record<string, unknown> = {};
  readWords(args, SFQ_WORDS, o, { ctx, dev }, (typed) => {
    throw refuse(`What is "${typed}"?\n${SFQ_USAGE}`);
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
export const SFQ: QdiscKind = { words: SFQ_WORDS, parse: parseSfq, print: printSfq };
