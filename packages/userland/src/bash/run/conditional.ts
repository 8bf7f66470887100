import { compareIntegers, evaluateTest, testUnary } from '../../coreutils/test-expression.ts';
import { posixRegExp } from '../../grep/posix-regexp.ts';
import { ExpansionError } from '../control.ts';
import { evaluateText, expandPattern, expandToString, patternRegExp } from '../expand/index.ts';
import type { TestExpression, Word, WordPart } from '../parse/index.ts';
import type { Shell } from '../shell.ts';

/** `[[ … ]]`. @returns 0 true, 1 false, 2 on an error */
export async function runConditional(sh: Shell, expression: TestExpression): Promise<number> {
  return Number(!(await holds(sh, expression)));
}

async function holds(sh: Shell, e: TestExpression): Promise<boolean> {
  switch (e.type) {
    case 'TestLogical': {
      const any = e.operator === '||';
      for (const operand of e.operands) if ((await holds(sh, operand)) === any) return any;
      return !any;
    }
    case 'TestNot':
      return (await holds(sh, e.operand)) === (e.negations.length % 2 === 0);
    case 'TestGroup':
      return holds(sh, e.expression);
    case 'TestUnary':
      return unary(sh, e.operator, await expandToString(sh, e.operand));
    case 'TestBinary':
      return binary(sh, e.operator, e.left, e.right);
  }
}

function unary(sh: Shell, operator: string, operand: string): boolean {
  if (operator === '-v') return sh.vars.get(operand) !== undefined;
  if (operator === '-o') return sh.options.has(operand);
  return testUnary(sh.proc, operator, operand);
}

async function binary(sh: Shell, operator: string, left: Word, right: Word): Promise<boolean> {
  const value = await expandToString(sh, left);
  const flags = sh.shopts.has('nocasematch') ? 'i' : '';
  switch (operator) {
    case '=':
    case '==':
      return patternRegExp(await expandPattern(sh, right), flags).test(value);
    case '!=':
      return !patternRegExp(await expandPattern(sh, right), flags).test(value);
    case '=~':
      return matches(sh, value, await regexText(sh, right), flags);
    case '<':
      return value < (await expandToString(sh, right));
    case '>':
      return value > (await expandToString(sh, right));
    default:
      return compare(sh, value, operator, await expandToString(sh, right));
  }
}

async function compare(sh: Shell, left: string, operator: string, right: string): Promise<boolean> {
  if (!/^-(eq|ne|lt|le|gt|ge)$/.test(operator))
    return evaluateTest(sh.proc, [left, operator, right]) === 0;
  const a = await evaluateText(sh, left);
  return compareIntegers(a, operator, await evaluateText(sh, right));
}

/** The regular expression of `=~`: what is quoted in it stands for itself. */
async function regexText(sh: Shell, word: Word): Promise<string> {
  if (word.parts === undefined) return word.text;
  let out = '';
  for (const part of word.parts) out += await regexPart(sh, part);
  return out;
}

async function regexPart(sh: Shell, part: WordPart): Promise<string> {
  if (part.type === 'Literal' || part.type === 'Glob' || part.type === 'ExtendedGlob')
    return part.text;
  const word: Word = {
    type: 'Word',
    text: part.text,
    value: part.text,
    pos: 0,
    end: 0,
    parts: [part],
  };
  const text = await expandToString(sh, word);
  const quoted =
    part.type === 'SingleQuoted' || part.type === 'DoubleQuoted' || part.type === 'AnsiCQuoted';
  return quoted ? text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : text;
}

function matches(sh: Shell, value: string, source: string, flags: string): boolean {
  const regexp = posixRegExp(source, { extended: true, ignoreCase: flags === 'i' });
  if (typeof regexp === 'string')
    throw new ExpansionError(`[[: ${source}: ${regexp}`, { status: 2 });
  const m = regexp.exec(value);
  sh.vars.setArray(
    'BASH_REMATCH',
    (m ?? []).map((text, i) => [String(i), text ?? '']),
  );
  return m !== null;
}
