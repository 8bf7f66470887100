/** What elements have of their own: counters, limits. Linux net/netfilter/nf_tables_core.c, nft_set_elem_update_expr() */
import type { NftElement } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_CONTINUE } from '../verdict.ts';

/** Makes the function that runs an element's statements, compiled when the element is first met. */
export function elementSteps(env: CompileEnv): (e: NftElement, p: NftPacket) => number {
  const compiled = new WeakMap<NftElement, readonly Step[]>();
  return (e, p) => {
    if (e.stmts.length === 0) return NFT_CONTINUE;
    let steps = compiled.get(e);
    if (steps === undefined) {
      steps = e.stmts.map((s) => env.step(s));
      compiled.set(e, steps);
    }
    for (let i = 0; i < steps.length; i++) {
      const verdict = (steps[i] as Step)(p);
      if (verdict !== NFT_CONTINUE) return verdict;
    }
    return NFT_CONTINUE;
  };
}
