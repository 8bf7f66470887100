import { type InetAddr, linkDump } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { formatInet, sameInet } from '../../libc-net/index.ts';
import type { Daemon } from '../daemon.ts';
import { sameNet } from '../domains/index.ts';
import { isServed } from '../network/index.ts';
import type { LocalNet } from './answer/index.ts';

const IFF_LOOPBACK = 0x8;

/** Who may ask, and through which devices. dnsmasq src/forward.c, receive_query() */
export class Admission {
  readonly #daemon: Daemon;
  #warned = false;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** With --local-service only neighbours may ask. */
  isLocal(from: SockAddr, warnAlways: boolean): boolean {
    const { config, network, log } = this.#daemon;
    if (!config.has('local-service')) return true;
    network.enumerate();
    if (network.local.some((l) => sameNet(l.addr, from.addr, l.prefixLength))) return true;
    const text = `ignoring query from non-local network ${formatInet(from.addr)}`;
    if (warnAlways) log.warning(text);
    else if (!this.#warned) log.warning(`${text} (logged only once)`);
    this.#warned = true;
    return false;
  }

  /** Whether a question that came in through a device for an address is ours. */
  isForUs(ifindex: number, to: InetAddr): boolean {
    const { proc, config, network } = this.#daemon;
    const link = linkDump(proc.netns).find((l) => l.ifindex === ifindex);
    if (link === undefined) return false;
    if (isServed(config, link.name, to)) return true;
    network.enumerate();
    const ours = network.served.filter((s) => sameInet(s.addr, to));
    if ((link.flags & IFF_LOOPBACK) !== 0 && ours.length > 0) return true;
    return typeof to === 'number' && ours.some((s) => s.ifindex === ifindex);
  }

  /** The net of the address that was asked, for --localise-queries. */
  netOf(to: InetAddr | undefined): LocalNet | undefined {
    const { config, network } = this.#daemon;
    if (typeof to !== 'number' || !config.has('localise-queries')) return undefined;
    network.enumerate();
    const served = network.served.find((s) => sameInet(s.addr, to));
    return served && { addr: served.addr, prefixLength: served.prefixLength };
  }
}
