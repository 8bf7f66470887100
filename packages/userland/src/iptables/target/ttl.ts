import type { TtlTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

interface State {
  op?: TtlTarget['op'];
  value: number;
}

const TEXTS = { set: 'set to', dec: 'decrement by', inc: 'increment by' } as const;
const OPS = ['set', 'dec', 'inc'] as const;

/** The same options under two names. extensions/libipt_TTL.c, libip6t_HL.c */
function hopTarget(kind: 'TTL' | 'HL'): TargetExtension {
  const prefix = kind.toLowerCase();
  return defineTarget<TtlTarget, State>({
    name: kind,
    family: kind === 'TTL' ? 'inet' : 'inet6',
    kinds: [kind],
    options: OPS.map((op) => ({
      name: `${prefix}-${op}`,
      type: 'uint8',
      min: op === 'set' ? 0 : 1,
      excl: OPS.filter((o) => o !== op).map((o) => `${prefix}-${o}`),
    })),
    init: () => ({ value: 0 }),
    parse: ({ name, value }, state) => {
      state.op = name.slice(prefix.length + 1) as TtlTarget['op'];
      state.value = value.num;
    },
    finish: ({ op, value }) => {
      if (op === undefined) throw parameterProblem(`${kind}: You must specify an action`);
      return { kind, op, value };
    },
    print: (t) => ` ${kind} ${TEXTS[t.op]} ${t.value}`,
    save: (t) => ` --${prefix}-${t.op} ${t.value}`,
  });
}

/** `-j TTL`, of IPv4 rules. */
export const ttl: TargetExtension = hopTarget('TTL');
/** `-j HL`, of IPv6 rules. */
export const hl: TargetExtension = hopTarget('HL');
