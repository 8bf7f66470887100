export { concatExpr, expression } from './expression.ts';
export { HEADER_WORDS, headerExpr } from './payload.ts';
export { constant, primary } from './primary.ts';
export { concatRight, listRight, valueExpr } from './right.ts';
