import { type RunOptions, TerminalRun } from '@labwire/userland/machine';

/** What a command comes to that is typed at a guest which is not powered on. */
export function answerOfNobody(
  command: string,
  name: string,
  wasThere: boolean,
  options: RunOptions,
): TerminalRun {
  const run = new TerminalRun(command, 0, { rows: 200, columns: 400 }, options);
  const why = wasThere ? 'it has been powered off' : 'no guest of this name has been started';
  run.tty.echo(`labwire: ${name} is not running: ${why}\n`);
  run.exitCode = 1;
  run.done = true;
  return run;
}
