export { RuleContext } from './context.ts';
export { evaluate } from './expr.ts';
export { hideImplied } from './hide.ts';
export { elementKey, elementsOf, isPrefix } from './set.ts';
export { statefulElement } from './stateful.ts';
export { evaluateRule } from './stmt.ts';
