/** Statements with a state, where an element has them. */
import type { NftStmt } from '@labwire/devices/netfilter';
import type { StmtNode } from '../parse/index.ts';
import { fail } from './context.ts';

/** The statement that an element has of its own. @throws NftError for one that names an object */
export function statefulElement(s: StmtNode): NftStmt {
  if (s.s !== 'plain') fail('only counter, limit, quota and ct count stand at an element', s.loc);
  return { ...s.stmt };
}
