/** What is drawn, not typed: box drawing characters, `+-----+`, arrows of two or more strokes, a line that starts with a bar. */
const DRAWN: readonly RegExp[] = [
  /[\u2500-\u257f\u25b2\u25bc\u25b6\u25c0]/,
  /\+[-=]{2,}|[-=]{3,}\+/,
  /(^|\s|\])<[-=]{2,}|[-=]{2,}>/,
  /^\s*[|+](\s|$)/,
];

/** Whether a script's command (quotations cut out) can't be shell. */
export function looksDrawn(command: string): boolean {
  const bare = command.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '""');
  return DRAWN.some((p) => p.test(bare));
}
