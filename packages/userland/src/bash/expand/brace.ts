/**
 * Brace expansion: `a{b,c}d` gives `abd acd`, `{1..3}` gives `1 2 3`. Works on the text of a word, before all other
 * expansions, and leaves quotes in place. bash braces.c, brace_expand()
 */
export function expandBraces(text: string): string[] {
  for (let i = 0; i < text.length; i++) {
    const skip = skipQuoted(text, i);
    if (skip > i) {
      i = skip - 1;
      continue;
    }
    if (text[i] !== '{') continue;
    const items = braceItems(text, i);
    if (items === undefined) continue;
    const before = text.slice(0, i);
    const after = expandBraces(text.slice(items.end));
    return items.list.flatMap((item) => after.map((rest) => before + item + rest));
  }
  return [text];
}

/** The end of what is quoted, escaped or an expansion at `i`; `i` itself if nothing is. */
function skipQuoted(text: string, i: number): number {
  const c = text[i];
  if (c === '\\') return Math.min(i + 2, text.length);
  if (c === "'") return after(text, "'", i + 1);
  if (c === '"' || c === '`') return quotedEnd(text, i, c);
  if (c !== '$') return i;
  const open = text[i + 1];
  if (open === '{' || open === '(') return balancedEnd(text, i + 1, open, open === '{' ? '}' : ')');
  return i;
}

function after(text: string, c: string, from: number): number {
  const at = text.indexOf(c, from);
  return at < 0 ? text.length : at + 1;
}

function quotedEnd(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
  }
  return text.length;
}

function balancedEnd(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === "'") i = after(text, "'", i + 1) - 1;
    else if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i + 1;
  }
  return text.length;
}

/** What stands between the brace at `start` and its end; undefined if that is no brace expansion. */
function braceItems(text: string, start: number): { list: string[]; end: number } | undefined {
  const items: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < text.length; i++) {
    const skip = skipQuoted(text, i);
    if (skip > i) {
      i = skip - 1;
      continue;
    }
    const c = text[i];
    if (c === '{') depth++;
    else if (c === ',' && depth === 1) {
      items.push(text.slice(from, i));
      from = i + 1;
    } else if (c === '}' && --depth === 0) {
      items.push(text.slice(from, i));
      return braceResult(items, i + 1);
    }
  }
  return undefined;
}

function braceResult(items: string[], end: number): { list: string[]; end: number } | undefined {
  if (items.length > 1) return { list: items.flatMap(expandBraces), end };
  const list = sequence(items[0] as string);
  return list === undefined ? undefined : { list, end };
}

/** `1..5`, `a..e`, `01..10..3`. */
function sequence(text: string): string[] | undefined {
  const m = /^(?:(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z]))(?:\.\.(-?\d+))?$/.exec(text);
  if (m === null) return undefined;
  const [, from = '', to = '', fromLetter, toLetter, by = '1'] = m;
  const first = fromLetter === undefined ? Number(from) : fromLetter.charCodeAt(0);
  const last = toLetter === undefined ? Number(to) : toLetter.charCodeAt(0);
  const step = Math.max(1, Math.abs(Number(by)));
  const padded = /^-?0\d/.test(from) || /^-?0\d/.test(to);
  const width = padded ? Math.max(from.length, to.length) : 0;
  const out: string[] = [];
  for (let n = first; first <= last ? n <= last : n >= last; n += first <= last ? step : -step)
    out.push(fromLetter === undefined ? pad(n, width) : String.fromCharCode(n));
  return out;
}

function pad(n: number, width: number): string {
  return n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0');
}
