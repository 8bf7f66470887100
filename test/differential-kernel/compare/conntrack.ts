import type { Unifier } from './unify.ts';

/** An entry of /proc/net/nf_conntrack. */
interface Entry {
  readonly line: string;
  /** What must be equal: all but ports, identifiers and the time that is left. */
  readonly shape: string;
  readonly names: readonly number[];
  readonly seconds: number;
}

const NAMED = /\b(sport|dport|id)=(\d+)/g;
/** Real time passes on the kernel's side, and it shows whole seconds. */
const SLACK_SECONDS = 1;

function parse(line: string): Entry {
  const words = line.trim().split(/\s+/);
  const seconds = Number(words[4]);
  const rest = [...words.slice(0, 4), ...words.slice(5)].join(' ').replace(/ use=\d+$/, '');
  const names = [...rest.matchAll(NAMED)].map((m) => Number(m[2]));
  return { line, shape: rest.replace(NAMED, '$1=N'), names, seconds };
}

const entries = (text: string): Entry[] =>
  text
    .split('\n')
    .filter((l) => l !== '')
    .map(parse);

/** Pairs the entries of two runs. @returns what differs; undefined for nothing */
export function compareConntrack(
  linux: string,
  labwire: string,
  names: Unifier,
): string | undefined {
  const left = entries(labwire);
  // what is equal as it stands goes first: the rest has to be renamed
  const rest = entries(linux).filter((a) => !take(left, (b) => plain(a, b)));
  for (const a of rest) {
    const found = take(
      left,
      (b) => alike(a, b) && a.names.every((n, i) => names.port(n, b.names[i] as number)),
    );
    if (!found) return `${a.line}\n${left.map((b) => `  Labwire: ${b.line}`).join('\n')}`;
  }
  return left.length === 0 ? undefined : `nothing, Labwire: ${left.map((b) => b.line).join('\n')}`;
}

const plain = (a: Entry, b: Entry): boolean =>
  alike(a, b) && a.names.every((n, i) => n === b.names[i]);

function alike(a: Entry, b: Entry): boolean {
  return a.shape === b.shape && Math.abs(a.seconds - b.seconds) <= SLACK_SECONDS;
}

function take(from: Entry[], fits: (e: Entry) => boolean): boolean {
  const at = from.findIndex(fits);
  if (at >= 0) from.splice(at, 1);
  return at >= 0;
}
