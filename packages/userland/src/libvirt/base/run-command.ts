import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { exec, findProgram, type OpenFile, openPipe, type Process } from '../../machine/index.ts';
import { LibvirtError } from './libvirt-error.ts';

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
  const [out, err] = [openPipe(), openPipe()];
  const words = [path, ...argv.slice(1)];
  const child = proc.spawn(words, (p) => exec(p, path, words), {
    env: new Map([...proc.env, ...Object.entries(env)]),
    fds: new Map([
      [0, proc.fs.open('/dev/null', { read: true })],
      [1, out.writer],
      [2, err.writer],
    ]),
  });
  const [outText, errText] = [await drain(proc, out.reader), await drain(proc, err.reader)];
  return { path, status: await proc.waitFor(child), out: outText, err: errText };
}

/** Reads a pipe to its end. */
async function drain(proc: Process, reader: OpenFile): Promise<string> {
  reader.ref();
  let text = '';
  try {
    for (;;) {
      const data = reader.read(65_536);
      if (data === undefined) await proc.poll([{ on: reader, events: 1 }]);
      else if (data.length === 0) return text;
      else text += utf8Decode(data);
    }
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return text;
  } finally {
    reader.unref();
  }
}
