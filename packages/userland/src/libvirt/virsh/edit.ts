import { utf8Decode } from '@labwire/core/bytes';
import { strerror } from '@labwire/core/error';
import { exec, findProgram } from '../../machine/index.ts';
import { LibvirtError } from '../base/index.ts';
import type { Vsh } from './vsh.ts';

/** What a command that edits XML needs to know. libvirt tools/virsh-edit.c */
export interface EditTask {
  read(): Promise<string>;
  define(xml: string): Promise<void>;
}

/** How an edit ended: `failed` is what was given up after an error. */
export type EditOutcome = 'changed' | 'unchanged' | 'failed' | 'cancelled';

/** Has the user change XML in an editor, again if it is refused. @throws LibvirtError */
export async function editXml(vsh: Vsh, task: EditTask): Promise<EditOutcome> {
  const before = await task.read();
  const path = temporaryPath(vsh);
  vsh.proc.fs.writeFile(path, before, { mode: 0o600 });
  try {
    for (;;) {
      await runEditor(vsh, path);
      const after = vsh.proc.fs.readText(path);
      if (after === before) return 'unchanged';
      const answer = await define(vsh, task, after);
      if (answer !== 'again') return answer;
    }
  } finally {
    if (vsh.proc.fs.exists(path)) vsh.proc.fs.unlink(path);
  }
}

/** Takes what was edited; asks what to do if it is refused. vshAskReedit() */
async function define(vsh: Vsh, task: EditTask, xml: string): Promise<EditOutcome | 'again'> {
  for (;;) {
    try {
      await task.define(xml);
      return 'changed';
    } catch (e) {
      if (!(e instanceof LibvirtError)) throw e;
      if (!vsh.proc.isTty(0)) {
        await vsh.error('Failed.');
        return 'failed';
      }
      await vsh.error(e.message);
    }
    const answer = await ask(vsh);
    if (answer === 'n') return 'cancelled';
    if (answer === 'y') return 'again';
  }
}

/** @returns y to edit again, n to give up, f to try the same once more */
async function ask(vsh: Vsh): Promise<'y' | 'n' | 'f'> {
  for (;;) {
    await vsh.print('Failed. Try again? [y,n,f,?]: ');
    const answer = utf8Decode(await vsh.proc.read(0))
      .trim()
      .toLowerCase();
    if (answer === '') return 'n';
    if (answer === 'y' || answer === 'n' || answer === 'f') return answer;
    await vsh.print(
      'y - yes, start editor again\nn - no, throw away my changes\nf - force, try to redefine again\n? - print this help\n',
    );
  }
}

/** virshEditWriteToTempFile() */
function temporaryPath({ proc }: Vsh): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const { random } = proc.machine.kernel;
  const suffix = Array.from({ length: 6 }, () => letters[random.below(letters.length)]).join('');
  return `${proc.env.get('TMPDIR') ?? '/tmp'}/virsh${suffix}.xml`;
}

/** Runs the editor that the environment names, through the shell if it is more than a program's name. vshEditFile() @throws LibvirtError */
async function runEditor({ proc }: Vsh, path: string): Promise<void> {
  const editor = proc.env.get('VISUAL') ?? proc.env.get('EDITOR') ?? 'vi';
  const plain = /^[A-Za-z0-9_./-]+$/.test(editor);
  const words = plain ? [editor, path] : ['sh', '-c', `${editor} ${path}`];
  const program = findProgram(proc, words[0] as string);
  if (program === undefined)
    throw new LibvirtError(
      'system-error',
      `Cannot find '${words[0]}' in path: ${strerror('ENOENT')}`,
    );
  const child = proc.spawn(words, (p) => exec(p, program, words));
  const status = await proc.waitFor(child);
  if (status !== 0)
    throw new LibvirtError(
      'internal',
      `Child process (${words.join(' ')}) unexpected exit status ${status}`,
    );
}
