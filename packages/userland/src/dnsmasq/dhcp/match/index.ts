export {
  type ClientKeys,
  findHost,
  hostByAddress,
  hostHasMac,
  maskedMatch,
  sameBytes,
} from './find-host.ts';
export { type FilteredOptions, filterOptions } from './option-filter.ts';
export { inGroup, type Tags, tagsFit, tagsText, withTagIfs } from './tags.ts';
