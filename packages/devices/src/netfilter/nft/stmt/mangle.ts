/** Setting metadata and a connection's state. Linux net/netfilter/nft_meta.c, nft_meta_set_eval(); nft_ct.c */
import { KernelError } from '@labwire/core/error';
import {
  IP_CT_UNTRACKED,
  IPCT_MARK,
  IPS_CONFIRMED,
  type NfConn,
} from '../../../conntrack/nf-conn.ts';
import type { NftCt, NftExpr, NftMangle, NftMeta } from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_BREAK, NFT_CONTINUE } from '../verdict.ts';
import { optionSetStep, payloadSetStep } from './write.ts';

function metaSet(e: NftMeta, value: NftExpr, env: CompileEnv): Step {
  const read = env.loader(value).number;
  if (read === undefined) throw new KernelError('EOPNOTSUPP', `Labwire does not set meta ${e.key}`);
  const set =
    (write: (p: Parameters<Step>[0], v: number) => void): Step =>
    (p) => {
      const v = read(p);
      if (v < 0) return NFT_BREAK;
      write(p, v);
      return NFT_CONTINUE;
    };
  switch (e.key) {
    case 'mark':
      return set((p, v) => {
        p.skb.mark = v;
      });
    case 'priority':
      return set((p, v) => {
        p.skb.priority = v;
      });
    case 'pkttype':
      return set((p, v) => {
        p.skb.pktType = v;
      });
    case 'nftrace':
      return set((p, v) => {
        p.skb.nfTrace = v !== 0;
        p.traced = p.skb.nfTrace;
      });
    default:
      throw new KernelError(
        'EOPNOTSUPP',
        `Labwire does not set meta ${e.key}, only mark, priority, pkttype and nftrace`,
      );
  }
}

function ctSet(e: NftCt, value: NftExpr, env: CompileEnv): Step {
  switch (e.key) {
    case 'mark':
      return ctNumber(value, env, (ct, v) => {
        if (ct.mark !== v) ct.pending |= IPCT_MARK;
        ct.mark = v;
      });
    case 'event':
      return ctNumber(value, env, (ct, v) => {
        ct.eventMask = v;
      });
    case 'label':
      return labelSet(value, env);
    case 'zone':
      return zoneSet(e, value, env);
    default:
      throw new KernelError(
        'EOPNOTSUPP',
        `Labwire does not set ct ${e.key}, only mark, label, zone and event`,
      );
  }
}

function ctNumber(value: NftExpr, env: CompileEnv, write: (ct: NfConn, v: number) => void): Step {
  const read = env.loader(value).number;
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    const v = read === undefined ? -1 : read(p);
    if (ct === null || v < 0) return NFT_CONTINUE;
    write(ct, v);
    return NFT_CONTINUE;
  };
}

function labelSet(value: NftExpr, env: CompileEnv): Step {
  const load = env.loader(value);
  const scratch = new Uint8Array(16);
  return (p) => {
    const ct = p.skb.ct as NfConn | null;
    if (ct === null || !load.bytes(p, scratch, 0)) return NFT_CONTINUE;
    let bits = 0n;
    for (const b of scratch) bits = (bits << 8n) | BigInt(b);
    ct.labels |= bits;
    return NFT_CONTINUE;
  };
}

function zoneSet(e: NftCt, value: NftExpr, env: CompileEnv): Step {
  const read = env.loader(value).number;
  const dir = e.dir === undefined ? 'both' : e.dir === 'reply' ? 'reply' : 'orig';
  return (p) => {
    const zone = read === undefined ? -1 : read(p);
    if (p.skb.ct !== null || zone < 0) return NFT_CONTINUE;
    env.netfilter.setZone(p.skb, zone, dir);
    return NFT_CONTINUE;
  };
}

/** Makes the function of a statement that sets something. @throws KernelError EOPNOTSUPP */
export function mangleStep(s: NftMangle, env: CompileEnv): Step {
  const { target, value } = s;
  switch (target.kind) {
    case 'payload':
      return payloadSetStep(target, value, env);
    case 'meta':
      return metaSet(target, value, env);
    case 'ct':
      return ctSet(target, value, env);
    case 'exthdr':
      if (target.op !== 'tcpopt')
        throw new KernelError('EOPNOTSUPP', `Labwire does not write ${target.name} headers`);
      return optionSetStep(target, value, env);
  }
}

/** `nft_notrack_eval()` */
export function notrackStep(): Step {
  return ({ skb }) => {
    if (skb.ct === null) skb.ctinfo = IP_CT_UNTRACKED;
    return NFT_CONTINUE;
  };
}

/** `nft_ct_helper_obj_eval()` */
export function helperSet(name: string): Step {
  return ({ skb }) => {
    const ct = skb.ct as NfConn | null;
    if (ct !== null && (ct.status & IPS_CONFIRMED) === 0) ct.helper = name;
    return NFT_CONTINUE;
  };
}
