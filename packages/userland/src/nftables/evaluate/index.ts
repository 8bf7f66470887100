export { RuleContext } from './context.ts';
export { evaluate } from './expr.ts';
export { elementKey, elementsOf, isPrefix, statefulElement } from './set.ts';
export { evaluateRule } from './stmt.ts';
