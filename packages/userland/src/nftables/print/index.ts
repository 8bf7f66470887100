export { sortedElements, textElement, textExpr } from './expr.ts';
export { namedPriorities } from './priority.ts';
export { textStmt } from './stmt.ts';
export {
  textChain,
  textFlowtable,
  textHook,
  textObject,
  textRule,
  textSet,
  textTable,
} from './table.ts';
