export * from './ast.ts';
export { Source } from './source.ts';
export { isIncomplete, type SyntaxProblem, syntaxProblem } from './syntax-error.ts';
