/** How an older version of a tool words what the version that Labwire follows says otherwise. */
interface Wording {
  /** The last version that has the older words. */
  readonly until: string;
  readonly older: RegExp;
  /** The present words, with `$1` of the older ones. */
  readonly now: string;
}

/**
 * Where a document shows an older version's words, the document wins: it matches a run that prints the present ones.
 * Each row is one message that was reworded; add one only with the version that did it.
 */
const WORDINGS: readonly Wording[] = [
  {
    until: 'curl 7.81',
    older:
      /^(.*curl: \(7\) Failed to connect to \S+ port \d+): (?:Connection refused|Network is unreachable|No route to host)$/,
    now: "$1 after 0 ms: Couldn't connect to server",
  },
  {
    until: 'curl 7.81',
    older: /^(.*curl: \(28\) Failed to connect to \S+ port \d+): Connection timed out$/,
    now: "$1 after 0 ms: Couldn't connect to server",
  },
  {
    until: 'iputils s20161105',
    older: /^connect: (Network is unreachable|Invalid argument)$/,
    now: 'ping: connect: $1',
  },
];

/** What the tools' present versions say in place of a line; the line itself if nothing changed. */
export function presentWording(line: string): string {
  for (const { older, now } of WORDINGS) {
    if (older.test(line)) return line.replace(older, now);
  }
  return line;
}
