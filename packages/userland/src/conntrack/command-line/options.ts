/** The options, and which go with which command. conntrack-tools src/conntrack.c, commands_v_options[] */
import { parameterProblem } from '../error.ts';

/** What to do: a command's letter, with X before it for the expectation table. */
export type Command =
  | 'L'
  | 'I'
  | 'U'
  | 'D'
  | 'G'
  | 'F'
  | 'E'
  | 'V'
  | 'h'
  | 'XL'
  | 'XI'
  | 'XD'
  | 'XG'
  | 'XF'
  | 'XE'
  | 'C'
  | 'XC'
  | 'S'
  | 'XS'
  | 'A';

/** Letters of the options in the order in which they are checked, and the names that errors give them. */
export const OPTIONS: readonly (readonly [letter: string, name: string])[] = [
  ['s', 'src'],
  ['d', 'dst'],
  ['r', 'reply-src'],
  ['q', 'reply-dst'],
  ['p', 'protonum'],
  ['t', 'timeout'],
  ['u', 'status'],
  ['z', 'zero'],
  ['e', 'event-mask'],
  ['[', 'tuple-src'],
  [']', 'tuple-dst'],
  ['{', 'mask-src'],
  ['}', 'mask-dst'],
  ['a', 'nat-range'],
  ['m', 'mark'],
  ['i', 'id'],
  ['f', 'family'],
  ['n', 'src-nat'],
  ['g', 'dst-nat'],
  ['o', 'output'],
  ['c', 'secmark'],
  ['b', 'buffer-size'],
  ['j', 'any-nat'],
  ['w', 'zone'],
  ['l', 'label'],
  ['<', 'label-add'],
  ['>', 'label-del'],
  ['(', 'orig-zone'],
  [')', 'reply-zone'],
];

/** By command, one digit an option: 0 illegal, 1 needed, 2 allowed, 3 needed as one of two pairs. */
export type Legality = Partial<Record<Command, string>>;

const LEGAL: Legality = {
  //  sdrqptuze[]{}amifngocbjwl<>()
  L: '22222022000220202222202220022',
  I: '33331120000002200220000202022',
  A: '33331120000002200220000202022',
  U: '22222220000220222222000022200',
  D: '22222220000220222222000220022',
  G: '33331000000000020002000020000',
  F: '00000000000000002000000000000',
  E: '22222000200220202222222220022',
  h: '00002000000000000000000000000',
  XL: '00000000000000002002000000000',
  XI: '11221120011110000000000000000',
  XD: '11221000000000000000000000000',
  XG: '11221000000000000000000000000',
  XE: '00000000000000000002000000000',
};

/** Options with which entries are compared. CT_COMPARISON */
export const COMPARISON = 'psdrqmcuiwl()';

/** Short options, as getopt(3) takes them. */
export const SHORT_OPTIONS =
  'L::I::U::D::G::E::F::A::hVs:d:r:q:p:t:u:e:a:z[:]:{:}:m:i:f:o:n::g::c:b:C::Sj::w:l:<:>::(:):';

/** Long options of every command line. */
export const LONG_OPTIONS: readonly (readonly [
  name: string,
  arg: 'none' | 'required' | 'optional',
  letter: string,
])[] = [
  ['dump', 'optional', 'L'],
  ['create', 'optional', 'I'],
  ['add', 'optional', 'A'],
  ['delete', 'optional', 'D'],
  ['update', 'optional', 'U'],
  ['get', 'optional', 'G'],
  ['flush', 'optional', 'F'],
  ['event', 'optional', 'E'],
  ['counter', 'optional', 'C'],
  ['stats', 'none', 'S'],
  ['version', 'none', 'V'],
  ['help', 'none', 'h'],
  ['orig-src', 'required', 's'],
  ['src', 'required', 's'],
  ['orig-dst', 'required', 'd'],
  ['dst', 'required', 'd'],
  ['reply-src', 'required', 'r'],
  ['reply-dst', 'required', 'q'],
  ['protonum', 'required', 'p'],
  ['timeout', 'required', 't'],
  ['status', 'required', 'u'],
  ['zero', 'none', 'z'],
  ['event-mask', 'required', 'e'],
  ['tuple-src', 'required', '['],
  ['tuple-dst', 'required', ']'],
  ['mask-src', 'required', '{'],
  ['mask-dst', 'required', '}'],
  ['nat-range', 'required', 'a'],
  ['mark', 'required', 'm'],
  ['secmark', 'required', 'c'],
  ['id', 'optional', 'i'],
  ['family', 'required', 'f'],
  ['src-nat', 'optional', 'n'],
  ['dst-nat', 'optional', 'g'],
  ['output', 'required', 'o'],
  ['buffer-size', 'required', 'b'],
  ['any-nat', 'optional', 'j'],
  ['zone', 'required', 'w'],
  ['label', 'required', 'l'],
  ['label-add', 'required', '<'],
  ['label-del', 'optional', '>'],
  ['orig-zone', 'required', '('],
  ['reply-zone', 'required', ')'],
];

/** The name that an error gives a letter: its first long option. `get_long_opt()` */
export function longName(letter: string): string {
  return LONG_OPTIONS.find((o) => o[2] === letter)?.[0] ?? 'unknown';
}

/** What is checked: which options were given, which are legal, and the pairs of which one must be whole. */
export interface Check {
  readonly given: (index: number) => boolean;
  readonly legal: string;
  readonly names: readonly string[];
  readonly pairs: readonly (readonly [number, number])[];
}

/**
 * `generic_opt_check()`
 * @returns undefined if all is well; else which pair to suggest
 */
export function checkOptions({ given, legal, names, pairs }: Check): 0 | 1 | undefined {
  names.forEach((name, i) => {
    const rule = legal[i] ?? '0';
    if (!given(i) && rule === '1')
      throw parameterProblem(`You need to supply the \`--${name}' option for this command`);
    if (given(i) && rule === '0')
      throw parameterProblem(`Illegal option \`--${name}' with this command`);
  });
  if (!legal.includes('3') || pairs.length === 0) return undefined;
  if (pairs.some(([a, b]) => given(a) && given(b))) return undefined;
  return pairs.findIndex(([a, b]) => given(a) || given(b)) === 1 ? 1 : 0;
}

/** Checks the options that every protocol shares. */
export function checkCommon(command: Command | undefined, given: ReadonlySet<string>): void {
  const suggest = checkOptions({
    given: (i) => given.has(OPTIONS[i]?.[0] ?? ''),
    legal: (command === undefined ? undefined : LEGAL[command]) ?? '',
    names: OPTIONS.map((o) => o[1]),
    pairs: [
      [0, 1],
      [2, 3],
    ],
  });
  if (suggest === 0) throw parameterProblem("you have to specify `--src' and `--dst'");
  if (suggest === 1) throw parameterProblem("you have to specify `--reply-src' and `--reply-dst'");
}
