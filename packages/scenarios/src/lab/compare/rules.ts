/** Something in an output that two runs need not have in common. */
export interface Rule {
  /** Of a thing that goes by another name in each run: MAC addresses stand for each other one to one. Undefined: anything stands for anything. */
  readonly kind?: string;
  /** Global, and without capturing groups; may look around. */
  readonly pattern: RegExp;
  /** Held to in recordings of real machines alone: a document says such things on purpose. */
  readonly recordingsOnly?: boolean;
}

/** Names that one to one stand for each other. */
const NAMES: readonly Rule[] = [
  { kind: 'mac', pattern: /(?<![0-9a-fA-F:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-fA-F:])/g },
  { kind: 'lladdr', pattern: /(?<![0-9a-fA-F:])fe80::[0-9a-f:]+/g },
  { kind: 'solicited', pattern: /ff02::1:ff[0-9a-f]{2}:[0-9a-f]{1,4}/g },
  { kind: 'bridge-id', pattern: /(?<=\b[0-9a-f]{4}\.)[0-9a-f]{12}\b/g },
  { kind: 'uuid', pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g },
];

const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** Dates and times of day; recordings hold no two of them against each other. */
const DATES: readonly RegExp[] = [
  new RegExp(
    `\\b${WEEKDAY},? +(?:${MONTH} +\\d{1,2}|\\d{1,2} ${MONTH})[ ,]+(?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d(?: [AP]M)?(?: [A-Z]{3,4})?(?: \\d{4})?`,
    'g',
  ),
  new RegExp(`\\b\\d{1,2}/${MONTH}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}`, 'g'),
  new RegExp(`\\b${MONTH} +\\d{1,2} \\d\\d:\\d\\d(?::\\d\\d)?\\b`, 'g'),
  /\b\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?/g,
  /\b\d{4}[-/]\d\d[-/]\d\d\b/g,
];

/** Process ids where programs say that they are. */
const PIDS: readonly RegExp[] = [
  /(?<=\bpid[= ])\d+/gi,
  /(?<=^\[\d+\] )\d+$/g,
  /(?<=\w\[)\d+(?=\]:)/g,
];

/** Measured times, and when a packet was seen. */
const TIMES: readonly RegExp[] = [
  /\b\d\d:\d\d:\d\d\.\d{6}\b/g, // tcpdump's clock
  /\btime=[0-9.]+ ms/g,
  /\btime[ =]?<?[0-9.]+ ?ms/g,
  /\brtt min\/avg\/max\/mdev = [0-9./]+ ms(?:, pipe \d+)?(?:, ipg\/ewma [0-9./]+ ms)?/g,
  /\bround-trip min\/avg\/max = [0-9./]+ ms/g,
  /\bafter \d+ (?:ms|milliseconds)/g,
  /\b\d+\.\d+ ms\b|\b\d+\.\d{3}ms\b|(?<=Query time: )\d+ msec\b/g,
];

/** Drawn at random by a kernel or program in every run. */
const DRAWN: readonly RegExp[] = [
  /\b(?<=ICMP6?,? echo re(?:quest|ply), )id \d+/g,
  /(?<=\bttl \d+, )id \d+/g,
  /(?<=\b(?:seq|ack) )\d{6,}(?::\d{6,})?/g,
  /\bTS val \d+ ecr \d+/g,
  /\bflowlabel 0x[0-9a-f]+/g,
  /\bCOOKIE: [0-9a-f]+/g,
];

/** What else differs between two runs on real machines. */
const RECORDED: readonly RegExp[] = [
  /(?<!seq )(?<!ack )(?<!val )(?<!ecr )\b1[6-9]\d{8}\b/g,
  /\b(?:renew|rebind|expire) \d (?=\d{4}\/)/g, // dhclient: the day of the week
  /# (?:Generated|Completed|Warning).*/g,
  /\b\d+(?:\.\d+)? ms\b/g,
  /^pipe \d+$/g,
  /\d+\.\d+ ?s\b/g,
  /\b\d+sec\b/g,
  /\bused \d+\/\d+\/\d+\b/g,
  /\bident(?:ity)? 0x[0-9a-f]+/g,
  /\bid(?: |: |=)\d+(?=[,) ]|$)/g,
  /\b\d+ packets? received by filter/g,
  /(?<=^(?:ipv[46] +\d+ )?(?:tcp|udp|icmp|icmpv6) +\d+) \d+ /g, // conntrack: seconds left
  /\b(?:interval \d+|renewal in \d+ seconds)/g, // dhclient
  /(?<=\b(?:yes|no|timer)\t+ *)\d+\.\d\d\b/g, // brctl
  /\bcksum 0x[0-9a-f]+ \((?:in)?correct(?: -> 0x[0-9a-f]+)?\)/g,
];

const any = (pattern: RegExp): Rule => ({ pattern });
const recorded = (pattern: RegExp): Rule => ({ pattern, recordingsOnly: true });

/** What a document and a run of it need not have in common. */
export const DOCUMENT_RULES: readonly Rule[] = [
  ...NAMES,
  ...DATES.map((pattern) => ({ kind: 'date', pattern })),
  ...PIDS.map((pattern) => ({ kind: 'pid', pattern })),
  ...TIMES.map(any),
  ...DRAWN.map(any),
];

/** What two recordings of the same lab need not have in common. */
export const RECORDING_RULES: readonly Rule[] = [
  ...NAMES,
  ...DATES.map(recorded),
  ...TIMES.map(any),
  ...PIDS.map(any),
  ...DRAWN.map(any),
  ...RECORDED.map(recorded),
];

/** Addresses that mean the same everywhere: broadcast, none, and well-known groups. */
export const WELL_KNOWN: ReadonlySet<string> = new Set([
  'ff:ff:ff:ff:ff:ff',
  '00:00:00:00:00:00',
  '33:33:00:00:00:01',
  '01:00:5e:00:00:01',
  '33:33:00:00:00:02',
  '01:80:c2:00:00:00',
]);

/** A piece of a line: plain text, or what a rule found. */
export interface Piece {
  readonly text: string;
  readonly rule: Rule | undefined;
}

/** Cuts a line into pieces; earlier rules go first. */
export function cutLine(line: string, rules: readonly Rule[]): Piece[] {
  const spans: { from: number; to: number; rule: Rule }[] = [];
  for (const rule of rules) {
    for (const m of line.matchAll(rule.pattern)) {
      const [from, to] = [m.index, m.index + m[0].length];
      if (to > from && spans.every((s) => to <= s.from || from >= s.to))
        spans.push({ from, to, rule });
    }
  }
  spans.sort((a, b) => a.from - b.from);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { from, to, rule } of spans) {
    if (from > at) pieces.push({ text: line.slice(at, from), rule: undefined });
    const text = line.slice(from, to);
    pieces.push({ text, rule: WELL_KNOWN.has(text) ? undefined : rule });
    at = to;
  }
  if (at < line.length) pieces.push({ text: line.slice(at), rule: undefined });
  return pieces;
}
