import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import { type Args, parseInteger, parseUnsigned, unsupported } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { refuse } from './words.ts';

const USAGE = 'Usage: ... prio bands NUMBER priomap P1 P2...[multiqueue]\n';
const PRIORITIES = 16;
const DEFAULT_MAP: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/** Source: iproute2 tc/q_prio.c, prio_parse_opt(). */
function parse(_ctx: Context, args: Args): TcOptions {
  let bands = 3;
  const priomap = [...DEFAULT_MAP];
  let next = -1;
  for (; !args.done; args.skip()) {
    if (args.is('bands')) {
      const count = parseInteger(args.value());
      if (count === undefined) throw refuse('Illegal "bands"\n');
      bands = count;
    } else if (args.is('priomap')) {
      if (next >= 0) throw refuse('Error: duplicate priomap\n');
      next = 0;
    } else if (args.is('multiqueue')) throw unsupported('tc prio multiqueue', 'bands, priomap');
    else if (args.is('help')) throw refuse(USAGE);
    else if (next < 0) throw refuse(`What is "${args.word}"?\n${USAGE}`);
    else {
      const band = parseUnsigned(args.word);
      if (band === undefined) throw refuse('Illegal "priomap" element\n');
      if (band >= bands) throw refuse('"priomap" element is out of bands\n');
      if (next >= PRIORITIES) throw refuse('"priomap" index > TC_PRIO_MAX=15\n');
      priomap[next++] = band;
    }
  }
  return { bands, priomap };
}

function print({ printer }: Context, o: TcOptions): void {
  printer.field('bands', 'bands %u ', Number(o.bands));
  printer.openArray('priomap', 'priomap');
  for (const band of o.priomap as readonly number[]) printer.item(' %d', band);
  printer.closeArray();
  printer.json('multiqueue', false);
}

/** `tc qdisc … prio` */
export const PRIO: QdiscKind = { parse, print };
