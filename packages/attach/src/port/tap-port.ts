import { KernelError, LabwireError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { IFF_NO_PI, IFF_TAP, TunFile } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import type { Outside, Port } from './port.ts';

/** A tap of the lab, made if it is not there; the outside stands where QEMU would. */
export class TapPort implements Port {
  readonly #file: TunFile;

  /** @throws LabwireError if another program holds the device or it is no tap */
  constructor(text: string, netns: Netns, dev: string, outside: Outside, superSegments: boolean) {
    this.#file = new TunFile(netns);
    try {
      this.#file.setIff(dev, IFF_TAP | IFF_NO_PI, { uid: 0, gid: 0 });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const mend =
        e.errno === 'EBUSY'
          ? 'a program of the lab holds it; end that, or name another tap'
          : 'name a tap, or a NIC that is alone on its link';
      throw new LabwireError(`${text}: ${e.message}; ${mend}`);
    }
    this.#file.setOffload(superSegments);
    this.#file.backend = {
      transmit: (skb) => outside.transmit(skb),
      gone: () => outside.portGone(),
    };
  }

  deliver(skb: SkBuff): void {
    this.#file.send(skb);
  }

  /** A tap has a carrier while somebody holds it, and that is the lab. */
  setConnected(): void {}
}
