import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { Process, Program } from '../machine/index.ts';
import { daysFromCivil, formatDate } from './date-format.ts';
import { closeInput, LineReader, openInput } from './input.ts';
import { formatFloat } from './printf-format.ts';
import { eachFile, quote, ToolError, tool, UsageError } from './tool.ts';

/** Seconds of a duration such as `1.5`, `2m`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (m === null) return text === 'infinity' || text === 'inf' ? Infinity : undefined;
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
  return Number(m[1]) * (units[m[2] as string] as number);
}

/** sleep(1), in simulated time. */
export const sleep: Program = tool(
  { name: 'sleep', letters: '+' },
  async (proc, _options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    let total = 0;
    for (const text of operands) {
      const seconds = parseDuration(text);
      if (seconds === undefined) throw new UsageError(`invalid time interval ${quote(text)}`);
      total += seconds;
    }
    if (total === Infinity) await proc.park<void>('for ever', () => undefined);
    await proc.sleep(Math.round(total * SEC));
    return 0;
  },
);

/** seq(1); a negative number is an operand, not an option. */
export const seq: Program = tool(
  {
    name: 'seq',
    letters: '+f:s:w',
    longs: { 'format=': 'f', 'separator=': 's', 'equal-width': 'w' },
    spell: (words) => {
      const at = words.findIndex((a) => /^-[\d.]/.test(a));
      return at < 0 ? words : [...words.slice(0, at), '--', ...words.slice(at)];
    },
  },
  async (proc, options, operands) => {
    const [a, b, c] = operands;
    if (a === undefined) throw new UsageError('missing operand');
    const [first, step, last] =
      c === undefined ? [b === undefined ? '1' : a, '1', b ?? a] : [a, b as string, c];
    for (const text of [first, step, last])
      if (!/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(text))
        throw new UsageError(`invalid floating point argument: ${quote(text)}`);
    if (Number(step) === 0) throw new UsageError(`invalid Zero increment value: ${quote(step)}`);
    const decimals = Math.max(...[first, step].map((t) => t.split('.')[1]?.length ?? 0));
    const lines: string[] = [];
    const n = Math.floor((Number(last) - Number(first)) / Number(step) + 1e-10);
    for (let i = 0; i <= n; i++) lines.push((Number(first) + i * Number(step)).toFixed(decimals));
    const width = options.has('w') ? Math.max(0, ...lines.map((l) => l.length)) : 0;
    const shown = lines.map((l) => format(options.value('f'), padZeros(l, width)));
    if (shown.length > 0) await proc.out(`${shown.join(options.value('s') ?? '\n')}\n`);
    return 0;
  },
);

function padZeros(text: string, width: number): string {
  return text.startsWith('-')
    ? `-${text.slice(1).padStart(width - 1, '0')}`
    : text.padStart(width, '0');
}

function format(spec: string | undefined, text: string): string {
  if (spec === undefined) return text;
  return spec.replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?([efgEFG])/,
    (_, flags: string, width: string, precision: string | undefined, kind: string) =>
      formatFloat(
        {
          flags,
          width: Number(width || 0),
          precision: precision === undefined ? undefined : Number(precision),
          kind,
        },
        Number(text),
      ),
  );
}

/** date(1); the machine's clock is in UTC. */
export const date: Program = tool(
  {
    name: 'date',
    letters: 'ud:s:Rr:I',
    longs: {
      utc: 'u',
      universal: 'u',
      'date=': 'd',
      'set=': 's',
      'iso-8601?': 'I',
      'rfc-email': 'R',
      'rfc-3339=': '3',
      'reference=': 'r',
    },
  },
  async (proc, options, operands) => {
    const now = proc.machine.wallClock;
    const when = options.value('d');
    const reference = options.value('r');
    const epoch =
      when !== undefined
        ? parseDate(when, now)
        : reference !== undefined
          ? proc.fs.stat(proc.path(reference)).mtime
          : now;
    if (epoch === undefined) throw new ToolError(`invalid date ${quote(when as string)}`);
    if (options.has('s')) throw new ToolError('cannot set date: the simulated clock cannot be set');
    const [operand] = operands;
    if (operand !== undefined && !operand.startsWith('+'))
      throw new ToolError(`invalid date ${quote(operand)}`);
    const iso = options.value('I') ?? 'date';
    const isoFormat = iso === 'seconds' ? '%Y-%m-%dT%H:%M:%S+00:00' : '%Y-%m-%d';
    const other = options.has('R')
      ? '%a, %d %b %Y %H:%M:%S %z'
      : options.has('I')
        ? isoFormat
        : options.has('3')
          ? '%Y-%m-%d %H:%M:%S+00:00'
          : '%a %b %e %H:%M:%S %Z %Y';
    await proc.out(`${formatDate(operand?.slice(1) ?? other, epoch)}\n`);
    return 0;
  },
);

/** Seconds since the epoch of a date such as `@5`, `2026-01-02 03:04:05`, `now`, `2 hours ago`. */
function parseDate(text: string, now: number): number | undefined {
  const m =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?(?: ?(?:Z|UTC|\+00:?00))?$/.exec(
      text.trim(),
    );
  if (m !== null) {
    const [, y, mo, d, h = 0, mi = 0, s = 0] = m;
    return (
      daysFromCivil(Number(y), Number(mo), Number(d)) * 86_400 +
      Number(h) * 3600 +
      Number(mi) * 60 +
      Number(s)
    );
  }
  if (/^@-?\d+(\.\d+)?$/.test(text)) return Number(text.slice(1));
  if (text === 'now' || text === '') return now;
  const days: Readonly<Record<string, number>> = { today: 0, yesterday: -1, tomorrow: 1 };
  if (days[text] !== undefined) return now + (days[text] as number) * 86_400;
  const relative = /^([-+]?\d+) *(second|sec|minute|min|hour|day|week)s?( ago)?$/.exec(text);
  if (relative === null) return undefined;
  const units: Readonly<Record<string, number>> = {
    sec: 1,
    second: 1,
    min: 60,
    minute: 60,
    hour: 3600,
    day: 86_400,
    week: 604_800,
  };
  return (
    now +
    Number(relative[1]) *
      (units[relative[2] as string] as number) *
      (relative[3] === undefined ? 1 : -1)
  );
}

/** basename(1). */
export const basename: Program = tool(
  { name: 'basename', letters: '+as:z', longs: { multiple: 'a', 'suffix=': 's' } },
  async (proc, options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    const many = options.has('a', 's');
    if (!many && operands.length > 2)
      throw new UsageError(`extra operand ${quote(operands[2] as string)}`);
    const suffix = options.value('s') ?? (many ? undefined : operands[1]);
    for (const path of many ? operands : operands.slice(0, 1)) {
      const name =
        path
          .replace(/(.)\/+$/, '$1')
          .split('/')
          .at(-1) || '/';
      const cutOff = suffix !== undefined && name !== suffix && name.endsWith(suffix);
      await proc.out(`${cutOff ? name.slice(0, -suffix.length) : name}\n`);
    }
    return 0;
  },
);

/** dirname(1). */
export const dirname: Program = tool(
  { name: 'dirname', letters: '+z' },
  async (proc, _options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    for (const path of operands) {
      const bare = path.replace(/(.)\/+$/, '$1');
      const at = bare.lastIndexOf('/');
      const dir = at < 0 ? '.' : bare.slice(0, at).replace(/\/+$/, '') || '/';
      await proc.out(`${dir}\n`);
    }
    return 0;
  },
);

/** readlink(1) and realpath(1). */
function linkTool(name: 'readlink' | 'realpath'): Program {
  return tool(
    {
      name,
      letters: 'femnqsvz',
      longs: {
        canonicalize: 'f',
        'canonicalize-existing': 'e',
        'canonicalize-missing': 'm',
        'no-newline': 'n',
      },
    },
    async (proc, options, operands) => {
      if (operands.length === 0) throw new UsageError('missing operand');
      let status = 0;
      for (const file of operands) {
        try {
          const text =
            name === 'realpath' || options.has('f', 'e', 'm')
              ? canonical(proc, file, options.has('e'))
              : proc.fs.readlink(proc.path(file));
          await proc.out(options.has('n') ? text : `${text}\n`);
        } catch (e) {
          if (!(e instanceof KernelError)) throw e;
          status = 1;
          if (name === 'realpath') await proc.err(`realpath: ${file}: ${e.message}\n`);
        }
      }
      return status;
    },
  );
}

function canonical(proc: Process, file: string, mustExist: boolean): string {
  const path = proc.fs.realpath(proc.path(file));
  if (mustExist && !proc.fs.exists(path)) throw new KernelError('ENOENT');
  return path;
}

export const readlink: Program = linkTool('readlink');
export const realpath: Program = linkTool('realpath');

/** nl(1) as `nl` and `nl -ba`. */
export const nl: Program = tool(
  { name: 'nl', letters: 'b:w:s:n:' },
  async (proc, options, operands) => {
    const all = options.value('b') === 'a';
    const width = Number(options.value('w') ?? 6);
    let n = 0;
    return eachFile(proc, 'nl', operands.length > 0 ? operands : ['-'], async (file) => {
      const fd = openInput(proc, file);
      const reader = new LineReader(proc, fd);
      for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
        const shown = all || line !== '';
        const head = shown
          ? `${String(++n).padStart(width)}${options.value('s') ?? '\t'}`
          : ' '.repeat(width + 1);
        await proc.out(`${head}${line}\n`);
      }
      closeInput(proc, fd);
    });
  },
);

/** paste(1). */
export const paste: Program = tool(
  { name: 'paste', letters: 'd:s', longs: { 'delimiters=': 'd', serial: 's' } },
  async (proc, options, operands) => {
    const delimiters = (options.value('d') ?? '\t').replaceAll('\\t', '\t').replaceAll('\\n', '\n');
    const files = operands.length > 0 ? operands : ['-'];
    const readers = files.map((f) => new LineReader(proc, openInput(proc, f)));
    const join = (parts: readonly string[]) =>
      parts
        .map((p, i) => (i === 0 ? p : `${delimiters[(i - 1) % delimiters.length] ?? ''}${p}`))
        .join('');
    if (options.has('s')) {
      for (const reader of readers) {
        const parts: string[] = [];
        for (let l = await reader.next(); l !== undefined; l = await reader.next()) parts.push(l);
        await proc.out(`${join(parts)}\n`);
      }
      return 0;
    }
    for (;;) {
      const parts: (string | undefined)[] = [];
      for (const reader of readers) parts.push(await reader.next());
      if (parts.every((p) => p === undefined)) return 0;
      await proc.out(`${join(parts.map((p) => p ?? ''))}\n`);
    }
  },
);
