import type { ActionInfo, ActionRequest } from '@labwire/devices/qdisc';
import { type ManualRow, rowsOf } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  Failure,
  matches,
  noSuchDevice,
  parseUnsigned,
  unsupported,
} from '../../parse/index.ts';
import { readValue, refuse } from '../qdisc/index.ts';
import { printTcStats } from '../stats.ts';
import {
  CONTROLS,
  parseControl,
  printControl,
  SUPPORTED_ACTIONS,
  UNSUPPORTED_CONTROLS,
} from './control.ts';
import { parsePolice, printPolice } from './police.ts';

/** TCA_EGRESS_REDIR, …, by direction and whether it is a copy. */
const MIRRED: Readonly<Record<string, number>> = {
  'egress redirect': 1,
  'egress mirror': 2,
  'ingress redirect': 3,
  'ingress mirror': 4,
};

/** Reads `index N` if it is there. */
function readIndex(args: Args): { index?: number } {
  if (args.done || !args.matches('index')) return {};
  const index = readValue(
    args,
    (t) => parseUnsigned(t),
    () => 'Illegal "index"\n',
  );
  args.skip();
  return { index };
}

/** Source: tc/m_gact.c, parse_gact(). */
function parseGact(args: Args): ActionRequest {
  if (args.matches('gact')) args.value();
  const action = parseControl(args.word);
  if (action === undefined) throw refuse(`Bad action type ${args.word}\n`);
  args.skip();
  if (!args.done && args.matches('random'))
    throw unsupported('tc action gact random', SUPPORTED_ACTIONS);
  return { kind: 'gact', options: { action, ...readIndex(args) } };
}

/** Source: tc/m_mirred.c, parse_direction(). */
function parseMirred(ctx: Context, args: Args): ActionRequest {
  args.value();
  const direction = ['egress', 'ingress'].find((d) => args.matches(d));
  if (direction === undefined)
    throw refuse(`mirred option not supported ${args.word}\nbad action parsing\n`);
  const what = args.value();
  const verb = ['mirror', 'redirect'].find((v) => matches(what, v));
  if (verb === undefined) throw refuse(`was expecting mirror or redirect (${what})\n`);
  args.value();
  const own = readIndex(args);
  if (!args.matches('dev')) throw refuse('bad action parsing\n');
  const name = args.value();
  const ifindex = ctx.findIndex(name);
  if (ifindex === 0) throw noSuchDevice(name);
  args.skip();
  let action = verb === 'mirror' ? 3 : 4;
  if (verb === 'mirror' && !args.done) {
    const control = CONTROLS.find(([n]) => matches(args.word, n))?.[1];
    if (control !== undefined) {
      action = control;
      args.skip();
    }
  }
  const eaction = MIRRED[`${direction} ${verb}`] as number;
  return { kind: 'mirred', options: { eaction, ifindex, action, ...own, ...readIndex(args) } };
}

/** Where a list of actions ends. */
function endsActions(args: Args): boolean {
  if (args.done || args.is('flowid', 'classid')) return true;
  return ['change', 'replace', 'delete', 'get', 'add'].some((c) => matches(args.word, c));
}

/** Reads actions, `args` behind the word `action`; leaves it behind the last of them. Source: tc/m_action.c, parse_action(). */
export function parseActions(ctx: Context, args: Args): ActionRequest[] {
  const actions: ActionRequest[] = [];
  while (!endsActions(args)) {
    if (args.is('action')) args.skip();
    else actions.push(parseAction(ctx, args));
  }
  if (actions.length === 0) throw new Failure(1, 'bad action parsing\n');
  return actions;
}

/** Actions by name, but for the controls, which are names by themselves. */
const ACTIONS: Readonly<Record<string, (ctx: Context, args: Args) => ActionRequest>> = {
  gact: (_ctx, args) => parseGact(args),
  mirred: parseMirred,
  police: (ctx, args) => {
    args.value();
    return parsePolice(ctx, args);
  },
};

function parseAction(ctx: Context, args: Args): ActionRequest {
  const { word } = args;
  if (parseControl(word) !== undefined) return parseGact(args);
  const parse = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
  if (parse === undefined) throw unsupported(`tc action ${word}`, SUPPORTED_ACTIONS);
  return parse(ctx, args);
}

/** The actions for docs/programs. */
export const ACTION_ROWS: readonly ManualRow[] = [
  ...rowsOf(CONTROLS.map(([name]) => name)),
  ...rowsOf(UNSUPPORTED_CONTROLS, { refused: true }),
  ...rowsOf(Object.keys(ACTIONS)),
  ...rowsOf(
    Object.keys(MIRRED).map((what) => `mirred ${what} dev`),
    { arg: 'DEVICE' },
  ),
];

function printMirred(ctx: Context, o: ActionInfo['options']): void {
  const { printer } = ctx;
  const [direction = '', verb = ''] =
    Object.keys(MIRRED)
      .find((k) => MIRRED[k] === o.eaction)
      ?.split(' ') ?? [];
  const title = (w: string) => w.charAt(0).toUpperCase() + w.slice(1);
  printer.text(`(${title(direction)} ${title(verb)}`);
  printer.json('mirred_action', verb);
  printer.json('direction', direction);
  printer.field('to_dev', ' to device %s)', ctx.nameOf(Number(o.ifindex)));
  printControl(ctx, ' ', Number(o.action), '');
  printer.nl();
  printer.field('index', '\tindex %u', Number(o.index));
}

function printGact(ctx: Context, o: ActionInfo['options']): void {
  const { printer } = ctx;
  printControl(ctx, 'action ', Number(o.action), '');
  printer.openObject('prob');
  printer.nl();
  printer.field('random_type', '\t random type %s', 'none');
  printControl(ctx, ' ', 0, ' ');
  printer.field('val', 'val %d', 0);
  printer.closeObject();
  printer.nl();
  printer.field('index', '\t index %u', Number(o.index));
}

/** How long ago it was made and used. print_tm() */
function printTimes({ printer }: Context, a: ActionInfo): void {
  printer.field('installed', ' installed %u sec', a.installed);
  printer.field('last_used', ' used %u sec', a.lastUsed);
  if (a.firstUsed !== undefined) printer.field('first_used', ' firstused %u sec', a.firstUsed);
}

/** Prints the actions of a filter. Source: tc/m_action.c, tc_print_action(). */
export function printActions(ctx: Context, actions: readonly ActionInfo[]): void {
  const { printer, options } = ctx;
  printer.openArray('actions');
  actions.forEach((a, i) => {
    printer.openObject();
    printer.nl();
    printer.field('order', '\taction order %d: ', i + 1);
    if (a.kind === 'police') printPolice(ctx, a);
    else {
      printer.field('kind', '%s ', a.kind);
      if (a.kind === 'mirred') printMirred(ctx, a.options);
      else printGact(ctx, a.options);
      printer.field('ref', ' ref %d', Number(a.options.ref));
      printer.field('bind', ' bind %d', Number(a.options.bind));
    }
    if (options.stats > 0) printTimes(ctx, a);
    printer.nl();
    if (options.stats > 0) {
      printer.text('\tAction statistics:');
      printer.nl();
      printer.openObject('stats');
      printTcStats(ctx, { ...a.stats, qlen: 0, backlog: 0 }, '\t');
      printer.closeObject();
      printer.nl();
    }
    printer.closeObject();
  });
  printer.closeArray();
}
