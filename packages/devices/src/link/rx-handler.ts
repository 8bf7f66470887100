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
