import type { Line } from './fence.ts';
import { type Prompt, readPrompt } from './prompt.ts';
import { joinLines } from './shell-text.ts';

/** A command as a document shows it. */
export interface ShownCommand {
  /** 1-based line of its prompt, or of its first line in a script. */
  readonly line: number;
  /** The machine that its prompt names. */
  readonly machine: string | undefined;
  /** With its continuations, joined by newlines. */
  readonly command: string;
  /** What stands below it; undefined in a script, empty where nothing does. */
  readonly expected: readonly Line[] | undefined;
  /** A comment line, which an overlay's `switch` may name: nothing runs. */
  readonly comment?: boolean;
}

/** How a block's lines are read. */
export interface TranscriptStyle {
  /** A bare `# ` is a prompt here; else a comment, or output. */
  readonly hashPrompts: boolean;
  /** A bare `# ` line is a comment, and ends the output above it. */
  readonly hashComments: boolean;
}

/** Finds out how a block's bare `# ` lines are meant. @returns undefined if no line has a prompt */
export function transcriptStyle(
  body: readonly Line[],
  isScript: boolean,
): TranscriptStyle | undefined {
  const prompts = body.flatMap((l) => readPrompt(l.text) ?? []);
  const bareDollar = prompts.some((p) => p.name === undefined && p.sign === '$');
  const named = prompts.some((p) => p.name !== undefined);
  const bareHash = prompts.some((p) => p.name === undefined && p.sign === '#');
  const hashPrompts = bareHash && !bareDollar && !named && !isScript;
  if (!bareDollar && !named && !hashPrompts) return undefined;
  return { hashPrompts, hashComments: bareDollar };
}

/** Reads a transcript: commands after prompts, and what they print below them. */
export function readTranscript(body: readonly Line[], style: TranscriptStyle): ShownCommand[] {
  const commands: ShownCommand[] = [];
  for (let i = 0; i < body.length; ) {
    const line = body[i] as Line;
    const prompt = promptOf(line, style);
    if (prompt === undefined) {
      if (isComment(line, style)) commands.push(commentLine(line));
      i++;
      continue;
    }
    const { text, next } = joinLines(prompt.command, body, i + 1, continuation);
    const end = outputEnd(body, next, style);
    i = end;
    if (text.trim() === '') continue;
    const expected = body.slice(next, end);
    while (expected.at(-1)?.text.trim() === '') expected.pop();
    commands.push({ line: line.no, machine: prompt.name, command: text, expected });
  }
  return commands;
}

function promptOf(line: Line, style: TranscriptStyle): Prompt | undefined {
  const prompt = readPrompt(line.text);
  const isBareHash = prompt !== undefined && prompt.sign === '#' && prompt.name === undefined;
  return isBareHash && !style.hashPrompts ? undefined : prompt;
}

function isComment(line: Line, style: TranscriptStyle): boolean {
  return style.hashComments && line.text.startsWith('# ');
}

function commentLine(line: Line): ShownCommand {
  return {
    line: line.no,
    machine: undefined,
    command: line.text,
    expected: undefined,
    comment: true,
  };
}

function outputEnd(body: readonly Line[], from: number, style: TranscriptStyle): number {
  let i = from;
  while (i < body.length) {
    const line = body[i] as Line;
    if (promptOf(line, style) !== undefined || isComment(line, style)) break;
    i++;
  }
  return i;
}

/** What a line of a transcript adds to a command: any line behind a backslash, else what stands behind `> `. */
function continuation(line: string, text: string): string | undefined {
  if (line.startsWith('> ') || line === '>') return line.slice(2);
  return text.endsWith('\\') ? line : undefined;
}
