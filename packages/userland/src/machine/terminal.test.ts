import { SEC, Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { debianPackages } from '../debian/index.ts';
import { Machine, type Terminal, type TerminalRun } from './index.ts';

function terminal(): { sim: Simulator; machine: Machine; term: Terminal } {
  const sim = new Simulator();
  const machine = new Machine(sim, { name: 'host', packages: debianPackages });
  return { sim, machine, term: machine.openTerminal('1') };
}

async function type(sim: Simulator, term: Terminal, text: string): Promise<TerminalRun> {
  const run = term.run(text);
  await sim.run(sim.now + 60 * SEC, () => run.done);
  return run;
}

it('keeps directory, variables and functions from one command to the next', async () => {
  const { sim, term } = terminal();
  await type(sim, term, 'cd /tmp; x=5; f() { echo f$x; }');
  expect((await type(sim, term, 'pwd; f; echo $?')).output).toBe('/tmp\nf5\n0\n');
});

it('numbers the first line 3 in messages, as the reference runs do', async () => {
  const { sim, term } = terminal();
  const run = await type(sim, term, 'nosuch');
  expect([run.output, run.exitCode]).toEqual(['bash: line 3: nosuch: command not found\n', 127]);
  expect((await type(sim, term, 'true\nnosuch')).output).toContain('bash: line 4: nosuch');
});

it('interrupts the command that runs, and the loop that it is in, but not the shell', async () => {
  const { sim, term } = terminal();
  const run = term.run('while true; do sleep 10; done; echo never');
  await sim.run(25 * SEC);
  run.interrupt();
  await sim.run(26 * SEC, () => run.done);
  expect([run.output, run.exitCode]).toEqual(['^C', 130]);
  expect((await type(sim, term, 'echo on')).output).toBe('on\n');
});

it('gives a command that comes while one runs a fresh shell with the same state', async () => {
  const { sim, term } = terminal();
  await type(sim, term, 'cd /tmp; export A=1');
  const busy = term.run('sleep 5; echo late');
  await sim.run(sim.now + SEC);
  const next = await type(sim, term, 'pwd; echo $A');
  expect([next.output, busy.done]).toEqual(['/tmp\n1\n', false]);
  await sim.run(sim.now + 10 * SEC, () => busy.done);
  expect(busy.output).toBe('late\n');
});

it('goes on collecting what a background job prints under the command that started it', async () => {
  const { sim, term } = terminal();
  const job = await type(sim, term, '(sleep 1; echo from the job) &');
  const later = await type(sim, term, 'sleep 2; echo here');
  expect([job.output, later.output]).toEqual(['from the job\n', 'here\n']);
});

it('reads what is typed, and the end of it', async () => {
  const { sim, term } = terminal();
  const run = term.run('cat; echo end');
  await sim.run(SEC);
  run.type('one\ntwo\n');
  run.endOfInput();
  await sim.run(2 * SEC, () => run.done);
  expect(run.output).toBe('one\ntwo\nend\n');
});

it('gives back what a command did not read', async () => {
  const { sim, term } = terminal();
  const run = term.run('read x; echo got $x');
  run.type('one\ntwo\nthree\n');
  await sim.run(SEC, () => run.done);
  expect(run.output).toBe('got one\n');
  expect(run.takeUnread()).toBe('two\nthree\n');
});

it('announces jobs, expands aliases and ends with exit where somebody sits at it', async () => {
  const { sim, machine } = terminal();
  const term = machine.openTerminal('2', { interactive: true });
  expect(term.prompt()).toBe('root@host:~# ');
  await type(sim, term, 'alias hi="echo hello"');
  expect((await type(sim, term, 'hi you; nosuch')).output).toBe(
    'hello you\nbash: nosuch: command not found\n',
  );
  expect((await type(sim, term, 'sleep 1 &')).output).toMatch(/^\[1\] \d+\n$/);
  expect((await type(sim, term, 'sleep 2')).output).toBe('[1]+  Done                    sleep 1\n');
  await type(sim, term, 'exit');
  expect(term.exited).toBe(true);
});

it('tells whether a command goes on in a next line', () => {
  const { term } = terminal();
  const open = ['for i in 1; do', 'echo "a', 'cat <<E\nx', 'a \\', 'if true', 'f() {', 'a &&'];
  expect(open.filter((text) => !term.isIncomplete(text))).toEqual([]);
  expect(['echo a', 'cat <<E\nx\nE', 'f() { :; }'].filter((t) => term.isIncomplete(t))).toEqual([]);
});

it('cannot be kept busy for ever by a loop that does nothing', async () => {
  const { sim, term } = terminal();
  const run = term.run('while :; do :; done');
  await sim.run(SEC);
  expect([sim.now, run.done]).toEqual([SEC, false]);
});
