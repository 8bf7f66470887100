import type { Lab, Step } from '../lab.ts';
import type { CommandResult, RunListener, RunResult, Summary } from '../run/index.ts';

/** How words are set off: by colour on a terminal, by nothing in a pipe. */
export interface Paint {
  prompt(text: string): string;
  command(text: string): string;
  aside(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** Sets nothing off. */
export const PLAIN: Paint = {
  prompt: (t) => t,
  command: (t) => t,
  aside: (t) => t,
  good: (t) => t,
  bad: (t) => t,
};

/** Prints a lab's transcript as it goes, each mismatch as a diff, and a summary. */
export class TextReport implements RunListener {
  readonly #lab: Lab;
  readonly #print: (text: string) => void;
  readonly #paint: Paint;
  #atLineStart = true;
  /** Who printed last, if it was a command of another terminal. */
  #speaker: Step | undefined;

  /** @param print gets pieces of text, newlines included */
  constructor(lab: Lab, print: (text: string) => void, paint: Paint = PLAIN) {
    this.#lab = lab;
    this.#print = print;
    this.#paint = paint;
  }

  onCommand(step: Step): void {
    this.#newLine();
    const [first = '', ...more] = step.command.split('\n');
    const { prompt, command } = this.#paint;
    const lines = [`${prompt(`${who(step)}$`)} ${command(first)}`];
    for (const line of more) lines.push(`${prompt('>')} ${command(line)}`);
    this.#line(lines.join('\n'));
  }

  onOutput(step: Step, text: string, isCurrent: boolean): void {
    if (isCurrent) {
      if (this.#speaker !== undefined) this.#newLine();
      this.#speaker = undefined;
      this.#write(text);
      return;
    }
    if (this.#speaker !== step) this.#newLine();
    this.#speaker = step;
    const mark = this.#paint.aside(`${who(step)}|`);
    for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
      this.#write(this.#atLineStart ? `${mark} ${piece}` : piece);
  }

  onOutlived(_step: Step, what: string, _isGuest: boolean): void {
    this.#newLine();
    this.#line(this.#paint.aside(`(goes on: ${what})`));
  }

  onNote(text: string): void {
    this.#newLine();
    this.#line(this.#paint.aside(`note: ${text}`));
  }

  onResult(result: CommandResult): void {
    if (!result.failed) return;
    this.#newLine();
    const { step, exitCode } = result;
    const place = `${this.#lab.file}:${step.line}:`;
    if (result.match === null) {
      this.#line(this.#paint.bad(`${place} exit code ${exitCode}: ${step.command}`));
      return;
    }
    this.#line(this.#paint.bad(`${place} the output differs: ${step.command}`));
    for (const { sign, text } of result.diff) this.#line(this.#diffLine(sign, text));
  }

  /** Prints why the run ended early, if it did, and the summary. */
  finish(result: RunResult): void {
    this.#newLine();
    if (result.error !== undefined) this.#line(this.#paint.bad(result.error));
    const { failed } = result.summary;
    const colour = failed === 0 && result.error === undefined ? this.#paint.good : this.#paint.bad;
    this.#line('');
    this.#line(colour(summaryLine(result.summary)));
  }

  #diffLine(sign: ' ' | '-' | '+', text: string): string {
    const line = `${sign} ${text}`;
    if (sign === ' ') return line;
    return sign === '-' ? this.#paint.bad(line) : this.#paint.good(line);
  }

  #newLine(): void {
    if (!this.#atLineStart) this.#write('\n');
    this.#speaker = undefined;
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }

  #write(text: string): void {
    if (text === '') return;
    this.#print(text);
    this.#atLineStart = text.endsWith('\n');
  }
}

function who(step: Step): string {
  return step.terminal === '1' ? step.machine : `${step.machine}(${step.terminal})`;
}

/** `29 commands, 24 compared, 24 matched, 0 failed`. */
export function summaryLine({ commands, compared, matched, failed }: Summary): string {
  const noun = commands === 1 ? 'command' : 'commands';
  return `${commands} ${noun}, ${compared} compared, ${matched} matched, ${failed} failed`;
}
