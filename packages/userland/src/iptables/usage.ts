import { MATCHES } from './match/index.ts';
import { TARGETS } from './target/index.ts';

/** What `iptables -h` prints here: what this one understands. */
export function usage(program: string): string {
  return `${program} v1.8.9

Usage: ${program} -[ACD] chain rule-specification [options]
       ${program} -I chain [rulenum] rule-specification [options]
       ${program} -R chain rulenum rule-specification [options]
       ${program} -D chain rulenum [options]
       ${program} -[LS] [chain [rulenum]] [options]
       ${program} -[FZ] [chain] [options]
       ${program} -[NX] chain
       ${program} -E old-chain-name new-chain-name
       ${program} -P chain target [options]

Options: -t table, -p proto, -s address[/mask][...], -d address[/mask][...], -i name[+], -o name[+], -j target, -g chain,
         -m match, -f, -n, -v, -x, -w, -c packets bytes, --line-numbers; ! before an option inverts it.
Matches: ${MATCHES.map((m) => m.name).join(' ')}
Targets: ACCEPT DROP RETURN QUEUE ${TARGETS.map((t) => t.name).join(' ')}
`;
}
