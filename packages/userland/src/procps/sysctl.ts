import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { type Options, ToolError, tool } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { SYSCTL_USAGE } from './usage.ts';

const ROOT = '/proc/sys/';
const SYSTEM_DIRS = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
];

/** sysctl(8). */
export const sysctl: Program = tool(
  {
    name: 'sysctl',
    letters: 'bneNwfpqoxaAXVdhr:',
    longs: {
      all: 'a',
      deprecated: 'deprecated',
      'dry-run': 'dry',
      binary: 'b',
      ignore: 'e',
      names: 'N',
      values: 'n',
      'load?': 'p',
      system: 'system',
      'pattern=': 'r',
      quiet: 'q',
      write: 'w',
      help: 'h',
      version: 'V',
    },
    usage: SYSCTL_USAGE,
    usageStatus: 0,
  },
  async (proc, options, operands) => {
    const session = new Sysctl(proc, options);
    if (options.has('h', 'd')) {
      await proc.out(SYSCTL_USAGE);
      return 0;
    }
    if (options.has('V')) {
      await proc.out('sysctl from procps-ng 4.0.2\n');
      return 0;
    }
    if (options.has('system')) return session.loadSystem();
    if (options.has('p', 'f'))
      return session.loadAll(
        operands.length > 0 ? operands : [options.value('p') ?? '/etc/sysctl.conf'],
      );
    if (options.has('a', 'A', 'X')) return session.showAll();
    if (operands.length === 0 && options.list().length > 0)
      throw new ToolError("no variables specified\nTry `sysctl --help' for more information.");
    if (operands.length === 0) {
      await proc.err(SYSCTL_USAGE);
      return 1;
    }
    return session.arguments(operands);
  },
);

/** One line of a settings file. */
interface Setting {
  readonly path: string;
  readonly value: string | undefined;
}

/** The path of a key: whichever separator comes first separates, the other stands for itself. procps sysctl.c, slashdot() */
function keyPath(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  return first === '.' ? swap(key) : key;
}

/** The name of a path as sysctl shows it. */
function keyName(path: string): string {
  return swap(path);
}

function swap(text: string): string {
  return text.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

class Sysctl {
  readonly #proc: Process;
  readonly #options: Options;
  #status = 0;

  constructor(proc: Process, options: Options) {
    this.#proc = proc;
    this.#options = options;
  }

  async #fail(message: string): Promise<void> {
    this.#status = 1;
    await this.#proc.err(`sysctl: ${message}\n`);
  }

  async arguments(operands: readonly string[]): Promise<number> {
    for (const operand of operands) {
      const eq = operand.indexOf('=');
      if (eq < 0 && this.#options.has('w')) {
        await this.#fail('command line(0): invalid syntax, continuing...');
        return this.#status;
      }
      if (eq < 0) await this.#show(keyPath(operand.trim()));
      else
        await this.#set({
          path: keyPath(operand.slice(0, eq).trim()),
          value: operand.slice(eq + 1).trim(),
        });
    }
    return this.#status;
  }

  async showAll(): Promise<number> {
    for (const name of this.#proc.fs.readdir('/proc/sys')) await this.#tree(name);
    return this.#status;
  }

  async #show(path: string): Promise<void> {
    if (!this.#proc.fs.exists(ROOT + path)) {
      if (!this.#options.has('e'))
        await this.#fail(`cannot stat ${ROOT}${path}: No such file or directory`);
    } else if (this.#proc.fs.stat(ROOT + path).type === 'dir') await this.#tree(path);
    else await this.#value(path);
  }

  async #tree(path: string): Promise<void> {
    if (this.#proc.fs.stat(ROOT + path).type !== 'dir') {
      const pattern = this.#options.value('r');
      if (pattern === undefined || new RegExp(pattern).test(keyName(path))) await this.#value(path);
      return;
    }
    for (const name of this.#proc.fs.readdir(ROOT + path)) await this.#tree(`${path}/${name}`);
  }

  async #value(path: string): Promise<void> {
    try {
      const text = this.#proc.fs.readText(ROOT + path);
      for (const line of text.replace(/\n$/, '').split('\n')) await this.#print(path, line);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const name = keyName(path);
      if (e.errno === 'EACCES' || e.errno === 'EPERM')
        await this.#fail(`permission denied on key '${name}'`);
      else await this.#fail(`reading key "${name}": ${e.message}`);
    }
  }

  async #print(path: string, value: string): Promise<void> {
    const o = this.#options;
    if (o.has('N')) await this.#proc.out(`${keyName(path)}\n`);
    else if (o.has('b')) await this.#proc.out(value);
    else if (o.has('n')) await this.#proc.out(`${value}\n`);
    else await this.#proc.out(`${keyName(path)} = ${value}\n`);
  }

  async #set({ path, value = '' }: Setting): Promise<void> {
    if (!this.#proc.fs.exists(ROOT + path)) {
      if (!this.#options.has('e'))
        await this.#fail(`cannot stat ${ROOT}${path}: No such file or directory`);
      return;
    }
    if ((this.#proc.fs.stat(ROOT + path).mode & 0o200) === 0) {
      // A file that nobody may write is no failure, and the reason given is whatever errno was.
      await this.#proc.err(`sysctl: setting key "${keyName(path)}": Invalid argument\n`);
      return;
    }
    try {
      if (!this.#options.has('dry')) this.#write(path, value);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const denied = e.errno === 'EACCES' || e.errno === 'EPERM';
      await this.#fail(
        denied
          ? `permission denied on key "${keyName(path)}"`
          : `setting key "${keyName(path)}": ${e.message}`,
      );
      return;
    }
    if (!this.#options.has('q')) await this.#print(path, value);
  }

  #write(path: string, value: string): void {
    const file = this.#proc.fs.open(ROOT + path, { write: true });
    file.write(utf8Encode(`${value}\n`));
  }

  async loadAll(files: readonly string[]): Promise<number> {
    for (const file of files) await this.#load(file);
    return this.#status;
  }

  async loadSystem(): Promise<number> {
    const chosen = new Map<string, string>();
    for (const dir of SYSTEM_DIRS) {
      if (!this.#proc.fs.exists(dir)) continue;
      for (const name of this.#proc.fs.readdir(dir))
        if (name.endsWith('.conf') && !chosen.has(name)) chosen.set(name, `${dir}/${name}`);
    }
    const files = [...chosen].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, path]) => path);
    for (const file of [...files, '/etc/sysctl.conf']) {
      if (!this.#proc.fs.exists(file)) continue;
      await this.#proc.out(`* Applying ${file} ...\n`);
      await this.#load(file);
    }
    return this.#status;
  }

  async #load(file: string): Promise<void> {
    let text: string;
    try {
      text = this.#proc.fs.readText(this.#proc.path(file === '-' ? '/dev/stdin' : file));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#fail(`cannot open "${file}": ${e.message}`);
      return;
    }
    for (const setting of await this.#parse(file, text)) await this.#set(setting);
  }

  /** The settings of a file; the lines that make no sense are named first. */
  async #parse(file: string, text: string): Promise<Setting[]> {
    const settings: Setting[] = [];
    for (const [i, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      const eq = line.indexOf('=');
      if (eq < 0) {
        await this.#fail(`${file}(${i + 1}): invalid syntax, continuing...`);
        continue;
      }
      const key = line.slice(0, eq).trim().replace(/^-/, '');
      settings.push({ path: keyPath(key), value: line.slice(eq + 1).trim() });
    }
    return settings;
  }
}
