import type { Process } from '../../../machine/index.ts';
import { LibvirtError, runCommand } from '../../base/index.ts';
import type { Bandwidth, Rate } from '../conf/index.ts';

/** Bytes that a class sends in its turn are its rate in bytes divided by this. */
const MTU = 1500;
const BITS_PER_BYTE = 8;
const KIB = 1024;
/** The largest burst that tc takes, in KiB: UINT_MAX bytes. */
const MAX_BURST = Math.floor((2 ** 32 - 1) / KIB);

/** The limits of one device, which tc keeps. libvirt src/util/virnetdevbandwidth.c */
export class BandwidthLimit {
  readonly #proc: Process;
  readonly #device: string;

  constructor(proc: Process, device: string) {
    this.#proc = proc;
    this.#device = device;
  }

  /**
   * Limits a bridge: what guests receive goes through one class of a tree, what they send is policed. virNetDevBandwidthSet()
   * @throws LibvirtError; what was limited then still is
   */
  async set({ inbound, outbound }: Bandwidth): Promise<void> {
    await this.clear();
    if (inbound !== undefined && inbound.average > 0) await this.#shape(inbound);
    if (outbound !== undefined) await this.#police(outbound);
  }

  /** Takes all limits away; those that are gone already nobody misses. virNetDevBandwidthClear() */
  async clear(): Promise<void> {
    for (const at of ['root', 'ingress']) await this.#run(`qdisc del dev ${this.#device} ${at}`);
  }

  /** What the device sends. Classes of guests with a guaranteed share would stand next to 1:2. */
  async #shape({ average, peak, burst }: Rate): Promise<void> {
    const dev = `dev ${this.#device}`;
    const rate = `rate ${average}kbps`;
    const quantum = `quantum ${Math.floor((average * KIB) / BITS_PER_BYTE / MTU) || 1}`;
    const ceil = peak > 0 ? ` ceil ${peak}kbps` : '';
    const burstWords = burst > 0 ? ` burst ${burst}kb` : '';
    for (const command of [
      `qdisc add ${dev} root handle 1: htb default 2`,
      `class add ${dev} parent 1: classid 1:1 htb ${rate} ceil ${peak || average}kbps ${quantum}`,
      `class add ${dev} parent 1:1 classid 1:2 htb ${rate}${ceil}${burstWords} ${quantum}`,
      `qdisc add ${dev} parent 1:2 handle 2: sfq perturb 10`,
      `filter add ${dev} parent 1:0 protocol all prio 1 handle 1 fw flowid 1`,
    ])
      await this.#must(command);
  }

  /** What the device receives. */
  async #police({ average, burst }: Rate): Promise<void> {
    const dev = `dev ${this.#device}`;
    const limit = `rate ${average}kbps burst ${burst || Math.min(average, MAX_BURST)}kb mtu 64kb`;
    await this.#must(`qdisc add ${dev} ingress`);
    await this.#must(
      `filter add ${dev} parent ffff: protocol all u32 match u32 0 0 police ${limit} drop flowid :1`,
    );
  }

  async #must(command: string): Promise<void> {
    const failure = await this.#run(command);
    if (failure !== undefined) throw failure;
  }

  /** @returns the failure, if it failed */
  async #run(command: string): Promise<LibvirtError | undefined> {
    try {
      const { status, err } = await runCommand(this.#proc, ['tc', ...command.split(' ')]);
      if (status === 0) return undefined;
      const ended = `Child process (tc ${command}) unexpected exit status ${status}`;
      return new LibvirtError('internal', `${ended}: ${err}`);
    } catch (e) {
      if (e instanceof LibvirtError) return e;
      throw e;
    }
  }
}
