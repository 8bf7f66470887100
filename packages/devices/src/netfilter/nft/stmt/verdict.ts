/** Verdicts and verdict maps. Linux net/netfilter/nft_immediate.c, nft_lookup.c */
import { NF_ACCEPT, NF_DROP } from '../../xt/verdict.ts';
import type { NftElement, NftVerdict, NftVerdictStmt } from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_BREAK, NFT_CONTINUE, NFT_RETURN } from '../verdict.ts';
import { elementSteps } from './element.ts';

/** Makes a verdict's function. `continue` ends the rule. */
function constantVerdict(v: NftVerdict, env: CompileEnv): Step {
  switch (v.verdict) {
    case 'accept':
      return () => NF_ACCEPT;
    case 'drop':
      return () => NF_DROP;
    case 'continue':
      return () => NFT_BREAK;
    case 'return':
      return () => NFT_RETURN;
    case 'jump': {
      const chain = env.chain(v.chain ?? '');
      return (p) => {
        const verdict = chain(p);
        return verdict === NFT_RETURN || verdict === NFT_CONTINUE ? NFT_BREAK : verdict;
      };
    }
    case 'goto': {
      const chain = env.chain(v.chain ?? '');
      return (p) => {
        const verdict = chain(p);
        return verdict === NFT_CONTINUE ? NFT_RETURN : verdict;
      };
    }
  }
}

/** Makes the function of a verdict or a verdict map. */
export function verdictStep(s: NftVerdictStmt, env: CompileEnv): Step {
  const { expr } = s;
  if (expr.kind === 'verdict') return constantVerdict(expr, env);
  const load = env.loader(expr.key);
  const index = env.indexes.of(env.setOf(expr.map));
  const own = elementSteps(env);
  const compiled = new WeakMap<NftElement, Step>();
  return (p) => {
    if (!load.bytes(p, index.key, 0)) return NFT_BREAK;
    const found = index.find(p.netns.sim.now);
    if (found === null || found.data?.kind !== 'verdict') return NFT_BREAK;
    if (own(found, p) !== NFT_CONTINUE) return NFT_BREAK;
    let step = compiled.get(found);
    if (step === undefined) {
      step = constantVerdict(found.data, env);
      compiled.set(found, step);
    }
    return step(p);
  };
}
