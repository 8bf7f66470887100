import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  findWord,
  parseInteger,
  parseUnsigned,
  refusedWord,
  unsupported,
  word,
} from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { helpWord, refuse, type TcWord } from './words.ts';

const USAGE = 'Usage: ... prio bands NUMBER priomap P1 P2...[multiqueue]\n';
const PRIORITIES = 16;
const DEFAULT_MAP: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

interface Draft {
  bands: number;
  readonly priomap: number[];
  /** Where the next word goes in the map; -1: it is no part of it. */
  next: number;
}

const WORDS: readonly TcWord<Draft>[] = [
  word('bands NUMBER', (d, args) => {
    const count = parseInteger(args.value());
    if (count === undefined) throw refuse('Illegal "bands"\n');
    d.bands = count;
  }),
  word('priomap NUMBER ...', (d) => {
    if (d.next >= 0) throw refuse('Error: duplicate priomap\n');
    d.next = 0;
  }),
  refusedWord('multiqueue', () => unsupported('tc prio multiqueue', 'bands, priomap')),
  helpWord(USAGE),
];

function readBand(d: Draft, text: string): void {
  if (d.next < 0) throw refuse(`What is "${text}"?\n${USAGE}`);
  const band = parseUnsigned(text);
  if (band === undefined) throw refuse('Illegal "priomap" element\n');
  if (band >= d.bands) throw refuse('"priomap" element is out of bands\n');
  if (d.next >= PRIORITIES) throw refuse('"priomap" index > TC_PRIO_MAX=15\n');
  d.priomap[d.next++] = band;
}

/** Source: iproute2 tc/q_prio.c, prio_parse_opt(). */
function parse(ctx: Context, args: Args, dev: string): TcOptions {
  const d: Draft = { bands: 3, priomap: [...DEFAULT_MAP], next: -1 };
  for (; !args.done; args.skip()) {
    const found = findWord(WORDS, args);
    if (found === undefined) readBand(d, args.word);
    else found.read(d, args, { ctx, dev });
  }
  return { bands: d.bands, priomap: d.priomap };
}

function print({ printer }: Context, o: TcOptions): void {
  printer.field('bands', 'bands %u ', Number(o.bands));
  printer.openArray('priomap', 'priomap');
  for (const band of o.priomap as readonly number[]) printer.item(' %d', band);
  printer.closeArray();
  printer.json('multiqueue', false);
}

/** `tc qdisc … prio` */
export const PRIO: QdiscKind = { words: WORDS, parse, print };
