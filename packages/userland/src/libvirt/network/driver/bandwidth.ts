import type { Process } from '../../../machine/index.ts';
import { LibvirtError, runCommand } from '../../base/index.ts';
import type { Rate } from '../conf/index.ts';

/** Bytes that a class sends in its turn are its rate in bytes divided by this. */
const MTU = 1500;
const BITS_PER_BYTE = 8;
const KIB = 1024;
/** The largest burst that tc takes, in KiB: UINT_MAX bytes. */
const MAX_BURST = Math.floor((2 ** 32 - 1) / KIB);

/** Limits as a device sees them, which need not be a guest's view. */
export interface Limits {
  readonly sent: Rate | undefined;
  readonly received: Rate | undefined;
}

/** The limits of one device, which tc keeps. libvirt src/util/virnetdevbandwidth.c */
export class BandwidthLimit {
  readonly #proc: Process;
  readonly #device: string;

  constructor(proc: Process, device: string) {
    this.#proc = proc;
    this.#device = device;
  }

  /**
   * Limits the device: what it sends goes through one class, what it receives is policed. virNetDevBandwidthSet()
   * @param tree whether the class stands under one for all: a network's, beside which those of single guests could stand
   * @throws LibvirtError; what was limited then still is
   */
  async set({ sent, received }: Limits, tree: boolean): Promise<void> {
    await this.clear();
    if (sent !== undefined && sent.average > 0) await this.#shape(sent, tree);
    if (received !== undefined) await this.#police(received);
  }

  /** Takes all limits away; those that are gone already nobody misses. virNetDevBandwidthClear() */
  async clear(): Promise<void> {
    for (const at of ['root', 'ingress']) await this.#run(`qdisc del dev ${this.#device} ${at}`);
  }

  async #shape({ average, peak, burst }: Rate, tree: boolean): Promise<void> {
    const dev = `dev ${this.#device}`;
    const rate = `rate ${average}kbps`;
    const quantum = `quantum ${Math.floor((average * KIB) / BITS_PER_BYTE / MTU) || 1}`;
    const ceil = peak > 0 ? ` ceil ${peak}kbps` : '';
    const burstWords = burst > 0 ? ` burst ${burst}kb` : '';
    const [parent, id] = tree ? ['1:1', '1:2'] : ['1:', '1:1'];
    await this.#must(`qdisc add ${dev} root handle 1: htb default ${tree ? 2 : 1}`);
    if (tree)
      await this.#must(
        `class add ${dev} parent 1: classid 1:1 htb ${rate} ceil ${peak || average}kbps ${quantum}`,
      );
    await this.#must(
      `class add ${dev} parent ${parent} classid ${id} htb ${rate}${ceil}${burstWords} ${quantum}`,
    );
    await this.#must(`qdisc add ${dev} parent ${id} handle 2: sfq perturb 10`);
    await this.#must(`filter add ${dev} parent 1:0 protocol all prio 1 handle 1 fw flowid 1`);
  }

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
