import {
  type Document,
  isCollection,
  isMap,
  isPair,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import type { ZodType } from 'zod';
import { LabError } from '../document/index.ts';

/** A YAML text, and where in its file each of its keys stands. */
export interface YamlSource {
  readonly file: string;
  /** The whole text as plain data; an empty object if it holds nothing. */
  readonly data: Record<string, unknown>;
  /** 1-based line of the key that a path leads to, or of the nearest one above it. */
  lineOf(path: readonly PropertyKey[]): number;
}

/**
 * Parses YAML that holds keys.
 * @param offset lines of the file before `text`
 * @throws LabError where it is not YAML, has a key twice, or is no list of keys
 */
export function parseYaml(text: string, file: string, offset: number): YamlSource {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (pos: number): number => counter.linePos(pos).line + offset;
  const error = doc.errors[0];
  if (error !== undefined) throw yamlError(error, text, file, at(error.pos[0]));
  const data = plainData(doc, file, offset);
  return { file, data, lineOf: (path) => at(startOf(doc, path)) };
}

function yamlError(error: YAMLParseError, text: string, file: string, line: number): LabError {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^:\n]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'a key';
    return new LabError(file, line, `${key} is there twice`, 'give one of the two another name');
  }
  const what = `not YAML: ${error.message.replace(/[.\s]+$/, '')}`;
  return new LabError(file, line, what, 'mend the indentation, or put the value in quotes');
}

function plainData(doc: Document.Parsed, file: string, offset: number): Record<string, unknown> {
  if (doc.contents === null) return {};
  if (isMap(doc.contents)) {
    try {
      return doc.toJS() as Record<string, unknown>;
    } catch (e) {
      throw new LabError(
        file,
        offset + 1,
        `not YAML: ${(e as Error).message}`,
        'use fewer aliases',
      );
    }
  }
  throw new LabError(
    file,
    offset + 1,
    'the YAML is no list of keys',
    'write lines such as "seed: 1"',
  );
}

function startOf(doc: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = doc.contents;
  let start = (node as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const item = node.items.find((it, i) =>
      isPair(it)
        ? String((it.key as Node & { value?: unknown }).value) === String(step)
        : i === step,
    );
    if (item === undefined) break;
    start = (isPair(item) ? (item.key as Node) : (item as Node)).range?.[0] ?? start;
    node = isPair(item) ? item.value : item;
  }
  return start;
}

/**
 * Holds data against a schema.
 * @throws LabError that names file, line and key of the first thing wrong
 */
export function checkSchema<T>(schema: ZodType<T>, source: YamlSource, data: unknown): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw result.error;
  if (issue.code === 'unrecognized_keys') throw unknownKey(source, issue.path, issue.keys[0] ?? '');
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  const [what, mend] = splitMessage(message ?? issue.message);
  throw problem(source, issue.path, what, mend);
}

/** A {@link LabError} about the key that `path` leads to. */
export function problem(
  source: YamlSource,
  path: readonly PropertyKey[],
  what: string,
  mend: string,
): LabError {
  return new LabError(source.file, source.lineOf(path), `${path.join('.')}: ${what}`, mend);
}

function unknownKey(source: YamlSource, path: readonly PropertyKey[], key: string): LabError {
  const where = [...path, key];
  return problem(
    source,
    where,
    'Labwire knows no such key',
    'see docs/lab-format.md for those it knows',
  );
}

/** The schemas write their messages as `what; mend`. */
function splitMessage(message: string): [what: string, mend: string] {
  const [what = message, mend = 'see docs/lab-format.md'] = message.split('; ');
  return [what, mend];
}
