import { ExpansionError } from '../control.ts';
import {
  type ParameterExpansionPart,
  type ParameterOperation,
  parseHereText,
  parseWord,
  type Word,
  type WordPart,
} from '../parse/index.ts';
import type { Shell } from '../shell.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { expandBraces } from './brace.ts';
import { Fields, fieldText } from './fields.ts';
import {
  changeCase,
  removeMatch,
  replaceMatch,
  sliceList,
  sliceText,
  transform,
} from './operation.ts';
import { demandSet, elementValue, namesValue, parameterValue, type Value } from './parameter.ts';
import { expandPathname } from './pathname.ts';
import { hasGlob, type Piece } from './pattern.ts';
import { processSubstitution, substitute } from './substitution.ts';
import { expandTilde } from './tilde.ts';

/** What one walk over a word's parts collects, and how. */
interface Walk {
  readonly sh: Shell;
  readonly fields: Fields;
  /** Values of unquoted expansions are split into fields. */
  readonly split: boolean;
}

/** Expands a command's words to its arguments: braces, tilde, parameters, splitting, pathnames, quotes. POSIX 2.6 */
export async function expandWords(sh: Shell, words: readonly Word[]): Promise<string[]> {
  const out: string[] = [];
  for (const word of words) out.push(...(await expandWord(sh, word)));
  return out;
}

/** Expands one word to any number of arguments. */
export async function expandWord(sh: Shell, word: Word): Promise<string[]> {
  if (word.parts === undefined && !word.text.startsWith('~')) return [word.value];
  if (word.parts?.some((p) => p.type === 'BraceExpansion') === true && sh.dialect === 'bash')
    return expandBraced(sh, word);
  const fields = await wordFields(sh, word, true);
  return fields.flatMap((field) => globbed(sh, field));
}

async function expandBraced(sh: Shell, word: Word): Promise<string[]> {
  const texts = expandBraces(word.text);
  const out: string[] = [];
  for (const text of texts) {
    const one = parseWord(text);
    if (one === undefined) out.push(text);
    else if (one.parts?.some((p) => p.type === 'BraceExpansion') === true)
      out.push(...(await wordFields(sh, one, true)).map(fieldText));
    else out.push(...(await expandWord(sh, one)));
  }
  return out;
}

function globbed(sh: Shell, field: readonly Piece[]): string[] {
  const text = fieldText(field);
  if (sh.options.has('f') || !hasGlob(field)) return [text];
  const has = (o: string) => sh.shopts.has(o);
  const paths = expandPathname(sh.proc, field, {
    dotglob: has('dotglob'),
    globstar: has('globstar'),
    nocase: has('nocaseglob'),
  });
  if (paths.length > 0) return paths;
  if (has('failglob')) throw new ExpansionError(`no match: ${text}`);
  return has('nullglob') ? [] : [text];
}

/** Expands a word where no fields are made of it: an assignment, a redirection's target, `case`. */
export async function expandToString(sh: Shell, word: Word, assignment = false): Promise<string> {
  const fields = await wordFields(sh, word, false, assignment);
  return fields.map(fieldText).join(' ');
}

/** Expands a word to a pattern. */
export async function expandPattern(sh: Shell, word: Word): Promise<Piece[]> {
  return (await wordFields(sh, word, false)).flat();
}

/** Expands a here-document's text, and anything else in which quotes mean nothing. */
export async function expandHereText(sh: Shell, parts: readonly WordPart[]): Promise<string> {
  const walk: Walk = { sh, fields: new Fields(''), split: false };
  for (const part of parts) await emit(walk, part, true);
  return walk.fields.finish().map(fieldText).join(' ');
}

/** Evaluates an arithmetic expression after its expansions. */
export async function evaluateText(sh: Shell, text: string): Promise<bigint> {
  const plain = /[$`\\]/.test(text) ? await expandHereText(sh, parseHereText(text)) : text;
  return evaluateArithmetic(plain.replaceAll('"', ''), sh.vars);
}

async function wordFields(
  sh: Shell,
  word: Word,
  split: boolean,
  assignment = false,
): Promise<Piece[][]> {
  const walk: Walk = { sh, fields: new Fields(sh.vars.get('IFS') ?? ' \t\n'), split };
  await emitWord(walk, word, false, assignment);
  return walk.fields.finish();
}

async function emitWord(
  walk: Walk,
  word: Word,
  quoted: boolean,
  assignment = false,
): Promise<void> {
  if (word.parts === undefined) {
    const text = quoted ? word.value : expandTilde(walk.sh, word.text, word.value, assignment);
    walk.fields.add(text, true);
    return;
  }
  for (const [i, part] of word.parts.entries()) {
    if (!quoted && part.type === 'Literal' && (i === 0 || assignment)) {
      const text = expandTilde(walk.sh, part.text, part.value, assignment && i > 0, i > 0);
      walk.fields.add(text, true);
    } else await emit(walk, part, quoted);
  }
}

async function emit(walk: Walk, part: WordPart, quoted: boolean): Promise<void> {
  const { sh, fields } = walk;
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      fields.add(part.value, true);
      return;
    case 'DoubleQuoted':
    case 'LocaleString':
      await emitDoubleQuoted(walk, part.parts);
      return;
    case 'Glob':
      if (part.kind === 'bracket' && !quoted) await emitBracket(walk, part.parts);
      else fields.add(part.text, quoted);
      return;
    case 'ExtendedGlob':
    case 'BraceExpansion':
      fields.add(part.text, quoted);
      return;
    case 'SimpleExpansion':
      emitSimple(walk, part.text.slice(1), quoted);
      return;
    case 'ParameterExpansion':
      await emitParameter(walk, part, quoted);
      return;
    case 'CommandExpansion':
      emitText(walk, await substitute(sh, part), quoted);
      return;
    case 'ArithmeticExpansion':
      emitText(walk, String(await evaluateText(sh, arithmeticText(part.text))), quoted);
      return;
    case 'ProcessSubstitution':
      fields.add(processSubstitution(sh, part), true);
  }
}

/** What stands between `$((` and `))`, or `$[` and `]`. */
function arithmeticText(text: string): string {
  return text.startsWith('$[') ? text.slice(2, -1) : text.slice(3, -2);
}

async function emitDoubleQuoted(walk: Walk, parts: readonly WordPart[]): Promise<void> {
  const isList = parts.length === 1 && parts[0] !== undefined && mayBeNothing(parts[0]);
  if (!isList) walk.fields.add('', true);
  for (const part of parts) await emit(walk, part, true);
}

/** Whether a part may expand to no field at all even in quotes: `"$@"`, `"${a[@]}"`. */
function mayBeNothing(part: WordPart): boolean {
  if (part.type === 'SimpleExpansion') return part.text === '$@';
  if (part.type !== 'ParameterExpansion') return false;
  return part.parameter === '@' || part.index?.text === '@' || part.operation?.type === 'Names';
}

async function emitBracket(walk: Walk, parts: readonly WordPart[]): Promise<void> {
  walk.fields.add('[', false);
  for (const part of parts) {
    if (part.type === 'Literal') walk.fields.add(part.text, false);
    else await emit({ ...walk, split: false }, part, false);
  }
  walk.fields.add(']', false);
}

function emitSimple(walk: Walk, name: string, quoted: boolean): void {
  const value = parameterValue(walk.sh, name);
  demandSet(walk.sh, name, value);
  emitValue(walk, value, quoted);
}

function emitText(walk: Walk, text: string, quoted: boolean): void {
  if (quoted) walk.fields.add(text, true);
  else if (walk.split) walk.fields.split(text);
  else walk.fields.add(text, false);
}

function emitValue(walk: Walk, value: Value, quoted: boolean): void {
  const { fields, sh } = walk;
  if (value.kind === 'scalar') emitText(walk, value.list[0] as string, quoted);
  else if (value.kind === 'star' && quoted)
    fields.add(value.list.join((sh.vars.get('IFS') ?? ' ')[0] ?? ''), true);
  else
    value.list.forEach((item, i) => {
      if (i > 0) fields.end();
      emitText(walk, item, quoted);
    });
}

async function emitParameter(
  walk: Walk,
  part: ParameterExpansionPart,
  quoted: boolean,
): Promise<void> {
  const { sh } = walk;
  const value = await lookUp(sh, part);
  const { operation } = part;
  if (part.prefix === '#' && operation === undefined) {
    emitText(walk, String(lengthOf(value)), quoted);
    return;
  }
  if (operation?.type === 'Default') {
    await emitDefault(walk, part, operation, value, quoted);
    return;
  }
  if (operation?.type === 'Unknown') throw new ExpansionError(`${part.text}: bad substitution`);
  demandSet(sh, part.parameter, value);
  if (operation === undefined || operation.type === 'Names') emitValue(walk, value, quoted);
  else emitValue(walk, await applyOperation(sh, part, operation, value), quoted);
}

function lengthOf(value: Value): number {
  return value.kind === 'scalar' ? [...(value.list[0] as string)].length : value.list.length;
}

async function lookUp(sh: Shell, part: ParameterExpansionPart): Promise<Value> {
  const subscript = part.index === undefined ? undefined : await expandToString(sh, part.index);
  const isKeys = subscript === '@' || subscript === '*' || part.operation?.type === 'Names';
  if (part.prefix === '!' && isKeys) return namesValue(sh, part, subscript);
  if (!/^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])$/.test(part.parameter))
    throw new ExpansionError(`${part.text}: bad substitution`);
  const direct =
    subscript === undefined
      ? parameterValue(sh, part.parameter)
      : elementValue(sh, part.parameter, subscript);
  if (part.prefix !== '!') return direct;
  return indirect(sh, direct.list[0] ?? '');
}

function indirect(sh: Shell, target: string): Value {
  const m = /^(\w+|[@*#?$!-])(?:\[(.*)\])?$/.exec(target);
  if (m === null) throw new ExpansionError(`${target}: invalid variable name`);
  const [, name = '', subscript] = m;
  return subscript === undefined ? parameterValue(sh, name) : elementValue(sh, name, subscript);
}

async function emitDefault(
  walk: Walk,
  part: ParameterExpansionPart,
  operation: Extract<ParameterOperation, { type: 'Default' }>,
  value: Value,
  quoted: boolean,
): Promise<void> {
  const { sh } = walk;
  const isNull = value.list.every((v) => v === '');
  const missing = !value.isSet || (operation.operator.startsWith(':') && isNull);
  const kind = operation.operator.at(-1);
  if (kind === '+') {
    if (!missing) await emitOperand(walk, operation.operand, quoted);
    else if (!quoted || part.parameter === '@') return;
    else walk.fields.add('', true);
  } else if (!missing) emitValue(walk, value, quoted);
  else if (kind === '-') await emitOperand(walk, operation.operand, quoted);
  else if (kind === '=') {
    const text = await expandToString(sh, operation.operand);
    sh.vars.set(part.parameter, text);
    emitText(walk, text, quoted);
  } else await refuse(sh, part, operation);
}

/** The word of `${x:-word}` and `${x:+word}`: what is not quoted in it is split like any expansion. POSIX 2.6.5 */
async function emitOperand(walk: Walk, word: Word, quoted: boolean): Promise<void> {
  if (quoted || !walk.split) return emitWord(walk, word, quoted);
  const literal = (text: string, value: string) => {
    if (text === value && !text.startsWith('~')) emitText(walk, text, false);
    else walk.fields.add(expandTilde(walk.sh, text, value, false), true);
  };
  if (word.parts === undefined) literal(word.text, word.value);
  for (const part of word.parts ?? []) {
    if (part.type === 'Literal') literal(part.text, part.value);
    else await emit(walk, part, false);
  }
}

async function refuse(
  sh: Shell,
  part: ParameterExpansionPart,
  operation: Extract<ParameterOperation, { type: 'Default' }>,
): Promise<never> {
  const colon = operation.operator.startsWith(':');
  const text = await expandToString(sh, operation.operand);
  const reason = text || (colon ? 'parameter null or not set' : 'parameter not set');
  throw new ExpansionError(`${part.parameter}: ${reason}`, { fatal: true, status: 127 });
}

type Change = Exclude<ParameterOperation, { type: 'Default' | 'Names' | 'Unknown' }>;

async function applyOperation(
  sh: Shell,
  part: ParameterExpansionPart,
  operation: Change,
  value: Value,
): Promise<Value> {
  if (operation.type === 'Slice') return slice(sh, part, operation, value);
  const change = await changer(sh, operation);
  return { ...value, list: value.list.map(change) };
}

async function changer(
  sh: Shell,
  operation: Exclude<Change, { type: 'Slice' }>,
): Promise<(text: string) => string> {
  switch (operation.type) {
    case 'Remove': {
      const pattern = await expandPattern(sh, operation.operand);
      return (text) => removeMatch(text, operation.operator, pattern);
    }
    case 'Replace': {
      const pattern = await expandPattern(sh, operation.pattern);
      const replacement = await expandToString(sh, operation.replacement);
      return (text) => replaceMatch(text, operation.operator, pattern, replacement);
    }
    case 'CaseModification': {
      const { operand } = operation;
      const pattern = operand === undefined ? undefined : await expandPattern(sh, operand);
      return (text) => changeCase(text, operation.operator, pattern);
    }
    case 'Transform': {
      const operator = await expandToString(sh, operation.operand);
      return (text) => transform(text, operator);
    }
  }
}

async function slice(
  sh: Shell,
  part: ParameterExpansionPart,
  operation: Extract<ParameterOperation, { type: 'Slice' }>,
  value: Value,
): Promise<Value> {
  const offset = Number(await evaluateText(sh, operation.offset.text));
  const length =
    operation.length === undefined
      ? undefined
      : Number(await evaluateText(sh, operation.length.text));
  if (value.kind === 'scalar')
    return { ...value, list: [sliceText(value.list[0] as string, offset, length)] };
  const isPositional = part.parameter === '@' || part.parameter === '*';
  const list = isPositional ? [sh.name, ...value.list] : value.list;
  const from = isPositional && offset === 0 ? 0 : offset;
  return { ...value, list: sliceList(list, from, length) };
}
