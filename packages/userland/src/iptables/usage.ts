import { MATCHES } from './match/index.ts';
import { VERSION } from './session.ts';
import { TARGETS } from './target/index.ts';

/** Names of extensions, each once: some have one form for each family. */
function names(extensions: readonly { readonly name: string }[]): string {
  return [...new Set(extensions.map((e) => e.name))].join(' ');
}

/** What `iptables -h` prints here: what this one understands. */
export function usage(program: string): string {
  return `${program} v${VERSION}

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
Matches: ${names(MATCHES)}
Targets: ACCEPT DROP RETURN ${names(TARGETS)}
`;
}
