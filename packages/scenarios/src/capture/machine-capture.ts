import { CHECKSUM_PARTIAL, type SkBuff } from '@labwire/core/skb';
import { completeChecksum, ETH_P_IP, IPPROTO_TCP, PcapngWriter } from '@labwire/core/wire';
import { IFF_LOOPBACK, type NetDevice } from '@labwire/devices/link';
import type { Kernel } from '@labwire/devices/netns';

const ETH_ADDRESSES = 12;

/** What goes in and out at the devices of one machine: an interface for each device, whatever namespace it is in. */
export class MachineCapture {
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #writer = new PcapngWriter();
  readonly #interfaces = new Map<NetDevice, number>();

  constructor(name: string, kernel: Kernel) {
    this.name = name;
    this.#kernel = kernel;
    kernel.trace.receive.listen((skb, dev) => this.#record(skb, dev));
    kernel.trace.xmit.listen((skb, dev) => {
      // What lo sends it receives again: one of the two is enough, as in tcpdump.
      if ((dev.flags & IFF_LOOPBACK) === 0) this.#record(skb, dev);
    });
  }

  /** The file's bytes; devices that no frame came by have their interface too. */
  finish(): Uint8Array[] {
    for (const netns of this.#kernel.netnses())
      for (const dev of netns.devices.list()) this.#interfaceOf(dev);
    return this.#writer.takeChunks();
  }

  #record(skb: SkBuff, dev: NetDevice): void {
    const iface = this.#interfaceOf(dev);
    const { now } = this.#kernel.sim;
    if (skb.vlanTci >= 0) {
      const frame = wireBytes(skb);
      this.#writer.packet(iface, now, frame, 0, frame.length);
      return;
    }
    const at = this.#writer.packet(iface, now, skb.buf, skb.mac, skb.tail);
    if (skb.ipSummed === CHECKSUM_PARTIAL) fillInChecksum(this.#writer.bytes, at, skb);
  }

  #interfaceOf(dev: NetDevice): number {
    let number = this.#interfaces.get(dev);
    if (number === undefined) {
      number = this.#writer.addInterface(this.#nameOf(dev));
      this.#interfaces.set(dev, number);
    }
    return number;
  }

  /** Devices of other namespaces than the first carry its number: `eth0@net:[4026531841]`. */
  #nameOf(dev: NetDevice): string {
    if (dev.netns === null || dev.netns === this.#kernel.initNetns) return dev.name;
    return `${dev.name}@net:[${dev.netns.ino}]`;
  }
}

/** A frame as it would be on a wire: its VLAN tag in place, its checksum filled in. */
export function wireBytes(skb: SkBuff): Uint8Array {
  const frame = skb.buf.slice(skb.mac, skb.tail);
  if (skb.ipSummed === CHECKSUM_PARTIAL) fillInChecksum(frame, 0, skb);
  if (skb.vlanTci < 0) return frame;
  const tagged = new Uint8Array(frame.length + 4);
  tagged.set(frame.subarray(0, ETH_ADDRESSES));
  tagged.set(
    [skb.vlanProto >> 8, skb.vlanProto & 255, skb.vlanTci >> 8, skb.vlanTci & 255],
    ETH_ADDRESSES,
  );
  tagged.set(frame.subarray(ETH_ADDRESSES), ETH_ADDRESSES + 4);
  return tagged;
}

/** Offsets of the protocol in IPv4 and IPv6 headers, and of the check field in TCP and UDP. */
const [PROTOCOL4, PROTOCOL6, TCP_CHECK, UDP_CHECK] = [9, 6, 16, 6];

/** Completes the checksum in a copy of a frame that begins at `at`. */
function fillInChecksum(buf: Uint8Array, at: number, skb: SkBuff): void {
  const start = at + skb.th - skb.mac;
  const network = at + skb.nh - skb.mac;
  const protocol = buf[network + (skb.protocol === ETH_P_IP ? PROTOCOL4 : PROTOCOL6)];
  const check = start + (protocol === IPPROTO_TCP ? TCP_CHECK : UDP_CHECK);
  completeChecksum(buf, start, check, at + skb.tail - skb.mac);
}
