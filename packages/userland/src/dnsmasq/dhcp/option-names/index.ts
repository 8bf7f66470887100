export { hexText, optionString, prettyTime, printable } from './option-string.ts';
export {
  type NamedOption,
  OPTIONS4,
  OPTIONS6,
  optionByCode,
  optionByName,
  optionList,
} from './option-table.ts';
