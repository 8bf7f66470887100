/** Finds what an iptables-save text translates, and for whom. */
import { splitWords } from '@labwire/userland/iptables';
import type { SubjectName } from '../subject.ts';

/** One way of translating that a rule set has. */
export interface Translation {
  readonly kind: Exclude<SubjectName, 'user'>;
  /** 1-based line of the rule. */
  readonly line: number;
  /** The rule as it stands. */
  readonly rule: string;
  /** Matches on the way to it, as words: of the rule, and of those that jump to its chain. */
  readonly matches: readonly string[];
  /** What stands behind the target's name. */
  readonly options: readonly string[];
}

interface Rule {
  readonly line: number;
  readonly text: string;
  readonly matches: readonly string[];
  readonly target: string | undefined;
  readonly options: readonly string[];
}

const KINDS: Readonly<Record<string, Translation['kind']>> = {
  MASQUERADE: 'masquerade',
  SNAT: 'snat',
  DNAT: 'dnat',
  REDIRECT: 'redirect',
};
const HOOKS = ['PREROUTING', 'POSTROUTING'];
/** Chains that jump to each other are an error; this is how deep others go. */
const DEPTH = 16;

/** The translations of a text, in its order. Rules of the nat table's OUTPUT are for the router's own packets and not among them. */
export function findTranslations(text: string): Translation[] {
  const chains = natChains(text);
  const found: Translation[] = [];
  const walk = (chain: string, before: readonly string[], depth: number): void => {
    for (const rule of chains.get(chain) ?? []) {
      const matches = [...before, ...rule.matches];
      const kind = rule.target === undefined ? undefined : KINDS[rule.target];
      if (kind !== undefined)
        found.push({ kind, line: rule.line, rule: rule.text, matches, options: rule.options });
      else if (rule.target !== undefined && depth < DEPTH) walk(rule.target, matches, depth + 1);
    }
  };
  for (const hook of HOOKS) walk(hook, [], 0);
  return found.sort((a, b) => a.line - b.line);
}

function natChains(text: string): Map<string, Rule[]> {
  const chains = new Map<string, Rule[]>();
  let table = '';
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const append = /^(?:\[\d+:\d+\]\s*)?(-A\s.*)$/.exec(line);
    if (table !== 'nat' || append === null) continue;
    const [, chain = '', ...words] = splitWords(append[1] as string);
    const at = words.findIndex((w) => ['-j', '-g', '--jump', '--goto'].includes(w));
    chains.set(chain, [
      ...(chains.get(chain) ?? []),
      {
        line: i + 1,
        text: append[1] as string,
        matches: at < 0 ? words : words.slice(0, at),
        target: at < 0 ? undefined : words[at + 1],
        options: at < 0 ? [] : words.slice(at + 2),
      },
    ]);
  }
  return chains;
}

/** The value of an option, unless a `!` stands in front of it. */
export function optionOf(
  words: readonly string[],
  ...names: readonly string[]
): string | undefined {
  const at = words.findIndex((w, i) => names.includes(w) && words[i - 1] !== '!');
  return at < 0 ? undefined : words[at + 1];
}

/** The value of an option behind a `!`. */
export function negatedOption(
  words: readonly string[],
  ...names: readonly string[]
): string | undefined {
  const at = words.findIndex((w, i) => names.includes(w) && words[i - 1] === '!');
  return at < 0 ? undefined : words[at + 1];
}
