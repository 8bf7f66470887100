import { KernelError } from '@labwire/core/error';
import { setAction } from '../ipset/xt.ts';
import type { Action, ChainProgram } from './compile-chain.ts';
import type { XtPacket } from './packet.ts';
import { dscpAction, ecnAction, tosAction, ttlAction } from './target/header.ts';
import { logAction } from './target/log.ts';
import { connmarkAction, markAction } from './target/mark.ts';
import { rejectAction } from './target/reject.ts';
import {
  checksumAction,
  classifyAction,
  nfqueueAction,
  traceAction,
  verdictAction,
} from './target/simple.ts';
import { tcpmssAction, tcpoptstripAction } from './target/tcp-options.ts';
import { teeAction } from './target/tee.ts';
import type { ChainTarget, CtTarget, NatTarget, NflogTarget, XtTarget } from './target.ts';
import { XT_CONTINUE, XT_RETURN } from './verdict.ts';

/** What targets need of the namespace that their rule is in. */
export interface TargetEnv {
  readonly isIpv6: boolean;
  /** A user's chain by name, as a function that is looked up when it is first called. */
  chain(name: string): { readonly program: ChainProgram };
  nat(t: NatTarget): Action;
  ct(t: CtTarget): Action;
  nflog(t: NflogTarget): Action;
  /** The smaller of the MTUs there and back. */
  pathMtu(p: XtPacket): number;
}

/** To another chain and, unless it is a goto, back. */
function chainAction(t: ChainTarget, env: TargetEnv): Action {
  const chain = env.chain(t.chain);
  if (t.kind === 'jump') {
    return (p) => {
      const verdict = chain.program(p);
      return verdict === XT_RETURN ? XT_CONTINUE : verdict;
    };
  }
  return (p) => {
    const verdict = chain.program(p);
    return verdict === XT_CONTINUE ? XT_RETURN : verdict;
  };
}

/** Helpers that there are here. */
const HELPERS: readonly string[] = ['ftp', 'tftp'];

/** @throws KernelError for a helper that Linux has and Labwire has not */
function ctAction(t: CtTarget, env: TargetEnv): Action {
  if (t.helper !== undefined && !HELPERS.includes(t.helper))
    throw new KernelError(
      'EOPNOTSUPP',
      `Labwire has no conntrack helper ${t.helper}, only ${HELPERS.join(' and ')}`,
    );
  return env.ct(t);
}

/**
 * Makes the function that carries out a target.
 * @throws {@link KernelError} EOPNOTSUPP for what Labwire can print but not act on, EINVAL
 */
export function compileTarget(t: XtTarget, env: TargetEnv): Action {
  switch (t.kind) {
    case 'verdict':
      return verdictAction(t);
    case 'jump':
    case 'goto':
      return chainAction(t, env);
    case 'REJECT':
      return rejectAction(t, env.isIpv6);
    case 'LOG':
      return logAction(t);
    case 'MARK':
      return markAction(t);
    case 'CONNMARK':
      return connmarkAction(t);
    case 'SNAT':
    case 'DNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
    case 'NETMAP':
      return env.nat(t);
    case 'CT':
      return ctAction(t, env);
    default:
      return compileManglingTarget(t, env);
  }
}

function compileManglingTarget(t: XtTarget, env: TargetEnv): Action {
  switch (t.kind) {
    case 'TCPMSS':
      return tcpmssAction(t, (p) => env.pathMtu(p));
    case 'TCPOPTSTRIP':
      return tcpoptstripAction(t);
    case 'TTL':
    case 'HL':
      return ttlAction(t);
    case 'TOS':
      return tosAction(t);
    case 'DSCP':
      return dscpAction(t);
    case 'ECN':
      return ecnAction(t);
    case 'CHECKSUM':
      return checksumAction();
    case 'TRACE':
      return traceAction();
    case 'CLASSIFY':
      return classifyAction(t);
    case 'NFLOG':
      return env.nflog(t);
    case 'NFQUEUE':
      return nfqueueAction(t);
    case 'TEE':
      return teeAction(t);
    case 'SET':
      return setAction(t);
    default:
      throw new KernelError('EOPNOTSUPP', `Labwire does not act on target ${t.kind}`);
  }
}
