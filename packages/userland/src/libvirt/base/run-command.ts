import { utf8Decode } from '@labwire/core/bytes';
import { strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { exec, findProgram, type OpenFile, openPipe, type Process } from '../../machine/index.ts';
import { LibvirtError } from './libvirt-error.ts';

/** Bytes that one read asks for. */
const READ_SIZE = 65_536;

/** How a command ended and what it printed. */
export interface CommandResult {
  /** Its absolute path. */
  readonly path: string;
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a program to its end, as the daemon runs iptables and dnsmasq. virCommandRun()
 * @param argv with the program's name as its first word, looked for in PATH
 * @param env added to the daemon's own
 * @throws LibvirtError if there is no such program
 */
export async function runCommand(
  proc: Process,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const name = argv[0] ?? '';
  const path = findProgram(proc, name);
  if (path === undefined)
    throw new LibvirtError('system-error', `Cannot find '${name}' in path: ${strerror('ENOENT')}`);
  const pipes = [openPipe(), openPipe()] as const;
  for (const { reader } of pipes) reader.ref();
  const words = [path, ...argv.slice(1)];
  const child = proc.spawn(words, (p) => exec(p, path, words), {
    env: new Map([...proc.env, ...Object.entries(env)]),
    fds: new Map([
      [0, proc.fs.open('/dev/null', { read: true })],
      [1, pipes[0].writer],
      [2, pipes[1].writer],
    ]),
  });
  try {
    const [out = '', err = ''] = await drain(
      proc,
      pipes.map((p) => p.reader),
    );
    return { path, status: await proc.waitFor(child), out, err };
  } finally {
    for (const { reader } of pipes) reader.unref();
  }
}

/** Reads pipes to their ends. */
async function drain(proc: Process, readers: readonly OpenFile[]): Promise<string[]> {
  const texts = readers.map(() => '');
  const open = new Set(readers.keys());
  while (open.size > 0) {
    for (const i of open) {
      const data = (readers[i] as OpenFile).read(READ_SIZE);
      if (data === undefined) continue;
      if (data.length === 0) open.delete(i);
      else texts[i] += utf8Decode(data);
    }
    const waits = [...open].map((i) => ({ on: readers[i] as OpenFile, events: POLLIN }));
    if (open.size > 0) await proc.poll(waits, undefined, 'the output of a command');
  }
  return texts;
}
