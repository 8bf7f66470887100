/** Which of the two programs a rule is for. virFirewallLayer */
export type Layer = 'iptables' | 'ip6tables';

/** A rule of one of libvirt's chains, as the words that follow the chain's name. */
export interface FirewallRule {
  readonly layer: Layer;
  readonly table: 'filter' | 'nat' | 'mangle';
  readonly chain: string;
  readonly match: readonly string[];
}

/** The command that puts a rule at its chain's head, or takes it away. @returns its words, the program's name first */
export function ruleCommand(rule: FirewallRule, action: 'insert' | 'delete'): string[] {
  return [rule.layer, '-w', '--table', rule.table, `--${action}`, rule.chain, ...rule.match];
}
