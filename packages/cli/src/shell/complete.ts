import type { FileSystem, Terminal } from '@labwire/userland/machine';

/** Commands before which the program's name stands. */
const PREFIXES: ReadonlySet<string> = new Set(['sudo', 'exec', 'time', 'nohup', 'command']);

/** Words that could stand in place of the last one of a line: programs, devices, namespaces, paths. */
export function complete(
  terminal: Terminal,
  line: string,
): { readonly words: readonly string[]; readonly last: string } {
  const command = line.slice(Math.max(...['|', ';', '&', '('].map((c) => line.lastIndexOf(c))) + 1);
  const before = command.trimStart().split(/\s+/);
  const last = before.pop() ?? '';
  const isProgram = before.every((w) => PREFIXES.has(w)) || before.at(-2) === 'exec';
  const all = last.includes('/')
    ? paths(terminal, last)
    : isProgram
      ? programs(terminal)
      : [...devices(terminal), ...namespaces(terminal.fs), ...paths(terminal, last)];
  const words = [...new Set(all)].filter((w) => w.startsWith(last)).sort();
  return { words: words.map((w) => (w.endsWith('/') ? w : `${w} `)), last };
}

function programs(terminal: Terminal): string[] {
  const path = terminal.shell.env.get('PATH') ?? '';
  return path.split(':').flatMap((dir) => entries(terminal.fs, dir));
}

function devices(terminal: Terminal): string[] {
  return terminal.shell.netns.devices.list().map((d) => d.name);
}

function namespaces(fs: FileSystem): string[] {
  return entries(fs, '/run/netns');
}

function paths(terminal: Terminal, word: string): string[] {
  const typed = word.slice(0, word.lastIndexOf('/') + 1);
  const dir = typed.startsWith('/') ? typed : `${terminal.shell.cwd}/${typed}`;
  return entries(terminal.fs, dir).map((name) =>
    isDirectory(terminal.fs, `${dir}/${name}`) ? `${typed}${name}/` : `${typed}${name}`,
  );
}

function entries(fs: FileSystem, dir: string): string[] {
  return isDirectory(fs, dir) ? fs.readdir(dir) : [];
}

function isDirectory(fs: FileSystem, path: string): boolean {
  return fs.exists(path) && fs.stat(path).type === 'dir';
}
