/** A prompt at the start of a line, and what was typed after it. */
export interface Prompt {
  readonly sign: '$' | '#';
  /** The machine that it names; undefined for a bare `$ ` or `# `. */
  readonly name: string | undefined;
  readonly command: string;
}

const PROMPT =
  /^(?:\[[\w-]+@([\w.-]+)[^\]]*\]|[\w-]+@([\w.-]+):[^$#]*|([A-Za-z][\w-]*))?([$#])(?: (.*))?$/;

/** Reads `$ cmd`, `# cmd`, `user@NAME:~$ cmd`, `[root@NAME ~]# cmd`, `NAME$ cmd` or `NAME# cmd`. @returns undefined if it is none */
export function readPrompt(line: string): Prompt | undefined {
  const m = PROMPT.exec(line);
  if (m === null) return undefined;
  const sign = m[4] as '$' | '#';
  const name = m[1] ?? m[2] ?? m[3];
  const command = m[5];
  // A lone sign may be anything (`cat -A` ends lines with `$`); only one behind user@NAME is a prompt nobody typed at.
  if (command === undefined && (name === undefined || name === m[3])) return undefined;
  return { sign, name, command: command ?? '' };
}
