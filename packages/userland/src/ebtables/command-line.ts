import type { EbtTarget } from '@labwire/devices/bridge';
import { badParameter, unsupported } from './failure.ts';
import type { Names } from './names.ts';
import { RULE_OPTIONS, type RuleDraft, setGratuitous } from './rule-options.ts';

/** What to do: a command's letter and its arguments. */
export interface CommandLine {
  readonly letter: string;
  /** The chain, or undefined for all. */
  readonly chain: string | undefined;
  /** What stands after the chain: a rule's number, a policy, a new name. */
  readonly more: string | undefined;
  readonly rule: RuleDraft;
  readonly target: EbtTarget | undefined;
  readonly counters: boolean;
  readonly numbers: boolean;
}

interface CommandWord {
  readonly letter: string;
  /** Whether it must name a chain. */
  readonly needsChain: boolean;
  /** Whether a further word may be its own. */
  readonly more?: RegExp;
}

const ANY = /^[^-]/;
const NUMBERS = /^\d+(:\d*)?$/;

const COMMANDS: ReadonlyMap<string, CommandWord> = new Map(
  (
    [
      [['-A', '--append'], { letter: 'A', needsChain: true }],
      [['-D', '--delete'], { letter: 'D', needsChain: true, more: NUMBERS }],
      [['-I', '--insert'], { letter: 'I', needsChain: true, more: NUMBERS }],
      [['-F', '--flush'], { letter: 'F', needsChain: false }],
      [['-L', '--list'], { letter: 'L', needsChain: false }],
      [['-Z', '--zero'], { letter: 'Z', needsChain: false }],
      [['-X', '--delete-chain'], { letter: 'X', needsChain: false }],
      [['-N', '--new-chain'], { letter: 'N', needsChain: true }],
      [['-P', '--policy'], { letter: 'P', needsChain: true, more: ANY }],
    ] as const
  ).flatMap(([words, command]) => words.map((w) => [w, command] as const)),
);

/** What ebtables has and Labwire has not, by how the words begin. */
const UNSUPPORTED =
  /^(-E|-C|-c|--(rename|change|set-count|init|atomic|ip6|icmp|log|nflog|ulog|mark|limit|pkttype|stp|vlan|802|among|string|to-|snat|dnat|redirect|arpreply|ip-(icmp|igmp)))/;
const TARGETS = ['ACCEPT', 'DROP', 'CONTINUE', 'RETURN'] as const;
const EXTENSIONS = ['arpreply', 'dnat', 'snat', 'redirect', 'mark', 'nflog', 'log'];

/** Reads words from the front. */
class Words {
  readonly #words: readonly string[];
  at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get next(): string | undefined {
    return this.#words[this.at];
  }

  take(): string {
    const word = this.next;
    if (word === undefined) throw badParameter("Unknown argument: '(null)'");
    this.at++;
    return word;
  }

  takeIf(like: RegExp): string | undefined {
    const { next } = this;
    if (next === undefined || !like.test(next)) return undefined;
    this.at++;
    return next;
  }
}

/** Reads a command line. @throws {@link EbtFailure} */
export function readCommandLine(argv: readonly string[], names: Names): CommandLine {
  const words = new Words(argv);
  const rule: RuleDraft = {};
  let command: Pick<CommandLine, 'letter' | 'chain' | 'more'> | undefined;
  let target: EbtTarget | undefined;
  const flags = { counters: false, numbers: false };
  while (words.next !== undefined) {
    const word = words.take();
    const known = COMMANDS.get(word);
    if (known !== undefined) {
      if (command !== undefined) throw badParameter('Multiple commands are not allowed');
      command = readCommand(known, words);
    } else if (word === '-j' || word === '--jump') target = readTarget(words.take());
    else if (word === '-t' || word === '--table') checkTable(words.take());
    else if (word === '--Lc') flags.counters = true;
    else if (word === '--Ln') flags.numbers = true;
    else if (!['--concurrent', '--Lmac2', '--Lx', '-v', '--verbose'].includes(word))
      readRuleOption(word, words, rule, names);
  }
  if (command === undefined) throw badParameter('No command specified');
  return { ...command, ...flags, rule, target };
}

function readCommand(
  known: CommandWord,
  words: Words,
): Pick<CommandLine, 'letter' | 'chain' | 'more'> {
  const chain = known.needsChain ? words.take() : words.takeIf(ANY);
  const more = known.more === undefined ? undefined : words.takeIf(known.more);
  return { letter: known.letter, chain, more };
}

function readTarget(name: string): EbtTarget {
  const verdict = TARGETS.find((t) => t === name);
  if (verdict !== undefined) return verdict;
  if (EXTENSIONS.includes(name))
    throw unsupported(`target ${name}`, `${TARGETS.join(', ')} and chains of your own`);
  return { jump: name };
}

function checkTable(name: string): void {
  if (name === 'nat') throw unsupported('table nat', 'the table filter');
  if (name === 'filter') return;
  const upgrade = 'Perhaps ebtables or your kernel needs to be upgraded.';
  throw new TableFailure(`table '${name}' does not exist\n${upgrade}`);
}

/** There is no such table. */
export class TableFailure extends Error {}

function readRuleOption(word: string, words: Words, rule: RuleDraft, names: Names): void {
  const before = word === '!';
  const option = before ? words.take() : word;
  if (option === '--arp-gratuitous') {
    setGratuitous(rule, before);
    return;
  }
  const read = RULE_OPTIONS.get(option);
  if (read === undefined) throw unknownWord(option);
  const after = words.takeIf(/^!$/) !== undefined;
  read(rule, words.take(), before !== after, names);
}

function unknownWord(word: string): Error {
  if (UNSUPPORTED.test(word)) return unsupported(word, `${[...RULE_OPTIONS.keys()].join(', ')}`);
  return badParameter(
    word.startsWith('-') ? "Unknown argument: '(null)'" : `Bad argument : '${word}'`,
  );
}
