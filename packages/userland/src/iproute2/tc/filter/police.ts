import type { ActionInfo, ActionRequest, RateSpec } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  Exit,
  findWord,
  invalidArgument,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { linklayerName, parseLinklayer, parseU16, refuse } from '../qdisc/index.ts';
import {
  formatRate,
  formatSize,
  makeRateSpec,
  parseRate,
  parseSize,
  parseSizeAndCell,
  xmitSize,
  xmitTime,
} from '../units/index.ts';
import { controlName, parseControl, printControl } from './control.ts';

const USAGE = `Usage: ... police [ rate BPS burst BYTES[/BYTES] ] 
		[ pkts_rate RATE pkts_burst PACKETS ] [ mtu BYTES[/BYTES] ]
		[ peakrate BPS ] [ avrate BPS ] [ overhead BYTES ]
		[ linklayer TYPE ] [ CONTROL ]
Where: CONTROL := conform-exceed <EXCEEDACT>[/NOTEXCEEDACT]
		  Define how to handle packets which exceed (<EXCEEDACT>)
		  or conform (<NOTEXCEEDACT>) the configured bandwidth limit.
       EXCEEDACT/NOTEXCEEDACT := { pipe | ok | reclassify | drop | continue |
				   goto chain <CHAIN_INDEX> }
`;
const RECLASSIFY = 1;

interface Draft {
  index: number;
  buffer: number;
  bufferCell: number | undefined;
  mtu: number;
  mtuCell: number | undefined;
  mpu: number;
  rate: number;
  peakrate: number;
  overhead: number;
  linklayer: number;
  action: number;
  result: number | undefined;
}

function value<T>(args: Args, parse: (text: string) => T | undefined, what: string): T {
  const text = args.value();
  const v = parse(text);
  if (v === undefined) throw invalidArgument(what, text);
  return v;
}

/** `drop/pass`: what is done with what exceeds, and with what conforms. */
function readConformExceed(args: Args, d: Draft): void {
  const [exceed = '', conform] = args.value().split('/');
  const action = parseControl(exceed);
  const result = conform === undefined ? undefined : parseControl(conform);
  if (action === undefined || (conform !== undefined && result === undefined))
    throw refuse('bad action parsing\n');
  d.action = action;
  d.result = result;
}

/** The words; what is none of them may be a control. */
export const POLICE_WORDS: readonly Word<Draft>[] = [
  word('index* NUMBER', (d, args) => {
    d.index = value(args, parseUnsigned, 'index');
  }),
  word('burst*|buffer|maxburst BYTES[/BYTES]', (d, args) => {
    const { size, cellLog } = value(args, parseSizeAndCell, 'buffer');
    Object.assign(d, { buffer: size, bufferCell: cellLog });
  }),
  word('mtu|minburst BYTES[/BYTES]', (d, args) => {
    const { size, cellLog } = value(args, parseSizeAndCell, 'mtu');
    Object.assign(d, { mtu: size, mtuCell: cellLog });
  }),
  word('mpu BYTES', (d, args) => {
    d.mpu = value(args, parseSize, 'mpu');
  }),
  word('rate RATE', (d, args) => {
    d.rate = value(args, parseRate, 'rate');
  }),
  word('peakrate* RATE', (d, args) => {
    d.peakrate = value(args, parseRate, 'peakrate');
  }),
  word('conform-exceed CONTROL[/CONTROL]', (d, args) => readConformExceed(args, d)),
  word('overhead* BYTES', (d, args) => {
    d.overhead = value(args, parseU16, 'overhead');
  }),
  word('linklayer* TYPE', (d, args) => {
    d.linklayer = value(args, parseLinklayer, 'linklayer');
  }),
  refusedWord('avrate|pkts_rate*|pkts_burst*', (typed) =>
    unsupported(`tc police ${typed}`, 'rate, burst, mtu, mpu, peakrate, conform-exceed'),
  ),
  word('help', () => {
    throw new Exit(255, USAGE);
  }),
];

/** Reads one word, `args` at it and left at its last value. @returns false if it is none of police's */
function readWord(args: Args, d: Draft): boolean {
  const found = findWord(POLICE_WORDS, args);
  if (found !== undefined) {
    found.read(d, args, undefined);
    return true;
  }
  const action = parseControl(args.word);
  if (action !== undefined) d.action = action;
  return action !== undefined;
}

/** Reads what is behind `police`; leaves `args` behind it. Source: iproute2 tc/m_police.c, act_parse_police(). */
export function parsePolice(_ctx: Context, args: Args): ActionRequest {
  const d: Draft = {
    index: 0,
    buffer: 0,
    bufferCell: undefined,
    mtu: 0,
    mtuCell: undefined,
    mpu: 0,
    rate: 0,
    peakrate: 0,
    overhead: 0,
    linklayer: 1,
    action: RECLASSIFY,
    result: undefined,
  };
  while (!args.done && readWord(args, d)) args.skip();
  if (d.rate === 0 && d.index === 0 && d.mtu === 0)
    throw refuse("'rate' or 'avrate' or 'mtu' or 'pkts_rate' MUST be specified.\n");
  if (d.rate !== 0 && d.buffer === 0) throw refuse("'burst' requires 'rate'.\n");
  if (d.peakrate !== 0 && d.rate === 0) throw refuse("'peakrate' requires 'rate'.\n");
  if (d.peakrate !== 0 && d.mtu === 0)
    throw refuse("'mtu' is required, if 'peakrate' is requested.\n");
  return { kind: 'police', options: optionsOf(d) };
}

function optionsOf(d: Draft): ActionRequest['options'] {
  const { overhead, mpu, linklayer, mtu } = d;
  const common = { overhead, mpu, linklayer, mtu };
  return {
    action: d.action,
    mtu,
    ...(d.index === 0 ? {} : { index: d.index }),
    ...(d.result === undefined ? {} : { result: d.result }),
    ...(d.rate === 0
      ? {}
      : {
          rate: makeRateSpec(d.rate, { ...common, cellLog: d.bufferCell }),
          burst: xmitTime(d.rate, d.buffer),
        }),
    ...(d.peakrate === 0
      ? {}
      : { peakrate: makeRateSpec(d.peakrate, { ...common, cellLog: d.mtuCell }) }),
  };
}

/** Source: tc/m_police.c, print_police(). */
export function printPolice(ctx: Context, { options: o }: ActionInfo): void {
  const { printer, options } = ctx;
  const rate = o.rate as RateSpec | undefined;
  const peak = o.peakrate as RateSpec | undefined;
  const iec = options.iec;
  printer.json('kind', 'police');
  printer.text(` police 0x${Number(o.index).toString(16)} `);
  printer.json('index', Number(o.index));
  printer.text(`rate ${formatRate(rate?.rate ?? 0, iec)} `);
  const burst = rate === undefined ? 0 : xmitSize(rate.rate, Number(o.burst));
  printer.text(`burst ${formatSize(burst)} mtu ${formatSize(Number(o.mtu))} `);
  if (peak !== undefined) printer.text(`peakrate ${formatRate(peak.rate, iec)} `);
  printControl(ctx, 'action ', Number(o.action), '');
  if (o.result === undefined) printer.text(' ');
  else printer.text(`/${controlName(Number(o.result))} `);
  if (printer.isJson) printer.json('overhead', rate?.overhead ?? 0);
  else printer.text(`overhead ${formatSize(rate?.overhead ?? 0)} `);
  if ((rate?.linklayer ?? 1) > 1 || options.details > 0)
    printer.field('linklayer', 'linklayer %s ', linklayerName(rate?.linklayer ?? 1));
  printer.nl();
  printer.field('ref', '\tref %d ', Number(o.ref));
  printer.field('bind', 'bind %d ', Number(o.bind));
}
