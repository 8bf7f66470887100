import { Nic } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { NicPort } from './nic-port.ts';
import type { Outside, Port } from './port.ts';
import { TapPort } from './tap-port.ts';

/**
 * Opens a device of the lab to the outside: a NIC loses the cable that it had; a tap is held as QEMU would, and made if it is
 * not there.
 * @param text names it in messages
 * @param superSegments whether the outside takes super-segments of TCP
 * @throws LabwireError if it can't be opened
 */
export function openPort(
  text: string,
  netns: Netns,
  dev: string,
  outside: Outside,
  superSegments: boolean,
): Port {
  const found = netns.devices.byName(dev);
  return found instanceof Nic
    ? new NicPort(text, found, outside, superSegments)
    : new TapPort(text, netns, dev, outside, superSegments);
}
