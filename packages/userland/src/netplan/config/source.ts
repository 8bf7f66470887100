import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { NetplanError } from './netplan-error.ts';

/** The path of text that is in no file. */
export const NO_FILE = '(null)';

/** One YAML file with its places. */
export class Source {
  readonly path: string;
  readonly root: Node | null;
  readonly #text: string;
  readonly #lines = new LineCounter();

  /** @throws NetplanError */
  constructor(path: string, text: string) {
    this.path = path;
    this.#text = text;
    const doc = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: false });
    this.root = doc.contents;
    const [wrong] = doc.errors;
    if (wrong === undefined) return;
    const tab = /^ *\t/m.exec(text);
    if (wrong.code === 'TAB_AS_INDENT' && tab !== null)
      throw this.#at(tab.index, 'Invalid YAML: tabs are not allowed for indent:');
    throw this.#at(this.#colonAfter(wrong.pos[0]), `Invalid YAML: ${worded(wrong.code)}:`);
  }

  /** An error at a node. */
  error(at: Node, what: string): NetplanError {
    return this.#at(at.range?.[0] ?? 0, `Error in network definition: ${what}`);
  }

  /** @throws NetplanError */
  entries(node: Node | null | undefined, at: Node): [key: Node, name: string, value: Node][] {
    if (!isMap(node)) throw this.error(node ?? at, 'expected mapping (check indentation)');
    return (node as YAMLMap<Node, Node>).items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.error(key, 'expected scalar');
      return [key, scalarText(key), value as Node];
    });
  }

  /** @throws NetplanError */
  items(node: Node): Node[] {
    if (!isSeq(node)) throw this.error(node, 'expected sequence');
    return node.items as Node[];
  }

  /** A scalar as it is written. @throws NetplanError */
  text(node: Node): string {
    if (!isScalar(node)) throw this.error(node, 'expected scalar');
    return scalarText(node);
  }

  #at(offset: number, what: string): NetplanError {
    const { line, col } = this.#lines.linePos(offset);
    // of what is no file, netplan cannot show a line
    const text = this.path === NO_FILE ? NO_FILE : (this.#text.split('\n')[line - 1] ?? '');
    const caret = `${' '.repeat(Math.max(0, col - 1))}^`;
    return new NetplanError(`${this.path}:${line}:${col}: ${what}\n${text}\n${caret}`);
  }

  #colonAfter(offset: number): number {
    const rest = /^[^:]*:/.exec(this.#text.slice(offset));
    return rest === null ? offset : offset + rest[0].length - 1;
  }
}

function scalarText(node: { value: unknown; source?: string | undefined }): string {
  return node.source ?? (node.value === null ? '' : String(node.value));
}

const INDENTATION = [
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MULTILINE_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
];

function worded(code: string): string {
  if (INDENTATION.includes(code)) return 'inconsistent indentation';
  return code.toLowerCase().replaceAll('_', ' ');
}
