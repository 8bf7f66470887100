import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyLinux } from '../../test/interop/tiny-linux.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { LAB, PEER } from './flow.ts';
import { Places, type Running } from './places.ts';
import { skipped } from './tap.ts';

const QEMU = 'qemu-system-x86_64';
const ROUNDS = 3;
const MEGABYTES = 16;
const WHAT = 'throughput of a guest on -netdev stream, of the same on -netdev user';

/** A guest of QEMU, at whose console commands are typed. */
class Guest {
  readonly #console: Running;
  #typed = 0;

  constructor(console: Running) {
    this.#console = console;
  }

  /** @returns what a command prints */
  async run(command: string): Promise<string> {
    if (this.#typed === 0) await this.#console.until(/tiny# /);
    const n = ++this.#typed;
    this.#console.type(`echo "begin $((${n}))"; ${command}; echo "end $((${n}))."`);
    const output = new RegExp(`begin ${n}\\s+([^]*?)end ${n}\\.`);
    await this.#console.until(output);
    return output.exec(this.#console.said)?.[1] ?? '';
  }

  /** @returns Gbit/s of bulk TCP to a host or from it */
  async rate(host: string, up: boolean): Promise<number> {
    const dd = `bs=64k count=${MEGABYTES * 16}`;
    const send = `dd if=/dev/zero ${dd} | nc ${host} 5001`;
    const take = `nc ${host} 5002 < /dev/null | dd of=/dev/null iflag=fullblock ${dd}`;
    const said = await this.run(`(time sh -c '${up ? send : take}') 2>&1`);
    const [, minutes, seconds] = /real\s+(\d+)m ([\d.]+)s/.exec(said) ?? [];
    if (seconds === undefined) throw new Error(said);
    return (MEGABYTES * 8 * 1.048576) / 1000 / (Number(minutes) * 60 + Number(seconds));
  }
}

/** P14: bulk TCP of a guest of QEMU whose NIC is a stream to a lab, beside QEMU's own user mode. */
export async function measureGuests(): Promise<Figure[]> {
  const linux = Places.can(QEMU) ? tinyLinux() : `needs root, network namespaces and ${QEMU}`;
  if (typeof linux === 'string') return [skipped('P14', WHAT, linux)];
  const places = new Places();
  const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  try {
    const netns = places.make('guests');
    await places.start(netns, ...PEER, 'serve', '5001').until(/ready/);
    const path = join(folder, 'vm.sock');
    await places.start(netns, ...LAB, 'host', `unix:${path}`).until(/ready/);
    const boot = [
      ...[QEMU, '-accel', 'tcg', '-m', '192', '-nographic', '-no-reboot'],
      ...['-kernel', linux.kernel, '-initrd', linux.initrd],
      ...['-append', 'console=ttyS0 quiet panic=-1', '-device', 'virtio-net-pci,netdev=n0'],
    ];
    const nic = (netdev: string) => new Guest(places.start(netns, ...boot, '-netdev', netdev));
    const stream = nic(`stream,id=n0,server=off,addr.type=unix,addr.path=${path}`);
    const user = nic('user,id=n0');
    await stream.run('ip addr add 10.9.0.2/24 dev eth0');
    return await figures(stream, user);
  } finally {
    await places.end();
    rmSync(folder, { recursive: true });
  }
}

async function figures(stream: Guest, user: Guest): Promise<Figure[]> {
  const goals = { up: 1, down: 0.6 } as const;
  const found: Figure[] = [];
  for (const way of ['up', 'down'] as const) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await stream.rate('10.9.0.1', way === 'up'));
      theirs.push(await user.rate('10.0.2.2', way === 'up'));
    }
    const [us, peer] = [median(ours), median(theirs)];
    found.push({
      id: 'P14',
      what: `${WHAT}: ${way}`,
      value: us / peer,
      unit: '×',
      goal: goals[way],
      orMore: true,
      against: `${us.toFixed(2)} against ${peer.toFixed(2)} Gbit/s`,
    });
  }
  return found;
}
