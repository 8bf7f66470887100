export { ones, stringText, stringValue, swapBytes } from './bytes.ts';
export { flagNames, flagNumbers, formatValue, type Style } from './format.ts';
export { type Names, namesOf } from './names.ts';
export { checkWidth, readValue } from './read.ts';
export { formatTime, parseTime } from './time.ts';
export { type DataType, dataType, declaredType } from './types.ts';
