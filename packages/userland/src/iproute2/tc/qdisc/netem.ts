import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import { type Args, parseInteger, parseUnsigned, unsupported } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import {
  formatG,
  formatPercent,
  formatRate,
  formatTime,
  parsePercent,
  parseSize,
  parseTime,
  ticksOf,
  timeOfTicks,
} from '../units/index.ts';
import { parseRateOf } from './rate-words.ts';
import { helpWord, readValue, readWords, refuse, type TcWord } from './words.ts';

const USAGE = `Usage: ... netem [ limit PACKETS ]
                 [ delay TIME [ JITTER [CORRELATION]]]
                 [ distribution {uniform|normal|pareto|paretonormal} ]
                 [ corrupt PERCENT [CORRELATION]]
                 [ duplicate PERCENT [CORRELATION]]
                 [ loss random PERCENT [CORRELATION]]
                 [ loss state P13 [P31 [P32 [P23 P14]]]
                 [ loss gemodel PERCENT [R [1-H [1-K]]]
                 [ ecn ]
                 [ reorder PERCENT [CORRELATION] [ gap DISTANCE ]]
                 [ rate RATE [PACKETOVERHEAD] [CELLSIZE] [CELLOVERHEAD]]
                 [ slot MIN_DELAY [MAX_DELAY] [packets MAX_PACKETS] [bytes MAX_BYTES]]
                 [ slot distribution {uniform|normal|pareto|paretonormal|custom}
                   DELAY JITTER [packets MAX_PACKETS] [bytes MAX_BYTES]]
`;
const U32_MAX = 0xffff_ffff;
const SUPPORTED = 'limit, delay, distribution, corrupt, duplicate, loss, reorder, gap, rate';
const DISTRIBUTIONS: readonly string[] = ['uniform', 'normal', 'pareto'];

type Draft = Record<string, unknown> & {
  corr: Record<string, number>;
  corrGiven: boolean;
};

const illegal = (what: string) => () => `Illegal "${what}"\n`;

/** A time in ticks. */
function ticks(text: string): number | undefined {
  const us = parseTime(text);
  if (us === undefined) return undefined;
  const wrapped = us % (U32_MAX + 1);
  const t = ticksOf(wrapped);
  if (t > U32_MAX) throw refuse(`Illegal ${wrapped} time (too large)\nIllegal "latency"\n`);
  return t;
}

function nextIsNumber(args: Args): boolean {
  return /^\d/.test(args.following ?? '');
}

function readDelay(args: Args, d: Draft): void {
  d.latency = readValue(args, ticks, illegal('latency'));
  if (!nextIsNumber(args)) return;
  d.jitter = readValue(args, ticks, illegal('latency'));
  if (nextIsNumber(args)) readCorrelation(args, d, 'delay_corr', 'latency');
}

function readCorrelation(args: Args, d: Draft, key: string, what: string): void {
  d.corr[key] = readValue(args, parsePercent, illegal(what));
  d.corrGiven = true;
}

/** A percentage, and in an object of its own how it correlates. */
function readWithCorrelation(args: Args, d: Draft, key: 'reorder' | 'corrupt'): void {
  const probability = readValue(args, parsePercent, illegal(key));
  const correlation = nextIsNumber(args) ? readValue(args, parsePercent, illegal(key)) : 0;
  d[key] = { probability, correlation };
}

function readLoss(args: Args, d: Draft): void {
  if (d.loss !== undefined || d.gemodel !== undefined || d.gimodel !== undefined)
    throw refuse('Illegal "duplicate loss argument\n"\n');
  const first = args.value();
  if (/^\d/.test(first)) {
    readRandomLoss(args, d, first);
  } else if (first === 'random') readRandomLoss(args, d, args.value());
  else if (first === 'state') readStates(args, d);
  else if (first === 'gemodel') readGemodel(args, d);
  else throw refuse(`Unknown loss parameter: ${first}\n`);
}

function readRandomLoss(args: Args, d: Draft, text: string): void {
  const loss = parsePercent(text);
  if (loss === undefined) throw refuse('Illegal "loss percent"\n');
  d.loss = loss;
  if (nextIsNumber(args)) readCorrelation(args, d, 'loss_corr', 'loss correlation');
}

/** Reads as many numbers as there are into `model`, in the order of `keys`. */
function readModel(
  args: Args,
  model: Record<string, number>,
  keys: readonly string[],
  what: string,
): void {
  for (const key of keys) {
    if (!nextIsNumber(args)) return;
    model[key] = readValue(args, parsePercent, illegal(`${what} ${key}`));
  }
}

function readStates(args: Args, d: Draft): void {
  const p13 = readValue(args, parsePercent, illegal('loss p13'));
  const model = { p13, p31: U32_MAX - p13, p32: 0, p23: U32_MAX, p14: 0 };
  readModel(args, model, ['p31', 'p32', 'p23', 'p14'], 'loss');
  d.gimodel = model;
}

function readGemodel(args: Args, d: Draft): void {
  const p = readValue(args, parsePercent, illegal('loss gemodel p'));
  const given: Record<string, number> = {};
  readModel(args, given, ['r', 'h', 'k1'], 'loss gemodel');
  const h = given.h === undefined ? 0 : U32_MAX - given.h;
  d.gemodel = { p, r: given.r ?? U32_MAX - p, h, k1: given.k1 ?? 0 };
}

function readRate(ctx: Context, dev: string, args: Args, d: Draft): void {
  const rate: Record<string, number> = {
    rate: readValue(args, parseRateOf(ctx, dev), illegal('rate')),
  };
  const signed = () => /^-?\d/.test(args.following ?? '');
  if (signed()) rate.packet_overhead = readValue(args, parseInteger, illegal('rate'));
  if (nextIsNumber(args)) rate.cell_size = readValue(args, parseUnsigned, illegal('rate'));
  if (signed()) rate.cell_overhead = readValue(args, parseInteger, illegal('rate'));
  d.rate = rate;
}

function readDistribution(args: Args, d: Draft): void {
  const name = args.value();
  if (['paretonormal', 'experimental'].includes(name))
    throw unsupported(`tc netem distribution ${name}`, DISTRIBUTIONS.join(', '));
  if (!DISTRIBUTIONS.includes(name))
    throw refuse(
      `No distribution data for ${name} (/usr/lib/x86_64-linux-gnu/tc//${name}.dist: No such file or directory)\n`,
    );
  d.delayDist = name;
}

const WORDS: readonly TcWord<Draft>[] = [
  {
    exact: [],
    abbreviated: ['limit'],
    arg: 'VALUE',
    read: (d, args) => {
      d.limit = readValue(args, parseSize, illegal('limit'));
    },
  },
  { exact: [], abbreviated: ['latency'], arg: 'VALUE', read: (d, args) => readDelay(args, d) },
  { exact: [], abbreviated: ['delay'], arg: 'VALUE', read: (d, args) => readDelay(args, d) },
  { exact: [], abbreviated: ['loss'], arg: 'VALUE', read: (d, args) => readLoss(args, d) },
  { exact: [], abbreviated: ['drop'], arg: 'VALUE', read: (d, args) => readLoss(args, d) },
  {
    exact: [],
    abbreviated: ['ecn'],
    refused: true,
    read: () => {
      throw unsupported('tc netem ecn', SUPPORTED);
    },
  },
  {
    exact: [],
    abbreviated: ['reorder'],
    arg: 'VALUE',
    read: (d, args) => readWithCorrelation(args, d, 'reorder'),
  },
  {
    exact: [],
    abbreviated: ['corrupt'],
    arg: 'VALUE',
    read: (d, args) => readWithCorrelation(args, d, 'corrupt'),
  },
  {
    exact: [],
    abbreviated: ['gap'],
    arg: 'VALUE',
    read: (d, args) => {
      d.gap = readValue(args, parseUnsigned, illegal('gap'));
    },
  },
  {
    exact: [],
    abbreviated: ['duplicate'],
    arg: 'VALUE',
    read: (d, args) => {
      d.duplicate = readValue(args, parsePercent, illegal('duplicate'));
      if (nextIsNumber(args)) d.corr.dup_corr = readValue(args, parsePercent, illegal('duplicate'));
    },
  },
  {
    exact: [],
    abbreviated: ['distribution'],
    arg: 'VALUE',
    read: (d, args) => readDistribution(args, d),
  },
  {
    exact: [],
    abbreviated: ['rate'],
    arg: 'VALUE',
    read: (d, args, { ctx, dev }) => readRate(ctx, dev, args, d),
  },
  {
    exact: [],
    abbreviated: ['slot'],
    refused: true,
    read: () => {
      throw unsupported('tc netem slot', SUPPORTED);
    },
  },
  helpWord(USAGE),
];

/** Source: iproute2 tc/q_netem.c, netem_parse_opt(). */
function parse(ctx: Context, args: Args, dev: string): TcOptions {
  const d: Draft = { limit: 1000, corr: {}, corrGiven: false };
  readWords(args, WORDS, d, { ctx, dev }, (word) => {
    throw refuse(`What is "${word}"?\n${USAGE}`);
  });
  const { probability = 0 } = (d.reorder ?? {}) as { probability?: number };
  if (probability > 0) {
    if (!d.latency) throw refuse(`reordering not possible without specifying some delay\n${USAGE}`);
    d.gap ||= 1;
  } else if (Number(d.gap ?? 0) > 0)
    throw refuse(`gap specified without reorder probability\n${USAGE}`);
  if (d.delayDist !== undefined && (!d.latency || !d.jitter))
    throw refuse(`distribution specified but no latency and jitter values\n${USAGE}`);
  const { corrGiven, corr, ...rest } = d;
  return corrGiven ? { ...rest, corr } : rest;
}

function printPercent({ printer }: Context, key: string, words: string, share: number): void {
  if (printer.isJson) printer.jsonRaw(key, formatG(share / U32_MAX));
  else printer.text(` ${words} ${formatPercent(share)}%`);
}

function printCorrelation(ctx: Context, shown: boolean, share: number): void {
  const { printer } = ctx;
  if (printer.isJson) printer.jsonRaw('correlation', formatG(share / U32_MAX));
  else if (shown) printer.text(` ${formatPercent(share)}%`);
}

function printDelay(ctx: Context, o: TcOptions, corr: Record<string, number>): void {
  const { printer } = ctx;
  const [latency, jitter] = [timeOfTicks(Number(o.latency)), timeOfTicks(Number(o.jitter))];
  if (Number(o.latency) === 0) return;
  printer.openObject('delay');
  if (printer.isJson) {
    printer.jsonRaw('delay', formatG(latency / 1e6));
    printer.jsonRaw('jitter', formatG(jitter / 1e6));
  } else {
    printer.text(` delay ${formatTime(latency)}`);
    if (jitter !== 0) printer.text(`  ${formatTime(jitter)}`);
  }
  const share = corr.delay_corr ?? 0;
  printCorrelation(ctx, jitter !== 0 && share !== 0, share);
  printer.closeObject();
}

function printModel(
  ctx: Context,
  key: string,
  model: Record<string, number> | undefined,
  rows: readonly (readonly [
    key: string,
    words: string,
    value: (m: Record<string, number>) => number,
  ])[],
): void {
  if (model === undefined) return;
  ctx.printer.openObject(key);
  for (const [name, words, value] of rows) printPercent(ctx, name, words, value(model));
  ctx.printer.closeObject();
}

function printShare(
  ctx: Context,
  key: string,
  name: string,
  share: number,
  correlation: number,
): void {
  if (share === 0) return;
  ctx.printer.openObject(key);
  printPercent(ctx, name, name, share);
  printCorrelation(ctx, correlation !== 0, correlation);
  ctx.printer.closeObject();
}

function printRateOf(ctx: Context, rate: Record<string, number> | undefined): void {
  const { printer } = ctx;
  if (rate === undefined || !rate.rate) return;
  printer.openObject('rate');
  if (printer.isJson) printer.json('rate', rate.rate);
  else printer.text(` rate ${formatRate(rate.rate, ctx.options.iec)}`);
  const number = (key: string, value: number) => {
    printer.json(key, value);
    if (value !== 0) printer.text(` ${key} ${value}`);
  };
  number('packetoverhead', rate.packet_overhead ?? 0);
  number('cellsize', rate.cell_size ?? 0);
  number('celloverhead', rate.cell_overhead ?? 0);
  printer.closeObject();
}

/** Source: tc/q_netem.c, netem_print_opt(). */
function print(ctx: Context, o: TcOptions): void {
  const { printer } = ctx;
  const corr = (o.corr ?? {}) as Record<string, number>;
  const reorder = (o.reorder ?? {}) as Record<string, number>;
  const corrupt = (o.corrupt ?? {}) as Record<string, number>;
  printer.field('limit', 'limit %d', Number(o.limit));
  printDelay(ctx, o, corr);
  const loss = Number(o.loss);
  if (loss !== 0) {
    printer.openObject('loss-random');
    printPercent(ctx, 'loss', 'loss', loss);
    printCorrelation(ctx, (corr.loss_corr ?? 0) !== 0, corr.loss_corr ?? 0);
    printer.closeObject();
  }
  const states = ['p31', 'p32', 'p23', 'p14'] as const;
  printModel(ctx, 'loss-state', o.gimodel as Record<string, number> | undefined, [
    ['p13', 'loss state p13', (m) => m.p13 ?? 0],
    ...states.map((p) => [p, p, (m: Record<string, number>) => m[p] ?? 0] as const),
  ]);
  printModel(ctx, 'loss-gemodel', o.gemodel as Record<string, number> | undefined, [
    ['p', 'loss gemodel p', (m) => m.p ?? 0],
    ['r', 'r', (m) => m.r ?? 0],
    ['1-h', '1-h', (m) => U32_MAX - (m.h ?? 0)],
    ['1-k', '1-k', (m) => m.k1 ?? 0],
  ]);
  printShare(ctx, 'duplicate', 'duplicate', Number(o.duplicate), corr.dup_corr ?? 0);
  printShare(ctx, 'reorder', 'reorder', reorder.probability ?? 0, reorder.correlation ?? 0);
  printShare(ctx, 'corrupt', 'corrupt', corrupt.probability ?? 0, corrupt.correlation ?? 0);
  printRateOf(ctx, o.rate as Record<string, number> | undefined);
  printer.json('ecn', false);
  const gap = Number(o.gap);
  printer.json('gap', gap);
  if (gap !== 0) printer.text(` gap ${gap}`);
}

/** `tc qdisc … netem` */
export const NETEM: QdiscKind = { words: WORDS, parse, print };
