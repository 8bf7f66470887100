import { expect, it } from 'vitest';
import { parseCommandLine } from '../command-line/index.ts';
import { planConsole } from './console.ts';

const plan = (line: string) => planConsole(parseCommandLine(line === '' ? [] : line.split(' ')));
/** The words in short: the console's device has the name that it has. */
const words = (line: string) => plan(line).words.join(' ').replaceAll('labwire-console', 'C');

it.each([
  // with -nographic the monitor is there, too
  ['-nographic', '-serial chardev:C -mon chardev=C -monitor none', true],
  ['-nographic -monitor none', '-serial chardev:C -monitor none', true],
  ['-serial mon:stdio', '-serial chardev:C -mon chardev=C -monitor none', true],
  ['-serial stdio', '-serial chardev:C -monitor none', true],
  [
    '-chardev stdio,id=c0,mux=on -serial chardev:c0 -mon chardev=c0',
    '-serial chardev:C -mon chardev=C -monitor none',
    true,
  ],
  // nobody's terminal, and yet there for who asks
  ['', '-serial chardev:C -monitor none', false],
  ['-monitor stdio', '-serial chardev:C -monitor none', false],
  ['-serial unix:/run/vm.sock,server', '-serial chardev:C -monitor none', false],
  ['-serial none', '-serial none -monitor none', false],
  ['-serial file:log -serial stdio', '-serial file:log -serial chardev:C -monitor none', true],
  ['-nodefaults', '-monitor none', false],
])('%s: %s', (line, expected, atStdio) => {
  expect(words(line)).toBe(expected);
  expect(plan(line).atStdio).toBe(atStdio);
});

it('leaves sockets and monitors to the simulated machine, and the terminal to the guest', () => {
  const simulated = (line: string) => plan(line).simulated.map((i) => i.where);
  expect(simulated('-nographic -serial mon:stdio -monitor tcp::4444,server')).toEqual([
    '-nographic',
    '-monitor tcp::4444,server',
  ]);
  expect(simulated('-chardev stdio,id=c0 -serial chardev:c0 -mon chardev=c0 -m 1')).toEqual([
    '-m 1',
  ]);
});

it('refuses what would draw on a terminal that it has not', () => {
  expect(() => plan('-display curses')).toThrow('use -nographic');
});
