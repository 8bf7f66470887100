export {
  ActionIndexes,
  type ActionInfo,
  type ActionRequest,
  TC_ACT_OK,
  TC_ACT_PIPE,
  TC_ACT_QUEUED,
  TC_ACT_RECLASSIFY,
  TC_ACT_SHOT,
  TC_ACT_STOLEN,
  TC_ACT_TRAP,
  TC_ACT_UNSPEC,
} from './actions.ts';
export { ETH_P_ALL, FilterBlock, type FilterKey } from './block.ts';
export type { Classifier, FilterInfo, FilterOptions } from './classifier.ts';
export type { U32Key } from './u32.ts';
