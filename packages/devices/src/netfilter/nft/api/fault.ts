import { type Errno, KernelError } from '@labwire/core/error';

/** The attribute of a request that the kernel does not take; undefined: the request as a whole. */
export type NftAttr =
  | 'table'
  | 'chain'
  | 'set'
  | 'object'
  | 'flowtable'
  | 'handle'
  | 'position'
  | 'device'
  | 'policy'
  | 'element';

/** What nf_tables refuses a request with, and the attribute that is at fault. `NL_SET_BAD_ATTR()` */
export class NftFault extends KernelError {
  readonly attr: NftAttr | undefined;
  /** The statement of the rule that is at fault, counted from 0. */
  readonly stmt: number | undefined;

  constructor(errno: Errno, attr?: NftAttr, extack?: string, stmt?: number) {
    super(errno, extack);
    this.attr = attr;
    this.stmt = stmt;
  }
}
