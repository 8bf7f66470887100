import { KernelError } from '@labwire/core/error';
import { become, ToolError, tool } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';

/** What a namespace program runs if it is not told. */
function shell(proc: Process): readonly string[] {
  return [proc.env.get('SHELL') ?? '/bin/sh'];
}

/** Becomes a program. @returns 127 or 126 after a complaint */
async function run(proc: Process, name: string, operands: readonly string[]): Promise<number> {
  const argv = operands.length > 0 ? operands : shell(proc);
  return become(proc, name, argv);
}

/** nsenter(1), for network namespaces: -n, --net=FILE, -t PID. */
export const nsenter: Program = tool(
  {
    name: 'nsenter',
    letters: '+t:n::aFm::u::i::p::',
    longs: {
      'target=': 't',
      'net?': 'n',
      all: 'a',
      'mount?': 'm',
      'uts?': 'u',
      'ipc?': 'i',
      'pid?': 'p',
    },
  },
  async (proc, options, operands) => {
    if (proc.uid !== 0)
      throw new ToolError('reassociate to namespace failed: Operation not permitted');
    const target = options.value('t');
    if (!options.has('n', 'a'))
      throw new ToolError('no namespace to enter: supported are -n, --net=FILE and -t PID -n');
    const file = options.value('n');
    if (file === undefined && target === undefined)
      throw new ToolError('neither filename nor target pid supplied for ns/net');
    const path = file === undefined ? `/proc/${target}/ns/net` : proc.path(file);
    try {
      proc.netns = proc.fs.netnsOf(path);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (e.errno === 'EINVAL')
        throw new ToolError("reassociate to namespace 'ns/net' failed: Invalid argument");
      throw new ToolError(`cannot open ${path}: ${e.message}`);
    }
    return run(proc, 'nsenter', operands);
  },
);

/** unshare(1), for network namespaces: -n. */
export const unshare: Program = tool(
  {
    name: 'unshare',
    letters: '+n::m::u::i::rf',
    longs: {
      'net?': 'n',
      'mount?': 'm',
      'uts?': 'u',
      'ipc?': 'i',
      'map-root-user': 'r',
      fork: 'f',
    },
  },
  async (proc, options, operands) => {
    if (options.has('u', 'i'))
      throw new ToolError('UTS and IPC namespaces are not supported; supported are -n and -m');
    if (proc.uid !== 0 && !options.has('r'))
      throw new ToolError('unshare failed: Operation not permitted');
    if (options.has('r')) proc.uid = proc.gid = 0;
    if (options.has('m')) proc.fs = proc.fs.clone();
    if (options.has('n')) {
      const fresh = proc.machine.kernel.newNetns();
      proc.netns = fresh;
      fresh.unref();
    }
    return run(proc, 'unshare', operands);
  },
);
