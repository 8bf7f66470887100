import type { ActionInfo, ActionRequest, U32Key } from '@labwire/devices/qdisc';
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
import { BadMatch, readMatch } from './u32-match.ts';

const USAGE = `Usage: ... u32 [ match SELECTOR ... ] [ link HTID ] [ classid CLASSID ]
               [ action ACTION_SPEC ] [ offset OFFSET_SPEC ]
               [ ht HTID ] [ hashkey HASHKEY_SPEC ]
               [ sample SAMPLE ] [skip_hw | skip_sw]
or         u32 divisor DIVISOR

Where: SELECTOR := SAMPLE SAMPLE ...
       SAMPLE := { ip | ip6 | udp | tcp | icmp | u{32|16|8} | mark }
                 SAMPLE_ARGS [ divisor DIVISOR ]
       FILTERID := X:Y:Z

NOTE: CLASSID is parsed at hexadecimal input.
`;
const TERMINAL = 1;
const NODE_MASK = 0xfff;

/** Reads `800::801` or `0x80000801`. Source: iproute2 tc/f_u32.c, get_u32_handle(). */
function parseHandle(text: string): number {
  const m = /^([0-9a-f]*):(?:([0-9a-f]*)(?::([0-9a-f]*))?)?$/i.exec(text);
  if (m === null) {
    const whole = text.startsWith('0x') ? parseUnsigned(text) : undefined;
    if (whole === undefined) throw refuse('Illegal filter ID\n');
    return whole;
  }
  const [table, hash, node] = [m[1], m[2], m[3]].map((t) => Number.parseInt(t || '0', 16));
  if ((table as number) > NODE_MASK || (hash as number) > 0xff || (node as number) > NODE_MASK)
    throw refuse('Illegal filter ID\n');
  return (table as number) * 0x10_0000 + (hash as number) * 0x1000 + (node as number);
}

/** Source: tc/f_u32.c, sprint_u32_handle(). */
function handleText(handle: number): string {
  const [table, hash, node] = [handle >>> 20, (handle >>> 12) & 0xff, handle & NODE_MASK];
  const head = table === 0 ? '' : `${table.toString(16)}:`;
  const bucket = hash === 0 ? '' : hash.toString(16);
  return `${head}${bucket}${node === 0 ? '' : `:${node.toString(16)}`}`;
}

interface Draft {
  keys: U32Key[];
  selected: boolean;
  flags: number;
  classid: number | undefined;
  actions: ActionRequest[];
  police: ActionRequest | undefined;
  mark: { val: number; mask: number } | undefined;
}

/** The words; each leaves `args` behind what belongs to it. */
const WORDS: readonly Word<Draft, Context>[] = [
  word('match* SELECTOR', (d, args) => {
    args.value();
    try {
      d.mark = readMatch(args, d.keys) ?? d.mark;
    } catch (e) {
      if (e instanceof BadMatch) throw refuse('Illegal "match"\n');
      throw e;
    }
    d.selected = true;
  }),
  word('classid*|flowid CLASSID', (d, args) => {
    d.classid = readValue(args, parseClassid, () => 'Illegal "classid"\n');
    d.flags |= TERMINAL;
    args.skip();
  }),
  word('action* ACTION', (d, args, ctx) => {
    args.value();
    d.actions.push(...parseActions(ctx, args));
    d.flags |= TERMINAL;
  }),
  word('police* WORDS', (d, args, ctx) => {
    args.value();
    d.police = parsePolice(ctx, args);
    d.flags |= TERMINAL;
  }),
  word('skip_hw', (_d, args) => args.skip()),
  word('help', () => {
    throw refuse(USAGE);
  }),
  refusedWord('offset*|hashkey*|divisor*|order*|link*|ht*|sample|indev|skip_sw', (typed) =>
    unsupported(`tc filter u32 ${typed}`, 'match, flowid, classid, action, police'),
  ),
];

function readWord(ctx: Context, args: Args, d: Draft): void {
  const found = findWord(WORDS, args);
  if (found === undefined) throw refuse(`What is "${args.word}"?\n${USAGE}`);
  found.read(d, args, ctx);
}

function parse(ctx: Context, args: Args, handle: string | undefined): ParsedFilter {
  const number = handle === undefined ? 0 : parseHandle(handle);
  if (args.done) return { handle: number, options: undefined };
  const d: Draft = {
    keys: [],
    selected: false,
    flags: 0,
    classid: undefined,
    actions: [],
    police: undefined,
    mark: undefined,
  };
  while (!args.done) readWord(ctx, args, d);
  const options = {
    ...(d.selected ? { sel: { keys: d.keys, flags: d.flags } } : {}),
    ...(d.classid === undefined ? {} : { classid: d.classid }),
    ...(d.actions.length === 0 ? {} : { actions: d.actions }),
    ...(d.police === undefined ? {} : { police: d.police }),
    ...(d.mark === undefined ? {} : { mark: d.mark }),
  };
  return { handle: number, options };
}

function printKey({ printer }: Context, key: U32Key): void {
  const hex = (n: number) => n.toString(16).padStart(8, '0');
  printer.openObject('match');
  printer.nl();
  if (printer.isJson) {
    printer.json('value', key.val.toString(16));
    printer.json('mask', key.mask.toString(16));
  } else printer.text(`  match ${hex(key.val)}/${hex(key.mask)} `);
  printer.field('offmask', 'at %s', key.offmask !== 0 ? 'nexthdr+' : '');
  printer.field('off', '%d', key.off);
  printer.closeObject();
}

/** Source: tc/f_u32.c, u32_print_opt(). */
function print(ctx: Context, o: Readonly<Record<string, unknown>>, handle: number): void {
  const { printer, options } = ctx;
  const sel = o.sel as { keys: readonly U32Key[]; flags: number } | undefined;
  if (options.pretty && !printer.isJson) throw unsupported('tc -p', 'tc filter show without it');
  if (handle !== 0) printer.field('fh', 'fh %s ', handleText(handle));
  const node = handle & NODE_MASK;
  if (node !== 0) printer.field('order', 'order %d ', node);
  if (o.divisor !== undefined) printer.field('ht_divisor', 'ht divisor %d ', Number(o.divisor));
  else {
    const hash = Number(o.hash);
    printer.field('key_ht', 'key ht %s ', (hash >>> 20).toString(16));
    printer.field('bkt', 'bkt %s ', ((hash >>> 12) & 0xff).toString(16));
  }
  const terminal = sel !== undefined && (sel.flags & TERMINAL) !== 0;
  if (o.classid !== undefined) {
    if (terminal) printer.text('*');
    printer.field('flowid', 'flowid %s ', classidText(Number(o.classid)));
  } else if (terminal) printer.text('terminal flowid ');
  if (sel !== undefined) printer.flag('not_in_hw', 'not_in_hw ');
  const mark = o.mark as { val: number; mask: number } | undefined;
  if (mark !== undefined) {
    const hex = (n: number) => n.toString(16).padStart(4, '0');
    printer.nl();
    printer.text(`  mark 0x${hex(mark.val)} 0x${hex(mark.mask)} (success 0)`);
  }
  for (const key of sel?.keys ?? []) printKey(ctx, key);
  if (o.police !== undefined) {
    printer.nl();
    printPolice(ctx, o.police as ActionInfo);
    printer.nl();
  }
  if (o.actions !== undefined) printActions(ctx, o.actions as readonly ActionInfo[]);
}

/** `tc filter … u32` */
export const U32: FilterKind = { words: WORDS, parse, print };
