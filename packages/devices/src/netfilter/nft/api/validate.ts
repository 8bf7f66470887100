/** Loops of chains, and where statements may stand. Linux net/netfilter/nf_tables_api.c, nft_table_validate(). */
import type { NftBase, NftChain, NftFib, NftHook, NftStmt, NftTable } from '../data/index.ts';
import { NftFault } from './fault.ts';
import { walkStmt } from './references.ts';

/** `NFT_JUMP_STACK_SIZE` */
const MAX_JUMPS = 16;

/** Chains that no base chain leads to may do as they like. @throws NftFault EMLINK (jumps too deep, or a loop), EOPNOTSUPP (a statement that has no place on a hook) */
export function validateTable(t: NftTable): void {
  for (const c of t.chains.values()) if (c.base !== undefined) validateChain(t, c, c.base, 0);
}

function jumps(c: NftChain): string[] {
  const to: string[] = [];
  for (const r of c.rules)
    for (const s of r.stmts)
      walkStmt(s, (e) => {
        if (e.kind === 'verdict' && e.chain !== undefined) to.push(e.chain);
        if (e.kind === 'setref') return;
      });
  return to;
}

function validateChain(t: NftTable, c: NftChain, base: NftBase, depth: number): void {
  if (depth >= MAX_JUMPS) throw new NftFault('EMLINK');
  for (const r of c.rules) for (const s of r.stmts) validateStmt(s, base);
  for (const name of jumps(c)) {
    const to = t.chains.get(name);
    if (to !== undefined) validateChain(t, to, base, depth + 1);
  }
}

const NAT_HOOKS: Readonly<Record<string, readonly NftHook[]>> = {
  snat: ['postrouting', 'input'],
  dnat: ['prerouting', 'output'],
  masquerade: ['postrouting'],
  redirect: ['prerouting', 'output'],
};

/** The hooks that a statement may stand on, and the type of chain. */
function validateStmt(s: NftStmt, base: NftBase): void {
  walkStmt(s, (e) => {
    if (e.kind === 'fib') validateFib(e, base);
    if (e.kind === 'rt' && e.key === 'mtu' && !OUT_HOOKS.includes(base.hook))
      throw new NftFault('EOPNOTSUPP');
  });
  const on = (...hooks: NftHook[]): void => {
    if (!hooks.includes(base.hook)) throw new NftFault('EOPNOTSUPP');
  };
  switch (s.kind) {
    case 'nat':
      if (base.type !== 'nat') throw new NftFault('EOPNOTSUPP');
      on(...(NAT_HOOKS[s.type] ?? []));
      break;
    case 'reject':
      on('input', 'forward', 'output', 'prerouting', 'ingress');
      break;
    case 'tproxy':
      on('prerouting');
      break;
    case 'synproxy':
      on('input', 'forward');
      break;
    case 'flow add':
      on('forward');
      break;
    case 'mangle':
      if (s.target.kind === 'meta' && s.target.key === 'pkttype') on('prerouting', 'ingress');
      break;
    default:
  }
}

const IN_HOOKS: readonly NftHook[] = ['prerouting', 'input', 'forward'];
const OUT_HOOKS: readonly NftHook[] = ['forward', 'output', 'postrouting'];

/** `nft_fib_validate()` */
function validateFib(e: NftFib, base: NftBase): void {
  const hooks =
    e.result !== 'type' || e.flags.includes('iif')
      ? IN_HOOKS
      : e.flags.includes('oif')
        ? OUT_HOOKS
        : undefined;
  if (hooks !== undefined && !hooks.includes(base.hook)) throw new NftFault('EOPNOTSUPP');
}
