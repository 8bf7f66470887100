import MarkdownIt from 'markdown-it';
import { LabError } from './lab-error.ts';

/** One line of a document. */
export interface Line {
  /** 1-based line of the document. */
  readonly no: number;
  /** Without the indentation of the fence that it is in. */
  readonly text: string;
}

/** A fenced block as it stands in the document. */
export interface Fence {
  /** 1-based line of the opening fence. */
  readonly line: number;
  /** Lower-case word after the opening fence; empty if there is none. */
  readonly language: string;
  /** The words after the language. */
  readonly words: readonly string[];
  readonly body: readonly Line[];
}

/** Blocks alone: labs ask nothing of what is inside a paragraph. */
const markdown = new MarkdownIt();
markdown.core.ruler.enableOnly(['normalize', 'block']);

/**
 * The fenced blocks of a Markdown text in order, those in lists and quotations too.
 * @param offset lines of the document before `text`
 * @throws {@link LabError} if a fence is never closed
 */
export function findFences(text: string, file: string, offset = 0): Fence[] {
  const source = text.split('\n');
  const fences: Fence[] = [];
  for (const token of markdown.parse(text, {})) {
    const [from, to] = token.map ?? [0, 0];
    if (token.type === 'fence') {
      if (!isClosed(token.markup, source, from, to)) throw unclosed(file, from + 1 + offset, token);
      fences.push(makeFence(token.info, token.content, from + 1 + offset));
    } else if (token.type === 'code_block' && /^ *(`{3}|~{3})/m.test(token.content)) {
      // A fence indented deeper than its list item asks for.
      fences.push(...findFences(dedent(token.content), file, from + offset));
    }
  }
  return fences;
}

function isClosed(markup: string, source: readonly string[], from: number, to: number): boolean {
  const last = (source[to - 1] ?? '').replace(/^[\s>]*/, '').trimEnd();
  return to - 1 > from && last.startsWith(markup) && /^(`+|~+)$/.test(last);
}

function unclosed(file: string, line: number, token: { markup: string; info: string }): LabError {
  return new LabError(
    file,
    line,
    `the block "${token.markup}${token.info.trim()}" is never closed`,
    `write a line "${token.markup}" below its last line`,
  );
}

function makeFence(info: string, content: string, line: number): Fence {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const body = content.replace(/\n$/, '').split('\n');
  return {
    line,
    language: language.toLowerCase(),
    words,
    body: content === '' ? [] : body.map((text, i) => ({ no: line + 1 + i, text })),
  };
}

function dedent(text: string): string {
  const indent = /^ */.exec(text)?.[0].length ?? 0;
  return text.replace(new RegExp(`^ {1,${Math.max(1, indent)}}`, 'gm'), '');
}
