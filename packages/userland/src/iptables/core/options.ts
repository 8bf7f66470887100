/** The options of iptables itself, and which commands they go with. iptables/xshared.c */

/** Commands by their letters. */
export type CommandLetter =
  | 'A'
  | 'C'
  | 'D'
  | 'R'
  | 'I'
  | 'L'
  | 'S'
  | 'F'
  | 'Z'
  | 'N'
  | 'X'
  | 'E'
  | 'P';

/** Options that are counted once and checked against the command, as messages name them. */
export type OptionName =
  | '-n'
  | '-s'
  | '-d'
  | '-p'
  | '-j'
  | '-v'
  | '-x'
  | '-i'
  | '-o'
  | '-0'
  | '-c'
  | '-f';

const RULE_COMMANDS: readonly CommandLetter[] = ['I', 'D', 'R', 'A', 'C'];

/** Commands with which an option makes sense. options_v_commands[] */
export const OPTION_COMMANDS: Readonly<Record<OptionName, readonly CommandLetter[]>> = {
  '-n': ['L'],
  '-s': RULE_COMMANDS,
  '-d': RULE_COMMANDS,
  '-p': RULE_COMMANDS,
  '-j': RULE_COMMANDS,
  '-v': ['L', 'S', ...RULE_COMMANDS, 'F', 'Z', 'N', 'X', 'E', 'P'],
  '-x': ['L'],
  '-i': RULE_COMMANDS,
  '-o': RULE_COMMANDS,
  '-0': ['L'],
  '-c': ['I', 'R', 'A', 'P'],
  '-f': RULE_COMMANDS,
};

/** Options that `!` may stand before. */
export const INVERTIBLE: readonly OptionName[] = ['-s', '-d', '-p', '-i', '-o', '-f'];

/** A long option as the short one that it stands for, or a name of its own. */
export interface LongName {
  readonly name: string;
  readonly arg: 'none' | 'required' | 'optional';
  readonly letter: string;
}

/** iptables' own long options. original_opts[] */
export const LONG_OPTIONS: readonly LongName[] = [
  { name: 'append', arg: 'required', letter: 'A' },
  { name: 'delete', arg: 'required', letter: 'D' },
  { name: 'check', arg: 'required', letter: 'C' },
  { name: 'insert', arg: 'required', letter: 'I' },
  { name: 'replace', arg: 'required', letter: 'R' },
  { name: 'list', arg: 'optional', letter: 'L' },
  { name: 'list-rules', arg: 'optional', letter: 'S' },
  { name: 'flush', arg: 'optional', letter: 'F' },
  { name: 'zero', arg: 'optional', letter: 'Z' },
  { name: 'new-chain', arg: 'required', letter: 'N' },
  { name: 'delete-chain', arg: 'optional', letter: 'X' },
  { name: 'rename-chain', arg: 'required', letter: 'E' },
  { name: 'policy', arg: 'required', letter: 'P' },
  { name: 'source', arg: 'required', letter: 's' },
  { name: 'destination', arg: 'required', letter: 'd' },
  { name: 'src', arg: 'required', letter: 's' },
  { name: 'dst', arg: 'required', letter: 'd' },
  { name: 'protocol', arg: 'required', letter: 'p' },
  { name: 'in-interface', arg: 'required', letter: 'i' },
  { name: 'jump', arg: 'required', letter: 'j' },
  { name: 'table', arg: 'required', letter: 't' },
  { name: 'match', arg: 'required', letter: 'm' },
  { name: 'numeric', arg: 'none', letter: 'n' },
  { name: 'out-interface', arg: 'required', letter: 'o' },
  { name: 'verbose', arg: 'none', letter: 'v' },
  { name: 'wait', arg: 'optional', letter: 'w' },
  { name: 'wait-interval', arg: 'optional', letter: 'W' },
  { name: 'exact', arg: 'none', letter: 'x' },
  { name: 'fragments', arg: 'none', letter: 'f' },
  { name: 'version', arg: 'none', letter: 'V' },
  { name: 'help', arg: 'optional', letter: 'h' },
  { name: 'line-numbers', arg: 'none', letter: '0' },
  { name: 'modprobe', arg: 'required', letter: 'M' },
  { name: 'set-counters', arg: 'required', letter: 'c' },
  { name: 'goto', arg: 'required', letter: 'g' },
  { name: 'ipv4', arg: 'none', letter: '4' },
  { name: 'ipv6', arg: 'none', letter: '6' },
];

/** iptables' short options. */
export const SHORT_OPTIONS =
  'A:C:D:R:I:L::S::M:F::Z::N:X::E:P:Vh::o:p:s:d:j:i:fbvw::W::nt:m:xc:g:46';
