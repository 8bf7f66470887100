export { evaluateArithmetic } from './arithmetic.ts';
export { quoteAlways, quoteIfNeeded, quoteTrace } from './operation.ts';
export { arrayKey, parameterValue } from './parameter.ts';
export { type Piece, patternRegExp } from './pattern.ts';
export {
  evaluateText,
  expandHereText,
  expandPattern,
  expandToString,
  expandWord,
  expandWords,
} from './word.ts';
