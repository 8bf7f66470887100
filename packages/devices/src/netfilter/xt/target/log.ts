import type { Action } from '../compile-chain.ts';
import type { LogTarget } from '../target.ts';
import { XT_CONTINUE } from '../verdict.ts';
import { logLine } from './log-line.ts';

/** LOG: a line in the machine's kernel log; other namespaces than the first are heard only with nf_log_all_netns. `log_tg()` */
export function logAction(t: LogTarget): Action {
  return (p) => {
    const { kernel } = p.netns;
    if (p.netns === kernel.initNetns || kernel.nfLogAllNetns !== 0)
      kernel.log(t.prefix + logLine(p, t));
    return XT_CONTINUE;
  };
}
