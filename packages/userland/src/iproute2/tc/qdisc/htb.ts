import type { RateSpec, TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import { type Args, parseUnsigned, word } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { formatSize, makeRateSpec, parseSizeAndCell, xmitSize, xmitTime } from '../units/index.ts';
import {
  linklayerName,
  parseLinklayer,
  parseRateOf,
  parseU16,
  printRate,
  printSize,
} from './rate-words.ts';
import { helpWord, readValue, readWords, refuse, type TcWord } from './words.ts';

const USAGE = `Usage: ... qdisc add ... htb [default N] [r2q N]
                      [direct_qlen P] [offload]
 default  minor id of class to which unclassified packets are sent {0}
 r2q      DRR quantums are computed as rate in Bps/r2q {10}
 debug    string of 16 numbers each 0-3 {0}

 direct_qlen  Limit of the direct queue {in packets}
 offload  enable hardware offload
... class add ... htb rate R1 [burst B1] [mpu B] [overhead O]
                      [prio P] [slot S] [pslot PS]
                      [ceil R2] [cburst B2] [mtu MTU] [quantum Q]
 rate     rate allocated to this class (class can still borrow)
 burst    max bytes burst which can be accumulated during idle period {computed}
 mpu      minimum packet size used in rate computations
 overhead per-packet size overhead used in rate computations
 linklay  adapting to a linklayer e.g. atm
 ceil     definite upper class rate (no borrows) {rate}
 cburst   burst but for ceil {computed}
 mtu      max packet size we create rate map for {1600}
 prio     priority of leaf; lower are served first {0}
 quantum  how much bytes to serve from leaf at once {use r2q}

TC HTB version 3.3
`;
/** Ticks of the kernel's clock in a second, as /proc/net/psched tells them. */
const HZ = 1e9;
const DEFAULT_MTU = 1600;

const illegal = (option: string) => () => `Illegal "${option}"\n${USAGE}`;
const u32 = (text: string) => (/^[+-]?\d+$/.test(text) ? parseUnsigned(text) : undefined);
const hex = (text: string) =>
  /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;

function unknown(typed: string): never {
  throw refuse(`What is "${typed}"?\n${USAGE}`);
}

const QDISC_WORDS: readonly TcWord<Record<string, unknown>>[] = [
  word('r2q* NUMBER', (o, args) => {
    o.rate2quantum = readValue(args, u32, illegal('r2q'));
  }),
  word('default* MINOR', (o, args) => {
    o.defcls = readValue(args, hex, illegal('default'));
  }),
  word('debug* TEXT', (_o, args) => void args.value()),
  word('direct_qlen* NUMBER', (o, args) => {
    o.direct_qlen = readValue(args, u32, illegal('direct_qlen'));
  }),
  word('offload*', (o) => {
    o.offload = true;
  }),
];

/** Source: iproute2 tc/q_htb.c, htb_parse_opt(). */
function parse(ctx: Context, args: Args, dev: string): TcOptions {
  const o: Record<string, unknown> = { rate2quantum: 10, defcls: 0 };
  readWords(args, QDISC_WORDS, o, { ctx, dev }, unknown);
  return o;
}

interface ClassDraft {
  prio: number;
  mtu: number;
  mpu: number;
  overhead: number;
  linklayer: number;
  quantum: number;
  buffer: number;
  cbuffer: number;
  cell: number | undefined;
  ccell: number | undefined;
  rate: number;
  ceil: number;
}

function number(
  key: 'prio' | 'mtu' | 'mpu' | 'overhead' | 'quantum',
  parseIt: (text: string) => number | undefined,
): TcWord<ClassDraft> {
  return word(`${key}* NUMBER`, (d, args) => {
    d[key] = readValue(args, parseIt, illegal(key));
  });
}

function burst(
  spellings: string,
  key: 'buffer' | 'cbuffer',
  cell: 'cell' | 'ccell',
): TcWord<ClassDraft> {
  return word(`${spellings} BYTES[/BYTES]`, (d, args) => {
    const { word: typed } = args;
    const { size, cellLog } = readValue(args, parseSizeAndCell, illegal(typed));
    d[key] = size;
    d[cell] = cellLog;
  });
}

function rateWord(key: 'rate' | 'ceil'): TcWord<ClassDraft> {
  return word(`${key} RATE`, (d, args, { ctx, dev }) => {
    if (d[key] !== 0) throw refuse(`Double "${key}" spec\n`);
    d[key] = readValue(args, parseRateOf(ctx, dev), illegal(key));
  });
}

const CLASS_WORDS: readonly TcWord<ClassDraft>[] = [
  number('prio', u32),
  number('mtu', u32),
  number('mpu', parseU16),
  number('overhead', parseU16),
  word('linklayer* TYPE', (d, args) => {
    d.linklayer = readValue(args, parseLinklayer, illegal('linklayer'));
  }),
  number('quantum', u32),
  burst('burst*|buffer|maxburst', 'buffer', 'cell'),
  burst('cburst*|cbuffer|cmaxburst', 'cbuffer', 'ccell'),
  rateWord('ceil'),
  rateWord('rate'),
  helpWord(USAGE),
];

/** Source: tc/q_htb.c, htb_parse_class_opt(). */
function parseClass(ctx: Context, args: Args, dev: string): TcOptions {
  const d: ClassDraft = {
    prio: 0,
    mtu: DEFAULT_MTU,
    mpu: 0,
    overhead: 0,
    linklayer: 1,
    quantum: 0,
    buffer: 0,
    cbuffer: 0,
    cell: undefined,
    ccell: undefined,
    rate: 0,
    ceil: 0,
  };
  readWords(args, CLASS_WORDS, d, { ctx, dev }, unknown);
  if (d.rate === 0) throw refuse('"rate" is required.\n');
  const ceil = d.ceil || d.rate;
  const { overhead, mpu, linklayer, mtu } = d;
  const common = { overhead, mpu, linklayer, mtu };
  const buffer = d.buffer || Math.floor(d.rate / HZ) + mtu;
  const cbuffer = d.cbuffer || Math.floor(ceil / HZ) + mtu;
  return {
    prio: d.prio,
    quantum: d.quantum,
    rate: makeRateSpec(d.rate, { ...common, cellLog: d.cell }),
    ceil: makeRateSpec(ceil, { ...common, cellLog: d.ccell }),
    buffer: xmitTime(d.rate, buffer),
    cbuffer: xmitTime(ceil, cbuffer),
  };
}

/** Source: tc/q_htb.c, htb_print_opt(). */
function print({ printer, options }: Context, o: TcOptions): void {
  printer.field('r2q', 'r2q %d', Number(o.rate2quantum));
  const defcls = Number(o.defcls);
  printer.hex('default', defcls === 0 ? ' default 0' : ' default %#x', defcls);
  printer.field('direct_packets_stat', ' direct_packets_stat %u', Number(o.direct_pkts));
  const version = Number(o.version);
  if (options.details > 0) printer.field('ver', ' ver %s', `${version >> 16}.${version & 0xffff}`);
  printer.field('direct_qlen', ' direct_qlen %u', Number(o.direct_qlen));
}

function printClass(ctx: Context, o: TcOptions): void {
  const { printer, options } = ctx;
  const rate = o.rate as RateSpec;
  const ceil = o.ceil as RateSpec;
  const details = options.details > 0;
  if (Number(o.level) === 0) {
    printer.field('prio', 'prio %d ', Number(o.prio));
    if (details) printer.field('quantum', 'quantum %d ', Number(o.quantum));
  }
  printRate(ctx, 'rate', 'rate', rate.rate);
  if (rate.overhead !== 0) printer.text(`overhead ${rate.overhead} `);
  printRate(ctx, 'ceil', 'ceil', ceil.rate);
  const buffer = xmitSize(rate.rate, Number(o.buffer));
  const cbuffer = xmitSize(ceil.rate, Number(o.cbuffer));
  if (rate.linklayer > 1 || details) printer.text(`linklayer ${linklayerName(rate.linklayer)} `);
  if (details) {
    const part = (name: string, size: number, spec: RateSpec) =>
      `${name} ${formatSize(size)}/${1 << spec.cellLog} mpu ${formatSize(spec.mpu)} `;
    printer.text(part('burst', buffer, rate) + part('cburst', cbuffer, ceil));
    printer.text(`level ${Number(o.level)} `);
  } else {
    printSize(ctx, 'burst', 'burst', buffer);
    printSize(ctx, 'cburst', 'cburst', cbuffer);
  }
}

/** `tc qdisc … htb` and its classes. */
export const HTB: QdiscKind = {
  words: QDISC_WORDS,
  classWords: CLASS_WORDS,
  parse,
  print,
  parseClass,
  printClass,
  printXstats: ({ printer }, x) => {
    printer.text(` lended: ${x.lends} borrowed: ${x.borrows} giants: ${x.giants}\n`);
    printer.text(` tokens: ${x.tokens} ctokens: ${x.ctokens}\n`);
  },
};
