import { AwkError } from './ast.ts';
import { isTrue, toNumber, type Value } from './value.ts';

/** `!`, `-` and `+` before a value. */
export function applyUnary(op: string, v: Value): Value {
  if (op === '!') return Number(!isTrue(v));
  return op === '-' ? -toNumber(v) : toNumber(v);
}

/** Whether a comparison holds, `order` being how its sides compare. */
export function holds(op: string, order: number): boolean {
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** `+ - * / % ^` @throws AwkError on a division by zero */
export function arithmetic(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new AwkError('division by zero');
      return a / b;
    case '%':
      if (b === 0) throw new AwkError('division by zero in %');
      return a % b;
    default:
      return a ** b;
  }
}
