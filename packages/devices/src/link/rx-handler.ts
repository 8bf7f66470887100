import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from './net-device.ts';

/** What a master (a bridge, a bond) wants of frames that come in at a port. Linux `rx_handler_func_t`. */
export interface RxHandler {
  /**
   * Looks at a frame whose Ethernet header has been pulled.
   * @returns true if it took the frame and owns it now; false if the port's own stack shall have it (RX_HANDLER_PASS)
   */
  handleFrame(skb: SkBuff, port: NetDevice): boolean;
}

/** What a device that has ports does about them: `ndo_add_slave`, `ndo_del_slave`, `slave_changelink`, `fill_slave_info`. */
export interface PortOps {
  /** Takes a device as a port. @throws {@link KernelError} ELOOP, EINVAL, … with the kernel's words */
  add(dev: NetDevice): void;
  /** Lets a port go. */
  remove(port: NetDevice): void;
  /** A port's attributes: IFLA_INFO_SLAVE_DATA. */
  data(port: NetDevice): Readonly<Record<string, unknown>>;
  /** Changes some of them. @throws {@link KernelError} */
  change(port: NetDevice, data: Readonly<Record<string, unknown>>): void;
}
