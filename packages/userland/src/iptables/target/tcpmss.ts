import type { TcpmssTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

interface State {
  mss: number | undefined;
}

/** `-j TCPMSS` of a family, whose IP header limits the MSS. extensions/libxt_TCPMSS.c */
function tcpmss(family: Family): TargetExtension {
  return defineTarget<TcpmssTarget, State>({
    name: 'TCPMSS',
    family,
    kinds: ['TCPMSS'],
    options: [
      { name: 'set-mss', type: 'uint16', min: 0, max: 0xffff - (family === 'inet' ? 20 : 40) },
      { name: 'clamp-mss-to-pmtu', type: 'none' },
    ],
    init: () => ({ mss: undefined }),
    parse: ({ name, value }, state) => {
      state.mss = name === 'set-mss' ? value.num : undefined;
    },
    finish: (state, seen) => {
      if (seen.size === 0)
        throw parameterProblem('TCPMSS target: At least one parameter is required');
      return { kind: 'TCPMSS', ...state };
    },
    print: (t) => (t.mss === undefined ? ' TCPMSS clamp to PMTU' : ` TCPMSS set ${t.mss}`),
    save: (t) => (t.mss === undefined ? ' --clamp-mss-to-pmtu' : ` --set-mss ${t.mss}`),
  });
}

/** `-j TCPMSS` in IPv4 rules. */
export const tcpmss4: TargetExtension = tcpmss('inet');
/** `-j TCPMSS` in IPv6 rules. */
export const tcpmss6: TargetExtension = tcpmss('inet6');
