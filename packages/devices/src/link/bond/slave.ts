import type { MacAddr } from '@labwire/core/addr';
import { McSync } from '../mc-sync.ts';
import type { NetDevice } from '../net-device.ts';
import { LINK_BACK, LINK_UP } from './constants.ts';

/** A port of a bond. Linux include/net/bonding.h, `struct slave`. */
export class Slave {
  readonly dev: NetDevice;
  /** Its address and MTU before it became a port. */
  readonly permAddr: MacAddr;
  readonly originalMtu: number;
  readonly originalAddrWasSet: boolean;
  /** LINK_* */
  link: number = LINK_UP;
  /** Looks at the link until it is believed to have come or gone. */
  delay = 0;
  /** Takes part in sending and receiving; the others of an active-backup bond wait. */
  active = false;
  failures = 0;
  readonly groups: McSync;

  constructor(bond: NetDevice, dev: NetDevice) {
    this.dev = dev;
    this.permAddr = dev.addr;
    this.originalMtu = dev.mtu;
    this.originalAddrWasSet = dev.addrWasSet;
    this.groups = new McSync(bond);
  }

  /** `bond_slave_can_tx()` */
  get canSend(): boolean {
    return this.link === LINK_UP && this.active && this.dev.running;
  }

  /** What is to be seen of it: a link that comes back is not up yet. */
  get isBack(): boolean {
    return this.link === LINK_BACK;
  }
}
