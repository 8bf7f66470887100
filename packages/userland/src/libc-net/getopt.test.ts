import { expect, it } from 'vitest';
import { getopt, type LongOption } from './getopt.ts';

const LONGS: readonly LongOption[] = [
  { name: 'count', arg: 'required', key: 'c' },
  { name: 'color', arg: 'optional', key: 'color' },
  { name: 'quiet', arg: 'no', key: 'q' },
];

it('takes operands between options, bundled letters and attached arguments', () => {
  expect(getopt(['host', '-qc3', '-c', '4', '--', '-q'], 'qc:')).toEqual({
    options: [
      { opt: 'q', arg: undefined },
      { opt: 'c', arg: '3' },
      { opt: 'c', arg: '4' },
    ],
    operands: ['host', '-q'],
    error: undefined,
  });
});

it('stops at the first operand when the specification starts with a plus', () => {
  expect(getopt(['-q', 'ls', '-c'], '+qc:').operands).toEqual(['ls', '-c']);
});

it.each([
  [['-x'], "invalid option -- 'x'"],
  [['-c'], "option requires an argument -- 'c'"],
  [['--bogus'], "unrecognized option '--bogus'"],
  [['--count'], "option '--count' requires an argument"],
  [['--quiet=1'], "option '--quiet' doesn't allow an argument"],
  [['--co'], "option '--co' is ambiguous; possibilities: '--count' '--color'"],
])('%j is refused in the words of glibc', (args, error) => {
  expect(getopt(args, 'qc:', LONGS).error).toBe(error);
});

it('takes unambiguous beginnings of long options, with arguments either way', () => {
  expect(getopt(['--cou', '2', '--col', '--q'], 'qc:', LONGS).options).toEqual([
    { opt: 'c', arg: '2' },
    { opt: 'color', arg: undefined },
    { opt: 'q', arg: undefined },
  ]);
});
