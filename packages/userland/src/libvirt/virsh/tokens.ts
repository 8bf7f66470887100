/** A part of a command line. vshCommandToken */
export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'next-command' }
  | { readonly kind: 'error'; readonly message: string };

/** The words of an argument vector: each is one, whatever it holds. vshCommandArgvGetArg() */
export function argvTokens(words: readonly string[]): Token[] {
  return words.map((text) => ({ kind: 'word', text }));
}

/** The words of a line: quotes, `\`, `;` between commands, `#` before a comment, newlines. vshCommandStringGetArg() */
export function lineTokens(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const c = line[at] as string;
    if (c === ' ' || c === '\t') at++;
    else if (c === ';' || c === '\n') {
      tokens.push({ kind: 'next-command' });
      at++;
    } else if (c === '#') {
      const end = line.indexOf('\n', at);
      at = end < 0 ? line.length : end;
    } else {
      const { token, end } = word(line, at);
      tokens.push(token);
      if (token.kind === 'error') return tokens;
      at = end;
    }
  }
  return tokens;
}

/** Reads one word from `start` on. */
function word(line: string, start: number): { readonly token: Token; readonly end: number } {
  let quote = '';
  let text = '';
  let at = start;
  for (; at < line.length; at++) {
    const c = line[at] as string;
    if (quote === '' && ' \t;\n'.includes(c)) break;
    if (quote !== "'" && c === '\\') {
      at++;
      if (at === line.length) return { token: { kind: 'error', message: 'dangling \\' }, end: at };
      if (line[at] !== '\n') text += line[at];
    } else if (quote === '' && (c === '"' || c === "'")) quote = c;
    else if (c === quote) quote = '';
    else text += c;
  }
  if (quote === '"') return { token: { kind: 'error', message: 'missing "' }, end: at };
  return { token: { kind: 'word', text }, end: at };
}
