import type { EbtExtension } from '../extension.ts';
import { markTarget } from './mark.ts';
import { arpreply, dnat, redirect, snat } from './nat.ts';

export { VERDICTS } from './verdict.ts';

/** All targets that do something. `ebt_load_match_extensions()` */
export const EBT_TARGETS: readonly EbtExtension[] = [markTarget, dnat, snat, arpreply, redirect];
