import { FW, MATCHALL } from './fw.ts';
import type { FilterKind } from './kind.ts';
import { U32 } from './u32.ts';

export { ACTION_ROWS } from './actions.ts';
export { POLICE_WORDS } from './police.ts';
export { MATCH_ROWS } from './u32-match.ts';

/** Kinds of filters, by name. */
export const FILTER_KINDS: ReadonlyMap<string, FilterKind> = new Map<string, FilterKind>([
  ['u32', U32],
  ['fw', FW],
  ['matchall', MATCHALL],
]);

/** Kinds that the real `tc` and kernel know and Labwire does not have. */
export const UNSUPPORTED_FILTERS: readonly string[] = [
  'flower',
  'basic',
  'bpf',
  'cgroup',
  'flow',
  'route',
];
