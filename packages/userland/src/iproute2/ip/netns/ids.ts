import type { Netns } from '@labwire/devices/netns';
import { nsidGet, nsidSet } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  Args,
  duplicateArgument,
  Exit,
  Failure,
  invalidArgument,
  parseInteger,
} from '../../parse/index.ts';
import { findNetns, netnsNames, netnsPath, reasonOf } from './nsfs.ts';
import { NETNS_USAGE } from './usage.ts';

/** The name of the namespace that has an id here. Source: iproute2 ip/ipnetns.c, get_name_from_nsid(). */
export function netnsOfId(ctx: Context, id: number): string | undefined {
  return netnsNames(ctx.proc.fs).find((name) => idOf(ctx, name) === id);
}

function idOf(ctx: Context, name: string): number {
  const netns = findNetns(ctx, name);
  return netns === undefined ? -1 : nsidGet(ctx.ns, netns);
}

/** `ip netns list` */
export function netnsList(ctx: Context): number {
  const { printer } = ctx;
  if (!ctx.proc.fs.exists('/run/netns')) return 0;
  printer.begin();
  for (const name of netnsNames(ctx.proc.fs)) {
    const id = idOf(ctx, name);
    printer.openObject();
    printer.field('name', '%s', name);
    if (id >= 0) printer.field('id', ' (id: %d)', id);
    printer.text('\n');
    printer.closeObject();
  }
  printer.end();
  return 0;
}

/** `ip netns set NAME ID` */
export function netnsSet(ctx: Context, words: readonly string[]): number {
  const [name, idText] = words;
  if (name === undefined) throw new Failure(1, 'No netns name specified\n');
  if (idText === undefined) throw new Failure(1, 'No nsid specified\n');
  const id = idText === 'auto' ? -1 : parseInteger(idText);
  if (id === undefined) throw invalidArgument('Invalid "netnsid" value', idText);
  if (idText !== 'auto' && id < 0) throw invalidArgument('"netnsid" value should be >= 0', idText);
  const netns = open(ctx, name);
  ctx.modify(() => nsidSet(ctx.ns, netns, id));
  return 0;
}

function open(ctx: Context, name: string): Netns {
  try {
    return ctx.proc.fs.netnsOf(netnsPath(name));
  } catch (e) {
    throw new Failure(1, `Cannot open network namespace "${name}": ${reasonOf(e)}\n`);
  }
}

/** Reads the id after a keyword, which may come once. */
function readId(args: Args, keyword: string, old: number | undefined): number {
  if (old !== undefined) throw duplicateArgument(keyword, args.word);
  const text = args.value();
  const id = parseInteger(text);
  if (id === undefined) throw invalidArgument(`"${keyword}" value is invalid`, text);
  if (id < 0) throw invalidArgument(`"${keyword}" value should be >= 0`, text);
  return id;
}

/** `ip netns list-id [target-nsid ID] [nsid ID]`. Source: ip/ipnetns.c, netns_list_id(). */
export function netnsListId(ctx: Context, words: readonly string[]): number {
  let target: number | undefined;
  let only: number | undefined;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('target-nsid')) target = readId(args, 'target-nsid', target);
    else if (args.is('nsid')) only = readId(args, 'nsid', only);
    else throw new Exit(255, NETNS_USAGE);
  }
  const from = target === undefined ? ctx.ns : peerOf(ctx, target);
  const peers = from.nsids.list().filter(([, id]) => only === undefined || id === only);
  if (only !== undefined && peers.length === 0)
    throw new Failure(2, 'RTNETLINK answers: No such file or directory\n');
  ctx.printer.begin();
  for (const [peer, id] of peers) printId(ctx, peer, id, target !== undefined);
  ctx.printer.end();
  return 0;
}

function peerOf(ctx: Context, id: number): Netns {
  const found = ctx.ns.nsids.list().find(([, known]) => known === id);
  if (found === undefined)
    throw new Failure(1, 'RTNETLINK answers: Invalid argument\nDump terminated\n');
  return found[0];
}

function printId(ctx: Context, peer: Netns, id: number, withCurrent: boolean): void {
  const { printer } = ctx;
  const current = nsidGet(ctx.ns, peer);
  printer.openObject();
  printer.field('nsid', 'nsid %d ', id);
  if (withCurrent && current >= 0) printer.field('current-nsid', 'current-nsid %d ', current);
  else if (withCurrent) printer.text('current-nsid unassigned ');
  const name = netnsNames(ctx.proc.fs).find((n) => findNetns(ctx, n) === peer);
  if (name !== undefined) printer.field('name', '(iproute2 netns name: %s)', name);
  printer.text('\n');
  printer.closeObject();
}
