import type { RateSpec, TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import type { Args } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import {
  formatSize,
  formatTime,
  makeRateSpec,
  parseSize,
  parseSizeAndCell,
  parseTime,
  timeOfTicks,
  xmitSize,
  xmitTime,
} from '../units/index.ts';
import {
  linklayerName,
  parseLinklayer,
  parseRateOf,
  parseU16,
  printRate,
  printSize,
} from './rate-words.ts';
import { helpWord, readValue, readWords, refuse, type TcWord } from './words.ts';

const USAGE = `Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]
	[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]
`;

const illegal = (option: string) => (text: string) =>
  `tbf: illegal value for "${option}": "${text}"\n`;

interface Draft {
  limit: number;
  latency: number;
  buffer: number;
  bufferCell: number | undefined;
  mtu: number;
  mtuCell: number | undefined;
  mpu: number;
  rate: number;
  peakrate: number;
  overhead: number;
  linklayer: number;
}

/** Refuses an option that was given before. */
function once(value: number, what: string): void {
  if (value !== 0) throw refuse(`tbf: duplicate "${what}" specification\n`);
}

const WORDS: readonly TcWord<Draft>[] = [
  {
    exact: [],
    abbreviated: ['limit'],
    arg: 'VALUE',
    read: (d, args) => {
      if (d.latency !== 0)
        throw refuse('tbf: specifying both "latency" and "limit" is not allowed\n');
      once(d.limit, 'limit');
      d.limit = readValue(args, parseSize, illegal('limit'));
    },
  },
  {
    exact: [],
    abbreviated: ['latency'],
    arg: 'VALUE',
    read: (d, args) => {
      once(d.latency, 'latency');
      if (d.limit !== 0)
        throw refuse('tbf: specifying both "limit" and "/latency" is not allowed\n');
      d.latency = readValue(args, parseTime, illegal('latency'));
    },
  },
  {
    exact: ['buffer', 'maxburst'],
    abbreviated: ['burst'],
    arg: 'VALUE',
    read: (d, args) => {
      const { word } = args;
      once(d.buffer, 'buffer/burst/maxburst');
      const { size, cellLog } = readValue(args, parseSizeAndCell, illegal(word));
      Object.assign(d, { buffer: size, bufferCell: cellLog });
    },
  },
  {
    exact: ['mtu', 'minburst'],
    arg: 'VALUE',
    read: (d, args) => {
      const { word } = args;
      once(d.mtu, 'mtu/minburst');
      const { size, cellLog } = readValue(args, parseSizeAndCell, illegal(word));
      Object.assign(d, { mtu: size, mtuCell: cellLog });
    },
  },
  {
    exact: ['mpu'],
    arg: 'VALUE',
    read: (d, args) => {
      once(d.mpu, 'mpu');
      d.mpu = readValue(args, parseSize, illegal('mpu'));
    },
  },
  {
    exact: ['rate'],
    arg: 'VALUE',
    read: (d, args, { ctx, dev }) => {
      once(d.rate, 'rate');
      d.rate = readValue(args, parseRateOf(ctx, dev), illegal('rate'));
    },
  },
  {
    exact: [],
    abbreviated: ['peakrate'],
    arg: 'VALUE',
    read: (d, args, { ctx, dev }) => {
      once(d.peakrate, 'peakrate');
      d.peakrate = readValue(args, parseRateOf(ctx, dev), illegal('peakrate'));
    },
  },
  {
    exact: [],
    abbreviated: ['overhead'],
    arg: 'VALUE',
    read: (d, args) => {
      once(d.overhead, 'overhead');
      d.overhead = readValue(args, parseU16, illegal('overhead'));
    },
  },
  {
    exact: [],
    abbreviated: ['linklayer'],
    arg: 'VALUE',
    read: (d, args) => {
      d.linklayer = readValue(args, parseLinklayer, illegal('linklayer'));
    },
  },
  helpWord(USAGE),
];

/** Tells all that is missing at once. */
function check(d: Draft): void {
  const missing: string[] = [];
  if (d.rate === 0) missing.push('tbf: the "rate" parameter is mandatory.\n');
  if (d.buffer === 0) missing.push('tbf: the "burst" parameter is mandatory.\n');
  if (d.peakrate !== 0 && d.mtu === 0)
    missing.push('tbf: when "peakrate" is specified, "mtu" must also be specified.\n');
  if (d.limit === 0 && d.latency === 0)
    missing.push('tbf: either "limit" or "latency" is required.\n');
  if (missing.length > 0) throw refuse(missing.join('') + USAGE);
}

/** The bytes that wait no longer than the latency. */
function limitOf(d: Draft): number {
  if (d.limit !== 0) return d.limit;
  const limit = (d.rate * d.latency) / 1e6 + d.buffer;
  if (d.peakrate === 0) return Math.trunc(limit);
  return Math.trunc(Math.min(limit, (d.peakrate * d.latency) / 1e6 + d.mtu));
}

/** Source: iproute2 tc/q_tbf.c, tbf_parse_opt(). */
function parse(ctx: Context, args: Args, dev: string): TcOptions {
  const d: Draft = {
    limit: 0,
    latency: 0,
    buffer: 0,
    bufferCell: undefined,
    mtu: 0,
    mtuCell: undefined,
    mpu: 0,
    rate: 0,
    peakrate: 0,
    overhead: 0,
    linklayer: 1,
  };
  readWords(args, WORDS, d, { ctx, dev }, (word) => {
    throw refuse(`tbf: unknown parameter "${word}"\n${USAGE}`);
  });
  check(d);
  const { overhead, mpu, linklayer, mtu } = d;
  const common = { overhead, mpu, linklayer, mtu };
  return {
    rate: makeRateSpec(d.rate, { ...common, cellLog: d.bufferCell }),
    limit: limitOf(d),
    burst: d.buffer,
    ...(d.peakrate === 0
      ? {}
      : {
          peakrate: makeRateSpec(d.peakrate, { ...common, cellLog: d.mtuCell }),
          mtu: xmitTime(d.peakrate, d.mtu),
          pburst: d.mtu,
        }),
  };
}

function printBurst(ctx: Context, key: string, words: string, size: number, spec: RateSpec): void {
  const { printer, options } = ctx;
  if (options.details === 0) {
    printSize(ctx, key, words, size);
    return;
  }
  const detailed = words === 'minburst' ? 'mtu' : words;
  printer.field(detailed, `${detailed} %s `, `${formatSize(size)}/${1 << spec.cellLog}`);
  printSize(ctx, 'mpu', 'mpu', spec.mpu);
}

/** Source: tc/q_tbf.c, tbf_print_opt(). */
function print(ctx: Context, o: TcOptions): void {
  const { printer, options } = ctx;
  const rate = o.rate as RateSpec;
  const peak = o.peakrate as RateSpec | undefined;
  const buffer = Number(o.buffer);
  const limit = Number(o.limit);
  printRate(ctx, 'rate', 'rate', rate.rate);
  printBurst(ctx, 'burst', 'burst', xmitSize(rate.rate, buffer), rate);
  let latency = 1e6 * (limit / rate.rate) - timeOfTicks(buffer);
  if (peak !== undefined) {
    if (!printer.isJson) printRate(ctx, 'peakrate', 'peakrate', peak.rate);
    const mtu = Number(o.mtu);
    if (mtu !== 0 || peak.mpu !== 0)
      printBurst(ctx, 'minburst', 'minburst', xmitSize(peak.rate, mtu), peak);
    latency = Math.max(latency, 1e6 * (limit / peak.rate) - timeOfTicks(mtu));
  }
  if (latency >= 0) {
    printer.json('lat', Math.trunc(latency));
    printer.text(`lat ${formatTime(Math.trunc(latency))} `);
  } else printSize(ctx, 'limit', 'limit', limit);
  if (rate.overhead !== 0) printer.field('overhead', 'overhead %d ', rate.overhead);
  if (rate.linklayer > 1 || options.details > 0)
    printer.field('linklayer', 'linklayer %s ', linklayerName(rate.linklayer));
}

/** `tc qdisc … tbf` */
export const TBF: QdiscKind = { words: WORDS, parse, print };
