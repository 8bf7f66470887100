import { userNames } from '../base/index.ts';
import { type Options, ToolError, tool } from '../coreutils/index.ts';
import { posixRegExp } from '../grep/index.ts';
import { type Process, type Program, signalNumber } from '../machine/index.ts';

const DEFAULT_SIGNAL = 15;

/** Lets `-TERM` and `-9` be `--signal TERM` and `--signal 9`. */
function spellSignal(words: readonly string[]): readonly string[] {
  const at = words.findIndex(
    (a) => a.length > 1 && a.startsWith('-') && signalNumber(a.slice(1)) !== undefined,
  );
  if (at < 0) return words;
  return [`--signal=${words[at]?.slice(1)}`, ...words.slice(0, at), ...words.slice(at + 1)];
}

/** kill(1) of procps. */
export const kill: Program = tool(
  { name: 'kill', letters: 's:l', longs: { 'signal=': 's' }, spell: spellSignal },
  async (proc, options, operands) => {
    const named = options.value('s');
    const number = named === undefined ? DEFAULT_SIGNAL : signalNumber(named);
    if (number === undefined) throw new ToolError(`unknown signal name ${named}`);
    let status = 0;
    for (const operand of operands) {
      const target = proc.machine.processes.get(Number(operand));
      if (!/^\d+$/.test(operand)) throw new ToolError(`failed to parse argument: '${operand}'`);
      if (target === undefined || (proc.uid !== 0 && target.uid !== proc.uid)) {
        await proc.err(
          `kill: (${operand}): ${target === undefined ? 'No such process' : 'Operation not permitted'}\n`,
        );
        status = 1;
      } else target.kill(number);
    }
    return status;
  },
);

/** The processes that a pattern and options choose, never the caller itself. */
function chosen(
  proc: Process,
  name: string,
  options: Options,
  operands: readonly string[],
): Process[] {
  const [pattern, extra] = operands;
  if (extra !== undefined)
    throw new ToolError(
      `only one pattern can be provided\nTry \`${name} --help' for more information.`,
      2,
    );
  const filters = options.has('u', 'U', 'P', 'g');
  if (pattern === undefined && !filters)
    throw new ToolError(
      `no matching criteria specified\nTry \`${name} --help' for more information.`,
      2,
    );
  const source = options.has('x') ? `^(${pattern ?? ''})$` : (pattern ?? '');
  const regexp = posixRegExp(source, { extended: true, ignoreCase: options.has('i') });
  if (typeof regexp === 'string') throw new ToolError(regexp, 2);
  const names = userNames(proc.fs);
  const users = options.values('u').flatMap((u) => u.split(','));
  const parents = options.values('P').flatMap((p) => p.split(','));
  const found = [...proc.machine.processes.values()].filter((p) => {
    if (p === proc) return false;
    const text = options.has('f') ? p.argv.join(' ') : p.comm;
    const fits =
      regexp.test(text) &&
      (users.length === 0 || users.includes(names.user(p.uid)) || users.includes(String(p.uid))) &&
      (parents.length === 0 || parents.includes(String(p.ppid)));
    return fits !== options.has('v');
  });
  found.sort((a, b) => a.pid - b.pid);
  if (options.has('n')) return found.slice(-1);
  return options.has('o') ? found.slice(0, 1) : found;
}

const LONGS = {
  full: 'f',
  exact: 'x',
  newest: 'n',
  oldest: 'o',
  count: 'c',
  'list-name': 'l',
  'list-full': 'a',
  'ignore-case': 'i',
  inverse: 'v',
  'parent=': 'P',
  'euid=': 'u',
  'signal=': 'signal',
  'delimiter=': 'd',
};

/** pgrep(1). */
export const pgrep: Program = tool(
  { name: 'pgrep', letters: 'fxnoclaivwP:u:U:d:g:', longs: LONGS, usageStatus: 2 },
  async (proc, options, operands) => {
    const found = chosen(proc, 'pgrep', options, operands);
    if (options.has('c')) await proc.out(`${found.length}\n`);
    else {
      const lines = found.map((p) =>
        options.has('a')
          ? `${p.pid} ${p.argv.join(' ')}`
          : options.has('l')
            ? `${p.pid} ${p.comm}`
            : String(p.pid),
      );
      const delimiter = options.value('d') ?? '\n';
      if (lines.length > 0) await proc.out(`${lines.join(delimiter)}\n`);
    }
    return found.length > 0 ? 0 : 1;
  },
);

/** pkill(1). */
export const pkill: Program = tool(
  {
    name: 'pkill',
    letters: 'fxnociveP:u:U:g:',
    longs: LONGS,
    usageStatus: 2,
    spell: spellSignal,
  },
  async (proc, options, operands) => {
    const found = chosen(proc, 'pkill', options, operands);
    const number = signalNumber(options.value('signal') ?? '') ?? DEFAULT_SIGNAL;
    for (const p of found) {
      if (proc.uid !== 0 && p.uid !== proc.uid)
        await proc.err(`pkill: killing pid ${p.pid} failed: Operation not permitted\n`);
      else p.kill(number);
    }
    if (options.has('c')) await proc.out(`${found.length}\n`);
    return found.length > 0 ? 0 : 1;
  },
);

/** killall(1), as `killall NAME…`. */
export const killall: Program = tool(
  { name: 'killall', letters: 'qvws:ei', longs: { 'signal=': 's' }, spell: spellSignal },
  async (proc, options, operands) => {
    const signal = signalNumber(options.value('s') ?? '') ?? DEFAULT_SIGNAL;
    let status = 0;
    for (const name of operands) {
      const found = [...proc.machine.processes.values()].filter((p) => p.comm === name);
      for (const p of found) p.kill(signal);
      if (found.length > 0) continue;
      status = 1;
      if (!options.has('q')) await proc.err(`${name}: no process found\n`);
    }
    return status;
  },
);

/** pidof(8). */
export const pidof: Program = tool(
  { name: 'pidof', letters: 'scqwxo:S:' },
  async (proc, options, operands) => {
    const matches = (p: Process, name: string) =>
      p.comm === name || p.argv[0] === name || p.argv[0]?.endsWith(`/${name}`) === true;
    const found = [...proc.machine.processes.values()].filter(
      (p) => p !== proc && operands.some((n) => matches(p, n)),
    );
    found.sort((a, b) => b.pid - a.pid);
    const shown = options.has('s') ? found.slice(0, 1) : found;
    if (shown.length > 0 && !options.has('q'))
      await proc.out(`${shown.map((p) => p.pid).join(options.value('S') ?? ' ')}\n`);
    return shown.length > 0 ? 0 : 1;
  },
);
