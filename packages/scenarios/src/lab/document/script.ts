import { looksDrawn } from './drawing.ts';
import type { Line } from './fence.ts';
import { joinLines } from './shell-text.ts';
import type { ShownCommand } from './transcript.ts';

/**
 * Reads a script: every logical line is a command.
 * @returns undefined if some line cannot be shell, which makes the whole block prose
 */
export function readScript(body: readonly Line[]): ShownCommand[] | undefined {
  const commands = logicalLines(body);
  return commands.some((c) => c.comment !== true && looksDrawn(firstLine(c.command)))
    ? undefined
    : commands;
}

/** The logical lines of a block: continuations and here-documents joined, comments apart. */
export function logicalLines(body: readonly Line[]): ShownCommand[] {
  const commands: ShownCommand[] = [];
  for (let i = 0; i < body.length; ) {
    const { no, text: first } = body[i] as Line;
    i++;
    if (first.trim() === '') continue;
    const comment = first.trimStart().startsWith('#');
    const joined = comment ? { text: first, next: i } : joinLines(first, body, i, (line) => line);
    i = joined.next;
    commands.push({
      line: no,
      machine: undefined,
      command: joined.text,
      expected: undefined,
      comment,
    });
  }
  return commands;
}

/** A here-document's body may hold anything. */
function firstLine(command: string): string {
  return command.includes('<<') ? command.slice(0, command.indexOf('\n') >>> 0) : command;
}
