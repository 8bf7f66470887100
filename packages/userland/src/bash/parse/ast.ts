import type {
  AndOr,
  ArithmeticCommand,
  ArithmeticFor,
  Assignment,
  Case,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  For,
  Function as FunctionNode,
  HereDoc,
  If,
  ParameterExpansionPart,
  ParameterOperation,
  ParsedScript,
  ParseError,
  Pipeline,
  PipelineNode,
  Redirect,
  Redirected,
  Redirection,
  Select,
  Statement,
  TestExpression,
  While,
  Word,
  WordPart,
} from 'unbash';
import { parse as unbashParse } from 'unbash';

// What the interpreter knows of the parser: a new major version of unbash changes this file alone.
export type {
  AndOr,
  ArithmeticCommand,
  ArithmeticFor,
  Assignment,
  Case,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  For,
  FunctionNode,
  HereDoc,
  If,
  ParameterExpansionPart,
  ParameterOperation,
  ParsedScript,
  ParseError,
  Pipeline,
  PipelineNode,
  Redirect,
  Redirected,
  Redirection,
  Select,
  Statement,
  TestExpression,
  While,
  Word,
  WordPart,
};

/** Parsed texts that are kept. */
const CACHE_SIZE = 500;
const cache = new Map<string, ParsedScript>();

/** Parses a shell text; the same text gives the same tree. */
export function parseText(text: string): ParsedScript {
  let script = cache.get(text);
  if (script === undefined) {
    script = unbashParse(text);
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value as string);
    cache.set(text, script);
  }
  return script;
}

/** Parses a text as the one word that it is after quoting rules: `a"b c"$d`. */
export function parseWord(text: string): Word | undefined {
  const command = parseText(`: ${text}`).commands[0]?.command;
  if (command?.type !== 'Command') return undefined;
  const word = command.suffix[0];
  return word?.type === 'Word'
    ? word
    : word?.type === 'Assignment'
      ? assignmentWord(word)
      : undefined;
}

function assignmentWord(a: Assignment): Word {
  return { type: 'Word', text: a.text, value: a.text, pos: a.pos, end: a.end };
}

/** Parses a text as the inside of a here-document: expansions, but no quotes. */
export function parseHereText(text: string): readonly WordPart[] {
  if (!/[$`\\]/.test(text))
    return [{ type: 'Literal', pos: 0, end: text.length, value: text, text }];
  const command = parseText(`: <<\u0001\n${text}\n\u0001\n`).commands[0]?.command;
  const doc = command?.type === 'Command' ? command.redirects[0] : undefined;
  if (doc?.type !== 'HereDoc') return [];
  return doc.body.parts ?? [{ type: 'Literal', pos: 0, end: 0, value: doc.body.text, text: '' }];
}
