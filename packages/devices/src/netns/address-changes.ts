import { WaitQueue } from '@labwire/core/sim';

/** What tells programs that addresses or devices of a namespace have changed: the groups of rtnetlink, without their messages. */
export class AddressChanges {
  /** Woken at each change. */
  readonly wq: WaitQueue = new WaitQueue();
  /** Changes so far. */
  count = 0;

  /** An address or a device came, went or is another. `rtnl_notify()` */
  note(): void {
    this.count++;
    this.wq.wake();
  }
}
