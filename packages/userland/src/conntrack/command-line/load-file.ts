/**
 * The words of a line of a file for -R: blanks between, quotes around, a backslash before a quoted character;
 * none for a comment. conntrack-tools src/conntrack.c, add_param_to_argv()
 */
export function splitLine(line: string): string[] {
  const text = line.replace(/^[ \t]+/, '');
  if (text === '' || text.startsWith('#')) return [];
  const words: string[] = [];
  let word = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted && c === '\\') word += text[++i] ?? '';
    else if (c === '"') {
      quoted = !quoted;
      if (!quoted) take();
    } else if (!quoted && (c === ' ' || c === '\t')) take();
    else word += c;
  }
  take();
  return words;

  function take(): void {
    if (word !== '') words.push(word);
    word = '';
  }
}
