import { Code } from './code.ts';
import { FilterError } from './filter-error.ts';
import { tokenize } from './lexer.ts';
import type { Filter } from './packet-view.ts';
import { Parser } from './parser.ts';
import type { NameTable } from './primitives.ts';
import { satisfiable } from './satisfiable.ts';
import { passes } from './test.ts';

/** What packets a filter is for. */
export interface FilterInput {
  readonly linkType: number;
  /** Whether they come from a device rather than a file. */
  readonly live: boolean;
}

/** Compiles a filter expression. pcap_compile() @throws FilterError */
export function compileFilter(text: string, names: NameTable, input: FilterInput): Filter {
  const tokens = tokenize(text);
  if (tokens.length === 0) return () => true;
  const test = new Parser(tokens, new Code(input.linkType, input.live), names).whole();
  if (!satisfiable(test)) throw new FilterError('expression rejects all packets');
  return (p) => passes(test, p) && !p.rejected;
}
