import type { MacAddr } from '@labwire/core/addr';
import type { RandomStream, Simulator } from '@labwire/core/sim';
import { Netns } from './netns.ts';

/** Inode number of the first network namespace of a machine: what `readlink /proc/self/ns/net` shows. */
const FIRST_NETNS_INO = 4_026_531_840;

/** One machine's kernel: its network namespaces, and what they share. */
export class Kernel {
  readonly sim: Simulator;
  /** The machine's name, which also names its random streams. */
  readonly name: string;
  readonly random: RandomStream;
  /** The namespace that the machine boots with. */
  readonly initNetns: Netns;
  #nextIno = FIRST_NETNS_INO;

  constructor(sim: Simulator, name: string) {
    this.sim = sim;
    this.name = name;
    this.random = sim.random(`kernel ${name}`);
    this.initNetns = this.newNetns();
  }

  /** Makes a namespace with nothing but `lo`, which is down. `copy_net_ns()` */
  newNetns(): Netns {
    return new Netns(this, this.#nextIno++);
  }

  /** A locally administered unicast address. `eth_random_addr()` */
  randomMac(): MacAddr {
    const first = (this.random.below(256) & 0xfe) | 0x02;
    return (first * 0x100_0000_0000 +
      this.random.below(256) * 0x1_0000_0000 +
      this.random.u32()) as MacAddr;
  }
}
