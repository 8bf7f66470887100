/** What is drawn, not typed: box drawing characters, `+-----+`, arrows, a line that starts with a bar. */
const DRAWN: readonly RegExp[] = [
  /[\u2190-\u21ff\u2500-\u257f\u25b2\u25bc\u25b6\u25c0]/,
  /\+[-=]{2,}|[-=]{3,}\+/,
  /(^|\s|\])<[-=]{2,}|[-=]{2,}>|\s(->|<-)\s/,
  /^\s*[|+](\s|$)/,
];

/** Whether a script's command, quotations and comments aside, can't be shell. */
export function looksDrawn(command: string): boolean {
  const bare = command.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '""').replace(/\s#.*$/gm, '');
  return DRAWN.some((p) => p.test(bare));
}
