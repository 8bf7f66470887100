import { isIncomplete, parseText } from '@labwire/userland/bash';
import type { Line } from './fence.ts';

/** Lines that a command may have, besides those of its here-documents. */
const MAX_LINES = 500;

/** A command with the lines that continue it. */
export interface JoinedCommand {
  /** Joined by newlines. */
  readonly text: string;
  /** Index of the first line that is none of its. */
  readonly next: number;
}

/** Whether a shell would read on after `text`: a quotation, a compound or a here-document is open, or it ends in a backslash. */
export function isUnfinished(text: string): boolean {
  return isIncomplete(text, parseText(text));
}

/**
 * Joins a command to the lines that continue it.
 * @param from index of the line after `first`
 * @param continues what a line adds to the unfinished `text`; undefined if it is none of its
 */
export function joinLines(
  first: string,
  body: readonly Line[],
  from: number,
  continues: (line: string, text: string) => string | undefined,
): JoinedCommand {
  let text = first;
  let next = from;
  for (let lines = 1; next < body.length && isUnfinished(text); lines++) {
    const hereDocument = hereDocumentEnd(text, body, next);
    const end = hereDocument ?? next + 1;
    const added = body.slice(next, end).map((l) => continues(l.text, text));
    if (added.includes(undefined) && hereDocument === undefined) break;
    if (lines > MAX_LINES) return { text: first, next: from };
    text += body
      .slice(next, end)
      .map((l, i) => `\n${added[i] ?? l.text}`)
      .join('');
    next = end;
  }
  return { text, next };
}

/** The index behind the line that ends the here-document which `text` opens last. @returns undefined if it opens none, or none ends */
function hereDocumentEnd(text: string, body: readonly Line[], from: number): number | undefined {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  const delimiter = /(?<![<\d(])<<-?\s*(?:'([^']+)'|"([^"]+)"|\\?([^\s;&|<>()'"]+))/.exec(line);
  const word = delimiter?.[1] ?? delimiter?.[2] ?? delimiter?.[3];
  if (word === undefined) return undefined;
  const end = body.findIndex((l, i) => i >= from && l.text.replace(/^> /, '').trim() === word);
  return end < 0 ? undefined : end + 1;
}
