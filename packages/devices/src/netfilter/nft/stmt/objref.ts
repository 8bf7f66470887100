/** Named objects. Linux net/netfilter/nft_objref.c */
import { KernelError } from '@labwire/core/error';
import { NftFault } from '../api/fault.ts';
import { textOf } from '../api/references.ts';
import type { NftObjectData, NftObjectType, NftObjref } from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_BREAK } from '../verdict.ts';
import { helperSet } from './mangle.ts';

/** Helpers that there are here. */
const HELPERS: readonly string[] = ['ftp', 'tftp'];

/** Makes an object's function. @throws KernelError EOPNOTSUPP */
export function objectStep(data: NftObjectData, env: CompileEnv): Step {
  switch (data.kind) {
    case 'counter':
    case 'quota':
    case 'limit':
      return env.step(data);
    case 'ct helper':
      if (!HELPERS.includes(data.helper))
        throw new KernelError(
          'EOPNOTSUPP',
          `Labwire has no conntrack helper ${data.helper}, only ${HELPERS.join(' and ')}`,
        );
      return helperSet(data.helper);
    default:
      throw new KernelError('EOPNOTSUPP', `Labwire does not act on ${data.kind} objects`);
  }
}

function objectOf(type: NftObjectType, name: string, env: CompileEnv): Step {
  const o = env.table.objects.get(`${type} ${name}`);
  if (o === undefined) throw new NftFault('ENOENT');
  return objectStep(o.data, env);
}

/** `nft_objref_eval()`, `nft_objref_map_eval()` */
export function objrefStep(s: NftObjref, env: CompileEnv): Step {
  const { object, type } = s;
  if (object.kind === 'value') return objectOf(type, textOf(object.value), env);
  if (object.kind !== 'map')
    throw new KernelError('EOPNOTSUPP', 'Labwire finds objects by name or map only');
  const load = env.loader(object.key);
  const set = env.setOf(object.map);
  const index = env.indexes.of(set);
  const steps = new Map<string, Step>();
  for (const e of set.elements.values())
    if (e.object !== undefined) steps.set(e.object, objectOf(type, e.object, env));
  return (p) => {
    const found = load.bytes(p, index.key, 0) ? index.find(p.netns.sim.now) : null;
    if (found?.object === undefined) return NFT_BREAK;
    let step = steps.get(found.object);
    if (step === undefined) {
      step = objectOf(type, found.object, env);
      steps.set(found.object, step);
    }
    return step(p);
  };
}
