import type { TtlMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';

interface State {
  match?: TtlMatch;
}

const SIGNS: Readonly<Record<TtlMatch['op'], string>> = { eq: '==', ne: '!=', lt: '<', gt: '>' };

/** `-m ttl` and `-m hl` differ in names only. */
function extension(kind: TtlMatch['kind']): MatchExtension {
  const label = kind.toUpperCase();
  const any = [`${kind}-eq`, `${kind}-lt`, `${kind}-gt`];
  const option = { type: 'uint8', excl: any } as const;
  const missing = `${label} match: You must specify one of \`--${kind}-eq', \`--${kind}-lt', \`--${kind}-gt${kind === 'hl' ? "'" : ''}`;
  return defineMatch<TtlMatch, State>({
    name: kind,
    family: kind === 'ttl' ? 'inet' : 'inet6',
    kinds: [kind],
    options: [
      { name: `${kind}-lt`, ...option },
      { name: `${kind}-gt`, ...option },
      { name: `${kind}-eq`, ...option, invert: true },
      { name: kind, ...option, sameAs: `${kind}-eq` },
    ],
    init: () => ({}),
    parse({ name, value, invert }, state) {
      const op = name.endsWith('lt') ? 'lt' : name.endsWith('gt') ? 'gt' : invert ? 'ne' : 'eq';
      state.match = { kind, op, value: value.num };
    },
    check(_state, seen) {
      if (seen.size === 0) throw parameterProblem(missing);
    },
    finish: (state) => state.match as TtlMatch,
    print: (m) => ` ${label} match ${label} ${SIGNS[m.op]} ${m.value}`,
    save: (m) => (m.op === 'ne' ? ` ! --${kind}-eq ${m.value}` : ` --${kind}-${m.op} ${m.value}`),
  });
}

/** `-m ttl`. extensions/libipt_ttl.c */
export const ttl: MatchExtension = extension('ttl');
/** `-m hl`. extensions/libip6t_hl.c */
export const hl: MatchExtension = extension('hl');
