import { SEC } from '@labwire/core/sim';
import { formatDate, parseDuration, tool, UsageError } from '../coreutils/index.ts';
import { exec, type Program } from '../machine/index.ts';

function span(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const clock =
    hours > 0
      ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}`
      : `${minutes} min`;
  return `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${clock}`;
}

/** uptime(1). */
export const uptime: Program = tool(
  { name: 'uptime', letters: 'ps', longs: { pretty: 'p', since: 's' } },
  async (proc, options) => {
    const seconds = Math.floor(proc.now / SEC);
    const clock = proc.machine.wallClock;
    if (options.has('s')) await proc.out(`${formatDate('%Y-%m-%d %H:%M:%S', clock - seconds)}\n`);
    else if (options.has('p'))
      await proc.out(
        `up ${Math.floor(seconds / 60)} minute${seconds >= 60 && seconds < 120 ? '' : 's'}\n`,
      );
    else
      await proc.out(
        ` ${formatDate('%T', clock)} up ${span(seconds)},  1 user,  load average: 0.00, 0.00, 0.00\n`,
      );
    return 0;
  },
);

/** watch(1): prints what a command prints, again and again, one screen below the other. */
export const watch: Program = tool(
  {
    name: 'watch',
    letters: '+n:dtbegcx',
    longs: { 'interval=': 'n', differences: 'd', 'no-title': 't' },
  },
  async (proc, options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    const interval = Math.max(0.1, parseDuration(options.value('n') ?? '2') ?? 2);
    const command = operands.join(' ');
    for (;;) {
      if (!options.has('t')) {
        const head = `Every ${interval.toFixed(1)}s: ${command}`;
        await proc.out(
          `${head}   ${proc.machine.hostname}: ${formatDate('%c', proc.machine.wallClock)}\n\n`,
        );
      }
      const child = proc.spawn(['sh', '-c', command], (p) =>
        exec(p, '/bin/sh', ['sh', '-c', command]),
      );
      await proc.waitFor(child);
      await proc.sleep(Math.round(interval * SEC));
    }
  },
);
