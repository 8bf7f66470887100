import { formatDate, tool } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';

/** One line of the journal. */
interface Line {
  readonly at: number;
  /** The program's name, or `kernel`. */
  readonly identifier: string;
  readonly text: string;
}

function kernelLines({ machine }: Process): Line[] {
  const identifier = 'kernel';
  return machine.kernel.messages
    .entries()
    .map(({ at, text }) => ({ at, identifier, text: `kernel: ${text}` }));
}

function programLines({ machine }: Process): Line[] {
  return machine.journal.entries().map(({ at, identifier, pid, text }) => ({
    at,
    identifier,
    text: `${identifier}[${pid}]: ${text}`,
  }));
}

/** A unit's messages are those of its program and of the parts that this names, as `dnsmasq-dhcp`. */
function isOfUnit(identifier: string, unit: string): boolean {
  const name = unit.replace(/\.service$/, '').replace(/@.*/, '');
  return identifier === name || identifier.startsWith(`${name}-`);
}

/** journalctl(1): what the kernel and programs logged; what services print is not kept. */
export const journalctl: Program = tool(
  {
    name: 'journalctl',
    letters: 'xeu:kn:fb::o:rqap:S:U:t:',
    longs: {
      'unit=': 'u',
      dmesg: 'k',
      'no-pager': 'no-pager',
      'lines=': 'n',
      follow: 'f',
      reverse: 'r',
      'identifier=': 't',
      'output=': 'o',
    },
  },
  async (proc, options) => {
    const [unit, wanted] = [options.value('u'), options.value('t')];
    const all = [...kernelLines(proc), ...(options.has('k') ? [] : programLines(proc))];
    const lines = all
      .filter(({ identifier }) => wanted === undefined || identifier === wanted)
      .filter(({ identifier }) => unit === undefined || isOfUnit(identifier, unit))
      .sort((a, b) => a.at - b.at);
    if (lines.length === 0) {
      await proc.out('-- No entries --\n');
      return 0;
    }
    const last = lines.slice(-Number(options.value('n') ?? lines.length));
    if (options.has('r')) last.reverse();
    const bare = options.value('o') === 'cat';
    for (const { at, text } of last)
      await proc.out(
        bare
          ? `${text.slice(text.indexOf(': ') + 2)}\n`
          : `${stamp(proc, at)} ${proc.machine.hostname} ${text}\n`,
      );
    return 0;
  },
);

function stamp(proc: Process, at: number): string {
  return formatDate('%b %d %H:%M:%S', proc.machine.wallClock - (proc.now - at) / 1e9);
}
