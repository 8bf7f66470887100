import type { Family } from '@labwire/devices/rtnetlink';
import { atoi, type GetoptTable, getopt, type LongOption, strtod } from '../libc-net/index.ts';

/** Ways to tell what was found. */
export type Output = 'report' | 'json' | 'xml' | 'csv' | 'raw' | 'split';

/** What the command line asks for. */
export interface MtrOptions {
  output: Output | undefined;
  wide: boolean;
  family: Family | undefined;
  method: 'icmp' | 'default' | 'tcp';
  device: string | undefined;
  source: string | undefined;
  first: number;
  max: number;
  maxUnknown: number;
  port: number | undefined;
  /** Bytes of a packet. */
  size: number;
  /** Byte that fills it. */
  pattern: number;
  /** Seconds. */
  interval: number;
  grace: number;
  tos: number;
  cycles: number;
  numeric: boolean;
  showIps: boolean;
  /** Letters of columns. */
  fields: string;
  hosts: readonly string[];
}

/** mtr prints this behind its name and ends with 1. */
export class MtrError extends Error {}

const USAGE = `
Usage:
 mtr [options] hostname

 -4  -6  -u, --udp  -T, --tcp  -I, --interface NAME  -a, --address ADDRESS
 -f, --first-ttl NUMBER  -m, --max-ttl NUMBER  -U, --max-unknown NUMBER
 -P, --port PORT  -s, --psize PACKETSIZE  -B, --bitpattern NUMBER
 -i, --interval SECONDS  -G, --gracetime SECONDS  -Q, --tos NUMBER
 -r, --report  -w, --report-wide  -c, --report-cycles COUNT
 -j, --json  -x, --xml  -C, --csv  -l, --raw  -p, --split
 -n, --no-dns  -b, --show-ips  -o, --order FIELDS
 -h, --help  -v, --version

See the 'man 8 mtr' for details.
`;

const long = (name: string, key: string, arg: LongOption['arg'] = 'no'): LongOption => ({
  name,
  key,
  arg,
});

const LONGS: readonly LongOption[] = [
  long('inet', '4'),
  long('inet6', '6'),
  long('filename', 'F', 'required'),
  long('report', 'r'),
  long('report-wide', 'w'),
  long('xml', 'x'),
  long('curses', 't'),
  long('raw', 'l'),
  long('csv', 'C'),
  long('json', 'j'),
  long('displaymode', 'displaymode', 'required'),
  long('split', 'p'),
  long('no-dns', 'n'),
  long('show-ips', 'b'),
  long('order', 'o', 'required'),
  long('ipinfo', 'y', 'required'),
  long('aslookup', 'z'),
  long('interval', 'i', 'required'),
  long('report-cycles', 'c', 'required'),
  long('psize', 's', 'required'),
  long('bitpattern', 'B', 'required'),
  long('tos', 'Q', 'required'),
  long('mpls', 'e'),
  long('interface', 'I', 'required'),
  long('address', 'a', 'required'),
  long('first-ttl', 'f', 'required'),
  long('max-ttl', 'm', 'required'),
  long('max-unknown', 'U', 'required'),
  long('udp', 'u'),
  long('tcp', 'T'),
  long('sctp', 'S'),
  long('port', 'P', 'required'),
  long('localport', 'L', 'required'),
  long('timeout', 'Z', 'required'),
  long('gracetime', 'G', 'required'),
  long('mark', 'M', 'required'),
  long('help', 'h'),
  long('version', 'v'),
];
const LETTERS = '46F:rwxtlCjpnbo:y:zi:c:s:B:Q:eI:a:f:m:U:uTSP:L:Z:G:M:hv';
const REFUSED = ['F', 't', 'displaymode', 'y', 'z', 'e', 'S', 'L', 'M'];

/** What mtr can be told. */
export const MTR_OPTIONS: GetoptTable = {
  letters: LETTERS,
  longs: LONGS,
  usage: USAGE,
  refused: REFUSED,
};

/** Columns that `-o` may name. */
export const FIELD_LETTERS = 'LDRSNBAWVGJMXI ';
const OUTPUTS: Readonly<Record<string, Output>> = {
  r: 'report',
  w: 'report',
  j: 'json',
  x: 'xml',
  C: 'csv',
  l: 'raw',
  p: 'split',
};

function seconds(text: string, what: string): number {
  const { value } = strtod(text);
  if (value <= 0) throw new MtrError(`${what} must be positive`);
  return value;
}

function setFields(text: string): string {
  for (const c of text)
    if (!FIELD_LETTERS.includes(c)) throw new MtrError(`Unknown field identifier: ${c}`);
  return text;
}

const SETTERS: Readonly<Record<string, (o: MtrOptions, arg: string) => void>> = {
  4: (o) => void (o.family = 'inet'),
  6: (o) => void (o.family = 'inet6'),
  w: (o) => void (o.wide = true),
  n: (o) => void (o.numeric = true),
  b: (o) => void (o.showIps = true),
  o: (o, a) => void (o.fields = setFields(a)),
  i: (o, a) => void (o.interval = seconds(a, 'wait time')),
  G: (o, a) => void (o.grace = seconds(a, 'wait time')),
  c: (o, a) => void (o.cycles = atoi(a)),
  s: (o, a) => void (o.size = Math.abs(atoi(a))),
  B: (o, a) => void (o.pattern = atoi(a) & 0xff),
  Q: (o, a) => void (o.tos = atoi(a) & 0xff),
  I: (o, a) => void (o.device = a),
  a: (o, a) => void (o.source = a),
  f: (o, a) => void (o.first = Math.max(1, Math.min(atoi(a), o.max))),
  m: (o, a) => void (o.max = Math.max(1, Math.min(atoi(a), 255))),
  U: (o, a) => void (o.maxUnknown = Math.max(1, atoi(a))),
  u: (o) => setMethod(o, 'default'),
  T: (o) => setMethod(o, 'tcp'),
  P: (o, a) => {
    o.port = atoi(a);
    if (o.port < 1 || o.port > 65_535) throw new MtrError(`Illegal port number: ${a}`);
  },
};

function setMethod(o: MtrOptions, method: 'default' | 'tcp'): void {
  if (o.method !== 'icmp') throw new MtrError('-u , -T and -S are mutually exclusive');
  o.method = method;
}

/** Reads a command line. @returns what is to be printed in place of a trace. @throws MtrError */
export function readOptions(
  args: readonly string[],
): MtrOptions | { readonly text: string; readonly status: number } {
  const { options, operands, error } = getopt(args, LETTERS, LONGS);
  if (error !== undefined) return { text: `mtr: ${error}\n${USAGE}`, status: 1 };
  const o: MtrOptions = {
    ...{ output: undefined, wide: false, family: undefined, method: 'icmp', device: undefined },
    ...{ source: undefined, first: 1, max: 30, maxUnknown: 12, port: undefined, size: 64 },
    ...{ pattern: 0, interval: 1, grace: 5, tos: 0, cycles: 10, numeric: false, showIps: false },
    ...{ fields: 'LS NABWV', hosts: operands.length === 0 ? ['localhost'] : operands },
  };
  for (const { opt, arg = '' } of options) {
    if (opt === 'h') return { text: USAGE, status: 0 };
    if (opt === 'v') return { text: 'mtr 0.95\n', status: 0 };
    if (REFUSED.includes(opt))
      throw new MtrError(`-${opt} is not supported by Labwire; mtr -h lists what is`);
    o.output = OUTPUTS[opt] ?? o.output;
    SETTERS[opt]?.(o, arg);
  }
  if (o.output === undefined)
    throw new MtrError('the screen is not supported by Labwire; -r, -w, -j, -x, -C, -l and -p are');
  return o;
}
