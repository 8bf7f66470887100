import type { Ipv4Addr } from '@labwire/core/addr';
import { getIpv6 } from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { teeAction } from '../../xt/target/tee.ts';
import { NF_ACCEPT, NF_DROP } from '../../xt/verdict.ts';
import type { NftDupFwd, NftStmt } from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { bytesOf } from '../expr/loader.ts';
import { setUpdateStep } from './dynset.ts';
import { logStep, rejectStep } from './log.ts';
import { mangleStep, notrackStep } from './mangle.ts';
import { matchStep } from './match.ts';
import { natStep } from './nat.ts';
import { objrefStep } from './objref.ts';
import { counterStep, ctCountStep, limitStep, quotaStep } from './stateful.ts';
import { verdictStep } from './verdict.ts';
import { optstripStep } from './write.ts';

function refuse(what: string): never {
  throw new KernelError('EOPNOTSUPP', `Labwire does not act on ${what}`);
}

/** `nft_dup_ipv4_eval()`: a copy to another host. @throws KernelError EOPNOTSUPP */
function dupStep(s: NftDupFwd, env: CompileEnv): Step {
  const { family } = env.table;
  if (s.kind === 'fwd' || (family !== 'ip' && family !== 'ip6') || s.to.kind !== 'value')
    return refuse(
      s.kind === 'fwd' ? 'fwd' : 'dup, but to one address of a table of family ip or ip6',
    );
  const bytes = bytesOf(s.to.value, s.to.bits);
  const gateway = family === 'ip6' ? getIpv6(bytes, 0) : (get32(bytes, 0) as Ipv4Addr);
  const { netns } = env.netfilter;
  const oif =
    s.dev?.kind === 'value' ? netns.devices.byIndex(Number(s.dev.value))?.name : undefined;
  return teeAction({ kind: 'TEE', gateway, oif });
}

/** Makes the function that carries a statement out. @throws KernelError EOPNOTSUPP for what Labwire does not act on */
export function stmtStep(s: NftStmt, env: CompileEnv): Step {
  switch (s.kind) {
    case 'match':
      return matchStep(s, env);
    case 'verdict':
      return verdictStep(s, env);
    case 'counter':
      return counterStep(s);
    case 'limit':
      return limitStep(s);
    case 'quota':
      return quotaStep(s);
    case 'ct count':
      return ctCountStep(s);
    case 'log':
      return logStep(s, env);
    case 'reject':
      return rejectStep(s);
    case 'nat':
      return natStep(s, env);
    case 'mangle':
      return mangleStep(s, env);
    case 'set':
      return setUpdateStep(s, env);
    case 'objref':
      return objrefStep(s, env);
    default:
      return rareStep(s, env);
  }
}

function rareStep(s: NftStmt, env: CompileEnv): Step {
  switch (s.kind) {
    case 'notrack':
      return notrackStep();
    case 'optstrip':
      return optstripStep(s.option);
    case 'dup':
    case 'fwd':
      return dupStep(s, env);
    case 'queue': {
      // nobody listens on a queue here. nf_queue()
      const verdict = s.flags.includes('bypass') ? NF_ACCEPT : NF_DROP;
      return () => verdict;
    }
    default:
      return refuse(s.kind);
  }
}
