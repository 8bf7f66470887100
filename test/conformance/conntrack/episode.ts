import type { Row, RowResult } from '../conformance-set.ts';
import { ConformanceHost, type Ran } from '../host.ts';

/** One command and what the real one did. */
interface Step {
  readonly args: string;
  /** PIPE: its output, through `sed`, is what the next step reads. */
  readonly expect: 'OK' | 'BAD' | 'PIPE';
  readonly stdin?: string;
  readonly sed?: string;
  readonly real_rc: number;
  readonly out: string;
  readonly err: string;
}

/** Commands on one table. */
export interface Episode extends Row {
  readonly file: string;
  readonly steps: readonly Step[];
}

/** Seconds that the recording may have taken from one command to the next; its clock may also show one more than ours. */
const SLACK = 4;
const TIMEOUT = /^((?:-[ADU] -t )|(?:(?:ipv[46] +\d+ )?\S+ +\d+ ))(\d+)(?= )/;

const host = new ConformanceHost();

/** A listing's lines, in any order, without the seconds that are left. */
function lines(text: string): { readonly text: string; readonly seconds: number }[] {
  return text
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => {
      const m = TIMEOUT.exec(l);
      const seconds = m === null ? 0 : Number(m[2]);
      return { text: l.replace(TIMEOUT, '$1N'), seconds };
    })
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.seconds - b.seconds));
}

function sameListing(got: string, want: string): boolean {
  const [ours, theirs] = [lines(got), lines(want)];
  return (
    ours.length === theirs.length &&
    ours.every((l, i) => {
      const real = theirs[i];
      if (real === undefined || l.text !== real.text) return false;
      return l.seconds >= real.seconds - 1 && l.seconds <= real.seconds + SLACK;
    })
  );
}

function told(r: { readonly out: string; readonly err: string }, code: number): string {
  return `exit ${code}\n${r.out}${r.err}`;
}

/** Plays an episode in a namespace of its own. */
export async function playEpisode(row: Episode): Promise<RowResult> {
  const netns = host.freshNetns();
  const figures = { 'error text': true };
  let piped: string | undefined;
  for (const [i, step] of row.steps.entries()) {
    const words = ['conntrack', ...step.args.split(/\s+/).filter((w) => w !== '')];
    const ran: Ran = await host.run(netns, words, piped ?? step.stdin ?? '');
    piped = undefined;
    figures['error text'] &&= ran.err.trimEnd() === step.err.trimEnd();
    const right = ran.code === step.real_rc && sameListing(ran.out, step.out);
    if (!right) {
      const at = `step ${i + 1}: ${step.args}\n`;
      const refused = ran.err.includes('Labwire');
      return {
        result: refused ? 'refused' : 'wrong',
        got: at + told(ran, ran.code),
        want: at + told(step, step.real_rc),
        group: row.file,
        figures,
      };
    }
    if (step.expect === 'PIPE')
      piped =
        step.sed === undefined ? ran.out : (await host.run(netns, ['sed', step.sed], ran.out)).out;
  }
  const steps = `${row.steps.length} steps`;
  return { result: 'right', got: steps, want: steps, group: row.file, figures };
}
