import {
  formatIpv4,
  formatMac,
  IPV4_ANY,
  type Ipv4Addr,
  MAC_BROADCAST,
  type MacAddr,
  parseIpv4,
} from '@labwire/core/addr';
import { get16, get32, get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, SEC, Tracepoint, US, WaitQueue } from '@labwire/core/sim';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, type SkBuff } from '@labwire/core/skb';
import { IFF_LOOPBACK, IFF_NOARP, type NetDevice } from '@labwire/devices/link';
import {
  closeSocket,
  type GetoptTable,
  getopt,
  installFd,
  openUdp,
  SignalFlag,
} from '../libc-net/index.ts';
import { type OpenFile, type Process, SIGINT, SIGQUIT, SIGTERM } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import { ARPING_USAGE, type ArpingOptions, readArpingOptions } from './arping-options.ts';
import { ProgramError, reportErrors, warn } from './program-error.ts';

const ETH_P_ARP = 0x0806;
const ARPOP_REQUEST = 1;
const ARPOP_REPLY = 2;
/** Bytes of an ARP packet for IPv4 over Ethernet. */
const ARP_LENGTH = 28;

/** An ARP packet that came in. */
interface ArpPacket {
  readonly op: number;
  readonly sha: MacAddr;
  readonly spa: Ipv4Addr;
  readonly tha: MacAddr;
  readonly tpa: Ipv4Addr;
  readonly toHost: boolean;
  readonly at: Nanos;
}

/** What its command line may hold. */
export const ARPING_OPTIONS: GetoptTable = { letters: 'h?bfDUAqc:w:i:s:I:V', usage: ARPING_USAGE };

/** A packet socket for ARP: socket(AF_PACKET, SOCK_DGRAM, ETH_P_ARP). */
class ArpSocket implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  readonly #queue: ArpPacket[] = [];
  readonly #stop: () => void;

  constructor(proc: Process, dev: NetDevice) {
    dev.tap ??= new Tracepoint();
    this.#stop = dev.tap.listen((skb) => this.#take(skb, proc.now));
  }

  next(): ArpPacket | undefined {
    return this.#queue.shift();
  }

  poll(): number {
    return this.#queue.length > 0 ? POLLIN : 0;
  }

  read(): undefined {}

  write(): number {
    throw new KernelError('EBADF');
  }

  ref(): void {}

  unref(): void {
    this.#stop();
  }

  #take(skb: SkBuff, at: Nanos): void {
    const { buf, pktType } = skb;
    const off = skb.mac + 14;
    const here =
      pktType === PACKET_HOST || pktType === PACKET_BROADCAST || pktType === PACKET_MULTICAST;
    if (!here || skb.protocol !== ETH_P_ARP || skb.tail - off < ARP_LENGTH) return;
    const op = get16(buf, off + 6);
    if (op !== ARPOP_REQUEST && op !== ARPOP_REPLY) return;
    this.#queue.push({
      op,
      sha: get48(buf, off + 8) as MacAddr,
      spa: get32(buf, off + 14) as Ipv4Addr,
      tha: get48(buf, off + 18) as MacAddr,
      tpa: get32(buf, off + 24) as Ipv4Addr,
      toHost: pktType === PACKET_HOST,
      at,
    });
    this.wq.wake();
  }
}

/** arping(8). iputils arping.c */
export function arping(proc: Process): Promise<number> {
  return reportErrors(proc, async () => {
    const { options: found, operands, error } = getopt(proc.argv.slice(1), ARPING_OPTIONS.letters);
    if (error !== undefined) await warn(proc, error);
    const first = found.find((o) => 'hV?'.includes(o.opt));
    if (first?.opt === 'V') {
      await proc.out('arping from iputils 20221126\n');
      return 0;
    }
    const target = operands[0];
    if (error !== undefined || first !== undefined || target === undefined || operands.length > 1) {
      await proc.err(ARPING_USAGE);
      return 2;
    }
    return start(proc, readArpingOptions(found), target);
  });
}

async function start(proc: Process, o: ArpingOptions, target: string): Promise<number> {
  if (proc.uid !== 0) throw new ProgramError(2, 'socket', 'EPERM');
  const found = await resolve(proc, target, 'inet');
  if ('error' in found) throw new ProgramError(2, `${target}: ${gaiStrerror(found.error)}`);
  const dst = found.addrs[0]?.addr as Ipv4Addr;
  const dev = findDevice(proc, o.device);
  const unusable = !dev.isUp
    ? 'is down'
    : (dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0
      ? 'is not ARPable'
      : undefined;
  if (unusable !== undefined) {
    if (!o.quiet) await proc.out(`Interface "${dev.name}" ${unusable}\n`);
    return 2;
  }
  const src = sourceAddress(proc, o, dst, dev);
  if (!o.quiet) await proc.out(`ARPING ${formatIpv4(dst)} from ${formatIpv4(src)} ${dev.name}\n`);
  return new Arping(proc, o, dev, dst, src).run();
}

function findDevice(proc: Process, name: string | undefined): NetDevice {
  if (name !== undefined) {
    const dev = proc.netns.devices.byName(name);
    if (dev === undefined) throw new ProgramError(2, `Device ${name} not available.`);
    return dev;
  }
  const suitable = proc.netns.devices
    .list()
    .filter((d) => d.isUp && (d.flags & (IFF_NOARP | IFF_LOOPBACK)) === 0);
  if (suitable.length !== 1)
    throw new ProgramError(2, 'Suitable device could not be determined. Please, use option -I.');
  return suitable[0] as NetDevice;
}

function sourceAddress(proc: Process, o: ArpingOptions, dst: Ipv4Addr, dev: NetDevice): Ipv4Addr {
  const given = o.source === undefined ? undefined : parseIpv4(o.source);
  if (o.source !== undefined && given === undefined)
    throw new ProgramError(2, `invalid source ${o.source}`);
  const own = given ?? (o.unsolicited ? dst : undefined);
  if (own === undefined && o.dad) return IPV4_ANY;
  const probe = openUdp(proc, 'inet');
  try {
    probe.boundDev = dev;
    if (own !== undefined) probe.bind({ addr: own, port: 0 });
    else probe.connect({ addr: dst, port: 1025 });
    return probe.localAddr().addr as Ipv4Addr;
  } catch (e) {
    if (e instanceof KernelError)
      throw new ProgramError(2, own === undefined ? 'connect' : 'bind', e.errno);
    throw e;
  } finally {
    closeSocket(proc, probe);
  }
}

class Arping {
  readonly #proc: Process;
  readonly #o: ArpingOptions;
  readonly #dev: NetDevice;
  readonly #dst: Ipv4Addr;
  readonly #src: Ipv4Addr;
  /** Whom requests are sent to: the one that answered, once one has. */
  #to: MacAddr = MAC_BROADCAST;
  #sent = 0;
  #broadcasts = 0;
  #received = 0;
  #broadcastReplies = 0;
  #requests = 0;
  #last: Nanos = -1;

  constructor(proc: Process, o: ArpingOptions, dev: NetDevice, dst: Ipv4Addr, src: Ipv4Addr) {
    this.#proc = proc;
    this.#o = o;
    this.#dev = dev;
    this.#dst = dst;
    this.#src = src;
  }

  async run(): Promise<number> {
    const sock = new ArpSocket(this.#proc, this.#dev);
    installFd(this.#proc, sock);
    const stop = SignalFlag.catch(this.#proc, SIGINT, SIGQUIT, SIGTERM);
    const { count, interval, timeout } = this.#o;
    const end = timeout === 0 ? Infinity : this.#proc.now + timeout * SEC;
    let due = interval === 0 ? Infinity : this.#proc.now + interval * SEC;
    let ticks = 1;
    this.#send();
    for (;;) {
      const wait = Math.min(end, due) - this.#proc.now;
      const items = [sock, stop].map((on) => ({ on, events: POLLIN }));
      await this.#proc.poll(
        items,
        wait === Infinity ? undefined : Math.max(0, wait),
        'ARP replies',
      );
      if (stop.raised || (await this.#takeAll(sock)) || this.#proc.now >= end) break;
      if (this.#proc.now < due) continue;
      due += interval * SEC;
      if (count > 0 && count < ++ticks) break;
      this.#send();
    }
    return this.#finish();
  }

  #send(): void {
    const { advert } = this.#o;
    const { arp } = this.#proc.netns.ipv4;
    const tha = advert ? this.#dev.addr : this.#to;
    arp.send(
      advert ? ARPOP_REPLY : ARPOP_REQUEST,
      this.#dev,
      this.#to,
      this.#src,
      this.#dev.addr,
      this.#dst,
      tha,
    );
    this.#last = this.#proc.now;
    this.#sent++;
    if (this.#to === MAC_BROADCAST) this.#broadcasts++;
  }

  /** @returns whether enough has come */
  async #takeAll(sock: ArpSocket): Promise<boolean> {
    for (let packet = sock.next(); packet !== undefined; packet = sock.next())
      if (this.#isOurs(packet) && (await this.#take(packet))) return true;
    return false;
  }

  #isOurs(p: ArpPacket): boolean {
    if (p.spa !== this.#dst) return false;
    if (!this.#o.dad) return p.tpa === this.#src && p.tha === this.#dev.addr;
    return p.sha !== this.#dev.addr && (this.#src === IPV4_ANY || p.tpa === this.#src);
  }

  /** recv_pack() */
  async #take(p: ArpPacket): Promise<boolean> {
    if (!this.#o.quiet) await this.#proc.out(this.#line(p));
    this.#received++;
    if (this.#o.timeout > 0 && this.#received === this.#o.count) return true;
    if (!p.toHost) this.#broadcastReplies++;
    if (p.op === ARPOP_REQUEST) this.#requests++;
    if (this.#o.quitOnReply || (this.#o.count === 0 && this.#received === this.#sent)) return true;
    if (!this.#o.broadcastOnly) this.#to = p.sha;
    return false;
  }

  #line(p: ArpPacket): string {
    const how = `${p.toHost ? 'Unicast' : 'Broadcast'} ${p.op === ARPOP_REPLY ? 'reply' : 'request'}`;
    let text = `${how} from ${formatIpv4(p.spa)} [${formatMac(p.sha).toUpperCase()}] `;
    const elsewhere = p.tpa !== this.#src;
    if (elsewhere) text += `for ${formatIpv4(p.tpa)} `;
    if (p.tha !== this.#dev.addr)
      text += `${elsewhere ? '' : 'for '}[${formatMac(p.tha).toUpperCase()}]`;
    const us = Math.floor((p.at - this.#last + 500) / US);
    const ms = Math.floor((us + 500) / 1000);
    return `${text} ${ms}.${String(us - ms * 1000 + 500).padStart(3, '0')}ms\n`;
  }

  async #finish(): Promise<number> {
    if (!this.#o.quiet) {
      const kinds: string[] = [];
      if (this.#requests > 0) kinds.push(`${this.#requests} request(s)`);
      if (this.#broadcastReplies > 0) kinds.push(`${this.#broadcastReplies} broadcast(s)`);
      const detail = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
      await this.#proc.out(
        `Sent ${this.#sent} probes (${this.#broadcasts} broadcast(s))\nReceived ${this.#received} response(s)${detail}\n`,
      );
    }
    return this.#status() ? 0 : 1;
  }

  #status(): boolean {
    if (this.#o.dad) return this.#received === 0 && this.#broadcasts !== this.#received;
    if (this.#o.unsolicited) return true;
    if (this.#received === 0) return false;
    return (this.#o.timeout > 0 && this.#o.count === 0) || this.#sent === this.#received;
  }
}
