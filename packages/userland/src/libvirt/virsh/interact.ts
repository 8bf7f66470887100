import { utf8Decode } from '@labwire/core/bytes';
import type { Process } from '../../machine/index.ts';
import { parseCommands, VshSyntaxError } from './parse.ts';
import { lineTokens } from './tokens.ts';
import { isQuit, type Vsh } from './vsh.ts';

const WELCOME = `Welcome to virsh, the virtualization interactive terminal.

Type:  'help' for help with commands
       'quit' to quit

`;

/** Reads commands from the input until `quit` or its end. @returns the exit status */
export async function interact(vsh: Vsh): Promise<number> {
  const { proc } = vsh;
  await vsh.printExtra(WELCOME);
  const prompt = vsh.settings.readOnly || proc.uid !== 0 ? 'virsh > ' : 'virsh # ';
  const lines = new LineInput(proc);
  for (;;) {
    await proc.out(prompt);
    const line = await lines.next();
    if (line === undefined) break;
    // a terminal shows what is typed; other input readline shows itself
    if (!proc.isTty(0)) await proc.out(`${line}\n`);
    if (await runLine(vsh, line)) break;
  }
  await proc.out('\n');
  return 0;
}

/** Runs one line. @returns whether it ends virsh */
async function runLine(vsh: Vsh, line: string): Promise<boolean> {
  try {
    const commands = parseCommands(vsh.commands, lineTokens(line));
    await vsh.run(commands);
    return commands.some(isQuit);
  } catch (e) {
    if (!(e instanceof VshSyntaxError)) throw e;
    for (const message of e.messages) await vsh.error(message);
    return false;
  }
}

/** Standard input by lines. */
class LineInput {
  readonly #proc: Process;
  #rest = '';
  #ended = false;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** @returns undefined at the end */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) return this.#take(end, end + 1);
      if (this.#ended)
        return this.#rest === '' ? undefined : this.#take(this.#rest.length, this.#rest.length);
      const data = await this.#proc.read(0);
      if (data.length === 0) this.#ended = true;
      this.#rest += utf8Decode(data);
    }
  }

  #take(end: number, next: number): string {
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(next);
    return line;
  }
}
