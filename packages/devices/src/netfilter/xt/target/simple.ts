import type { Action } from '../compile-chain.ts';
import type { ClassifyTarget, NfqueueTarget, VerdictTarget } from '../target.ts';
import { NF_ACCEPT, NF_DROP, XT_CONTINUE, XT_RETURN } from '../verdict.ts';

/** ACCEPT, DROP, RETURN; QUEUE without a listener drops, as in the kernel. */
export function verdictAction(t: VerdictTarget): Action {
  const verdict = t.verdict === 'ACCEPT' ? NF_ACCEPT : t.verdict === 'RETURN' ? XT_RETURN : NF_DROP;
  return () => verdict;
}

/** `nfqueue_tg()`: nobody listens on a queue here, so that the packet goes on with --queue-bypass and is lost without. */
export function nfqueueAction(t: NfqueueTarget): Action {
  const verdict = t.bypass ? NF_ACCEPT : NF_DROP;
  return () => verdict;
}

/** `classify_tg()` */
export function classifyAction(t: ClassifyTarget): Action {
  return ({ skb }) => {
    skb.priority = t.priority;
    return XT_CONTINUE;
  };
}

/** `trace_tg()`: from here on every rule that the packet meets is told of. */
export function traceAction(): Action {
  return (p) => {
    p.skb.nfTrace = true;
    p.traced = true;
    return XT_CONTINUE;
  };
}

/** CHECKSUM: checksums here are always filled in. */
export function checksumAction(): Action {
  return () => XT_CONTINUE;
}
