import type { ActionInfo } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  findWord,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { readValue, refuse } from '../qdisc/index.ts';
import { classidText, parseClassid } from '../units/index.ts';
import { parseActions, printActions } from './actions.ts';
import type { FilterKind, ParsedFilter } from './kind.ts';
import { parsePolice, printPolice } from './police.ts';

const FW_USAGE = `Usage: ... fw [ classid CLASSID ] [ indev DEV ] [ action ACTION_SPEC ]
	CLASSID := Push matching packets to the class identified by CLASSID with format X:Y
		CLASSID is parsed as hexadecimal input.
	DEV := specify device for incoming device classification.
	ACTION_SPEC := Apply an action on matching packets.
	NOTE: handle is represented as HANDLE[/FWMASK].
		FWMASK is 0xffffffff by default.
`;
const MATCHALL_USAGE = `Usage: ... matchall [skip_sw | skip_hw]
                 [ action ACTION_SPEC ] [ classid CLASSID ]

Where: SELECTOR := SAMPLE SAMPLE ...
       FILTERID := X:Y:Z
       ACTION_SPEC := ... look at individual actions

NOTE: CLASSID is parsed as hexadecimal input.
`;

type ResultWord = Word<Record<string, unknown>, Context>;

/** A class and actions; each leaves `args` behind what belongs to it. */
const MATCHALL_WORDS: readonly ResultWord[] = [
  word('classid*|flowid CLASSID', (o, args) => {
    o.classid = readValue(args, parseClassid, () => 'Illegal "classid"\n');
    args.skip();
  }),
  word('action* ACTION', (o, args, ctx) => {
    args.value();
    o.actions = parseActions(ctx, args);
  }),
  word('skip_hw', (_o, args) => args.skip()),
  refusedWord('indev|skip_sw', (typed) =>
    unsupported(`tc filter ${typed}`, 'classid, flowid, action'),
  ),
];
const FW_WORDS: readonly ResultWord[] = [
  ...MATCHALL_WORDS.slice(0, 2),
  word('police* WORDS', (o, args, ctx) => {
    args.value();
    o.police = parsePolice(ctx, args);
  }),
  ...MATCHALL_WORDS.slice(2),
];

/** Reads a class and actions to the end of the line. */
function readResult(
  ctx: Context,
  args: Args,
  words: readonly ResultWord[],
  usage: string,
  o: Record<string, unknown>,
): void {
  while (!args.done) {
    const found = findWord(words, args);
    if (found !== undefined) found.read(o, args, ctx);
    else if (args.is('help')) throw refuse(usage);
    else throw refuse(`What is "${args.word}"?\n${usage}`);
  }
}

/** Source: iproute2 tc/f_fw.c, fw_parse_opt(). */
function parseFw(ctx: Context, args: Args, handle: string | undefined): ParsedFilter {
  const [mark, mask] = handle?.split('/') ?? [];
  const number = mark === undefined ? 0 : parseUnsigned(mark);
  if (number === undefined) throw refuse('Illegal "handle"\n');
  const options: Record<string, unknown> = {};
  if (mask !== undefined) {
    options.mask = parseUnsigned(mask);
    if (options.mask === undefined) throw refuse('Illegal "handle" mask\n');
  }
  if (args.done) return { handle: number, options: undefined };
  readResult(ctx, args, FW_WORDS, FW_USAGE, options);
  return { handle: number, options };
}

function printFw(ctx: Context, o: Readonly<Record<string, unknown>>, handle: number): void {
  const { printer } = ctx;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const mask = o.mask === undefined ? '' : `/${hex(Number(o.mask))}`;
  if (handle !== 0 || mask !== '') printer.text(`handle ${hex(handle)}${mask} `);
  if (o.classid !== undefined) printer.text(`classid ${classidText(Number(o.classid))} `);
  if (o.police !== undefined) {
    printPolice(ctx, o.police as ActionInfo);
    printer.nl();
  }
  if (o.actions === undefined) return;
  printer.text('\n');
  printActions(ctx, o.actions as readonly ActionInfo[]);
}

/** `tc filter … fw` */
export const FW: FilterKind = { words: FW_WORDS, parse: parseFw, print: printFw };

/** Source: tc/f_matchall.c, matchall_parse_opt(). */
function parseMatchall(ctx: Context, args: Args, handle: string | undefined): ParsedFilter {
  const number = handle === undefined ? 0 : (parseUnsigned(handle) ?? 0);
  if (args.done) return { handle: number, options: undefined };
  const options: Record<string, unknown> = {};
  readResult(ctx, args, MATCHALL_WORDS, MATCHALL_USAGE, options);
  return { handle: number, options };
}

function printMatchall(ctx: Context, o: Readonly<Record<string, unknown>>, handle: number): void {
  const { printer, options } = ctx;
  if (handle !== 0) {
    if (printer.isJson) printer.json('handle', handle);
    else printer.text(`handle 0x${handle.toString(16)} `);
  }
  if (o.classid !== undefined)
    printer.field('flowid', 'flowid %s ', classidText(Number(o.classid)));
  printer.flag('not_in_hw', '\n  not_in_hw');
  const { rhit = 0 } = (o.pcnt ?? {}) as { rhit?: number };
  if (options.stats > 0) printer.field('rule_hit', ' (rule hit %u)', rhit);
  if (o.actions !== undefined) printActions(ctx, o.actions as readonly ActionInfo[]);
}

/** `tc filter … matchall` */
export const MATCHALL: FilterKind = {
  words: MATCHALL_WORDS,
  parse: parseMatchall,
  print: printMatchall,
};
