import type { RtnlMessage } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Args, Exit, invalidArgument, unsupported } from '../../parse/index.ts';

/** What `ip monitor help` prints. Source: iproute2 ip/ipmonitor.c, usage(). */
export const MONITOR_USAGE = `Usage: ip monitor [ all | OBJECTS ] [ FILE ] [ label ] [ all-nsid ]
                  [ dev DEVICE ]
OBJECTS :=  address | link | mroute | neigh | netconf |
            nexthop | nsid | prefix | route | rule | stats
FILE := file FILENAME
`;

/** What the words of the command say. */
export interface MonitorWords {
  /** Objects that are named; none means all. */
  readonly about: RtnlMessage['about'][];
  label: boolean;
  /** Index of a device; 0 for all. */
  ifindex: number;
}

/** Objects, and those that nothing is ever said of here, in the order in which an abbreviation is looked up. */
const OBJECTS: readonly (readonly [word: string, about: RtnlMessage['about'] | undefined])[] = [
  ['link', 'link'],
  ['address', 'address'],
  ['route', 'route'],
  ['mroute', undefined],
  ['prefix', undefined],
  ['neigh', 'neigh'],
  ['netconf', undefined],
  ['rule', 'rule'],
  ['nsid', undefined],
  ['nexthop', 'nexthop'],
  ['stats', undefined],
];

function refuse(word: string): Error {
  return unsupported(
    `"${word}" of ip monitor`,
    'link, address, route, neigh, rule, nexthop, all, label, dev',
  );
}

function readWord(ctx: Context, words: MonitorWords, args: Args): void {
  if (args.matches('file')) throw refuse('file');
  if (args.matches('label')) {
    words.label = true;
    return;
  }
  const object = OBJECTS.find(([word]) => args.matches(word));
  if (object !== undefined) {
    const [word, about] = object;
    if (about === undefined) throw refuse(word);
    words.about.push(about);
  } else if (args.is('all')) words.label = true;
  else if (args.matches('all-nsid')) throw refuse('all-nsid');
  else if (args.matches('help')) throw new Exit(255, MONITOR_USAGE);
  else if (args.is('dev')) {
    words.ifindex = ctx.findIndex(args.value());
    if (words.ifindex === 0) throw invalidArgument('Device does not exist\n', args.word);
  } else throw new Exit(255, `Argument "${args.word}" is unknown, try "ip monitor help".\n`);
}

/** Reads the words of `ip monitor`. Source: iproute2 ip/ipmonitor.c, do_ipmonitor(). */
export function parseMonitorWords(ctx: Context, rest: readonly string[]): MonitorWords {
  const words: MonitorWords = { about: [], label: false, ifindex: 0 };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
  return words;
}
