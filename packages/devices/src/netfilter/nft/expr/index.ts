import { KernelError } from '@labwire/core/error';
import type { NftExpr } from '../data/index.ts';
import { binopLoader, concatLoader, hashLoader, numgenLoader } from './compute.ts';
import { ctLoader } from './ct.ts';
import type { CompileEnv } from './env.ts';
import { exthdrLoader } from './exthdr.ts';
import { bytesLoader, constantLoader, type Loader } from './loader.ts';
import { mapLoader } from './map.ts';
import { metaLoader } from './meta.ts';
import { payloadLoader } from './payload.ts';
import { fibLoader, rtLoader, socketLoader } from './route.ts';

export type { CompileEnv, Step } from './env.ts';

const UNKNOWN_BYTES = [0x75, 0x6e, 0x6b, 0x6e, 0x6f, 0x77, 0x6e];

/** No fingerprints are loaded: every system is unknown. `nft_osf_eval()` */
function osfLoader(bits: number): Loader {
  return bytesLoader(bits, (_p, to, at) => {
    to.fill(0, at, at + bits / 8);
    to.set(UNKNOWN_BYTES, at);
    return true;
  });
}

/** Makes the function that reads an expression. @throws KernelError EOPNOTSUPP for what Labwire does not act on */
export function exprLoader(e: NftExpr, env: CompileEnv): Loader {
  switch (e.kind) {
    case 'value':
      return constantLoader(e.value, e.bits);
    case 'payload':
      return payloadLoader(e);
    case 'meta':
      return metaLoader(e, env.table.family);
    case 'ct':
      return ctLoader(e);
    case 'exthdr':
      return exthdrLoader(e);
    case 'rt':
      return rtLoader(e);
    case 'socket':
      return socketLoader(e);
    case 'fib':
      return fibLoader(e);
    case 'numgen':
      return numgenLoader(e);
    case 'hash':
      return hashLoader(e, env);
    case 'binop':
      return binopLoader(e, env);
    case 'concat':
      return concatLoader(e, env);
    case 'map':
      return mapLoader(e, env);
    case 'osf':
      return osfLoader(e.bits);
    case 'xfrm':
      return bytesLoader(e.bits, () => false); // no packet comes by IPsec
    default:
      throw new KernelError('EOPNOTSUPP', `Labwire does not act on ${e.kind} here`);
  }
}
