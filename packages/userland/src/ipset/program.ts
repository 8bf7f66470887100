/** The program `ipset`. src/ipset.c */
import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { Commands, commandOf } from './command.ts';
import { IpsetFailure, VERSION } from './failure.ts';
import { ipsetNames } from './names.ts';
import { type Asked, readAsked } from './options.ts';

const USAGE = `ipset ${VERSION}

Usage: ipset [options] COMMAND

Commands: create SETNAME TYPENAME [options], add SETNAME ENTRY, del SETNAME ENTRY, test SETNAME ENTRY,
destroy [SETNAME], list [SETNAME], save [SETNAME], restore, flush [SETNAME], rename FROM TO, swap FROM TO,
help, version

Options: -exist, -output plain|save, -quiet, -sorted, -name, -terse, -file FILE
`;

async function readInput(proc: Process, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    try {
      return proc.fs.readText(proc.path(file));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new IpsetFailure(`Cannot open ${file} for reading: ${e.message}`, 1);
    }
  }
  let text = '';
  for (let piece = await proc.read(0); piece.length > 0; piece = await proc.read(0))
    text += utf8Decode(piece);
  return text;
}

/** A line's words; quotes hold words together. */
function split(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');
}

/** `restore`: the commands of a file, up to the first that fails. */
async function restore(proc: Process, a: Asked, commands: Commands): Promise<number> {
  const text = await readInput(proc, a.file);
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const words = split(line);
    if (words.length === 0 || words[0]?.startsWith('#') === true || words[0] === 'COMMIT') continue;
    try {
      const asked = readAsked(words);
      const { out, err, code } = commands.run({ ...asked, exist: asked.exist || a.exist });
      await proc.out(out);
      await proc.err(err);
      if (code !== 0) return code;
    } catch (e) {
      if (!(e instanceof IpsetFailure)) throw e;
      await proc.err(e.text(number));
      return e.code;
    }
  }
  return 0;
}

async function run(proc: Process, a: Asked): Promise<number> {
  const command = a.version ? 'version' : a.help ? 'help' : commandOf(a.words[0]);
  if (command === 'version' || command === 'help') {
    await proc.out(command === 'help' ? USAGE : `ipset ${VERSION}, protocol version: 7\n`);
    return 0;
  }
  if (proc.uid !== 0) throw new IpsetFailure('Kernel error received: Operation not permitted', 1);
  const { netfilter } = proc.netns;
  const commands = new Commands(netfilter.ipsets, ipsetNames(proc), () => proc.netns.sim.now);
  if (command === 'restore') return restore(proc, a, commands);
  const { out, err, code } = commands.run(a);
  if (a.file === undefined) await proc.out(out);
  else proc.fs.writeFile(proc.path(a.file), out, { uid: proc.uid });
  await proc.err(err);
  return code;
}

/** `ipset` */
export const ipset: Program = async (proc) => {
  try {
    return await run(proc, readAsked(proc.argv.slice(1)));
  } catch (e) {
    if (!(e instanceof IpsetFailure)) throw e;
    await proc.err(e.text());
    return e.code;
  }
};
