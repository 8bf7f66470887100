import { readInputText, ToolError, tool } from '../coreutils/index.ts';
import { exec, findProgram, type Process, type Program } from '../machine/index.ts';

/** xargs(1). */
export const xargs: Program = tool(
  {
    name: 'xargs',
    letters: '+0rtn:L:I:P:d:s:',
    longs: {
      null: '0',
      'no-run-if-empty': 'r',
      'max-args=': 'n',
      'replace?': 'I',
      'max-procs=': 'P',
      'delimiter=': 'd',
      verbose: 't',
    },
  },
  async (proc, options, operands) => {
    const command = operands.length > 0 ? operands : ['echo'];
    const text = await readInputText(proc, '-');
    const replace = options.value('I');
    const delimiter = options.has('0')
      ? '\0'
      : options.value('d')?.replace('\\n', '\n').replace('\\0', '\0');
    const byLine = replace !== undefined || options.has('L');
    const items =
      delimiter !== undefined
        ? text.replace(new RegExp(`${delimiter}$`), '').split(delimiter)
        : byLine
          ? lines(text)
          : words(text);
    const real = items.filter((i) => i !== '' || delimiter !== undefined);
    if (real.length === 0 && (options.has('r') || replace !== undefined)) return 0;
    let status = 0;
    for (const batch of batches(real, options.value('n') ?? options.value('L'), replace)) {
      const argv =
        replace === undefined
          ? [...command, ...(options.has('L') ? batch.flatMap(words) : batch)]
          : command.map((w) => w.replaceAll(replace, batch[0] as string));
      if (options.has('t')) await proc.err(`${argv.join(' ')}\n`);
      const code = await run(proc, argv);
      if (code === 127 || code === 126) return code;
      if (code === 255) throw new ToolError(`${argv[0]}: exited with status 255; aborting`, 124);
      if (code !== 0) status = 123;
    }
    return status;
  },
);

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((l) => l.replace(/^[ \t]+/, ''))
    .filter((l) => l !== '');
}

/** Cuts at blanks; quotes and backslashes keep them. */
function words(text: string): string[] {
  const out: string[] = [];
  for (const m of text.matchAll(/(?:"([^"\n]*)"|'([^'\n]*)'|\\([\s\S])|[^\s"'\\])+/g))
    out.push(
      m[0].replace(
        /"([^"\n]*)"|'([^'\n]*)'|\\([\s\S])/g,
        (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
      ),
    );
  return out;
}

function batches(
  items: readonly string[],
  n: string | undefined,
  replace: string | undefined,
): (readonly string[])[] {
  const size = replace !== undefined ? 1 : Number(n ?? 1000);
  if (items.length === 0) return [[]];
  const out: string[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}

async function run(proc: Process, argv: readonly string[]): Promise<number> {
  const name = argv[0] as string;
  const path = findProgram(proc, name);
  if (path === undefined || !proc.fs.exists(path)) {
    await proc.err(`xargs: ${name}: No such file or directory\n`);
    return 127;
  }
  const nothing = proc.fs.open('/dev/null', { read: true });
  const fds = new Map(proc.fds).set(0, nothing);
  return proc.waitFor(proc.spawn(argv, (p) => exec(p, path, argv), { fds }));
}
