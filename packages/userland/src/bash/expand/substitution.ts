import { utf8Decode } from '@labwire/core/bytes';
import { type OpenFile, openPipe, type Process } from '../../machine/index.ts';
import type { WordPart } from '../parse/index.ts';
import type { Shell } from '../shell.ts';

type CommandExpansionPart = Extract<WordPart, { type: 'CommandExpansion' }>;
type ProcessSubstitutionPart = Extract<WordPart, { type: 'ProcessSubstitution' }>;

/** `$(…)`: what the commands print, without the newlines at its end. Sets $?. */
export async function substitute(sh: Shell, part: CommandExpansionPart): Promise<string> {
  const { script } = part;
  if (script === undefined) return '';
  const { reader, writer } = openPipe();
  reader.ref();
  const child = sh.proc.spawn(
    sh.proc.argv,
    (proc) => sh.interpreter.runSubshell(sh.forkSubstitution(proc), script.commands),
    { fds: new Map(sh.proc.fds).set(1, writer) },
  );
  const text = await readAll(sh, reader);
  reader.unref();
  sh.waiting++;
  try {
    sh.status = await sh.proc.waitFor(child);
  } finally {
    sh.waiting--;
  }
  sh.childEnded(child.killedBy);
  return text.replaceAll('\0', '').replace(/\n+$/, '');
}

async function readAll(sh: Shell, file: OpenFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  sh.waiting++;
  try {
    for (;;) {
      const data = await readSome(sh.proc, file);
      if (data.length === 0) break;
      chunks.push(data);
      size += data.length;
    }
  } finally {
    sh.waiting--;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return utf8Decode(all);
}

async function readSome(proc: Process, file: OpenFile): Promise<Uint8Array> {
  for (;;) {
    const data = file.read(65_536);
    if (data !== undefined) return data;
    await proc.poll([{ on: file, events: 1 }], undefined, 'the output of a command substitution');
  }
}

/** `<(…)` and `>(…)`: the path of a pipe to commands that run meanwhile. */
export function processSubstitution(sh: Shell, part: ProcessSubstitutionPart): string {
  const { reader, writer } = openPipe();
  const [mine, its] = part.operator === '<' ? [reader, writer] : [writer, reader];
  const commands = part.script?.commands ?? [];
  let fd = 63;
  while (sh.proc.fds.has(fd)) fd--;
  sh.proc.spawn(
    sh.proc.argv,
    (proc) => sh.interpreter.runSubshell(sh.forkSubstitution(proc), commands),
    {
      fds: new Map(sh.proc.fds).set(part.operator === '<' ? 1 : 0, its),
    },
  );
  sh.proc.setFd(fd, mine);
  sh.substitutions.push(fd);
  return `/dev/fd/${fd}`;
}
