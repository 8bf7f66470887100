/** What the kernel refuses a request on sets with. Linux include/uapi/linux/netfilter/ipset/ip_set.h, `enum ipset_errno` */
export type IpSetError =
  | 'type'
  | 'noset'
  | 'nosecond'
  | 'exists'
  | 'used'
  | 'notype'
  | 'newname'
  | 'present'
  | 'absent'
  | 'range'
  | 'full'
  | 'nomember'
  | 'loop'
  | 'cidr';

/** A request that was refused. */
export class IpSetFault extends Error {
  readonly error: IpSetError;

  constructor(error: IpSetError) {
    super(error);
    this.error = error;
  }
}
