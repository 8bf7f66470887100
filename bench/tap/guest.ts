import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tinyLinux } from '../../test/interop/tiny-linux.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { LAB, PEER } from './flow.ts';
import { GATEWAY, outside, passt } from './peers.ts';
import { Places, type Running } from './places.ts';
import { skipped } from './tap.ts';

const QEMU = 'qemu-system-x86_64';
const ROUNDS = 3;
const MEGABYTES = 16;
const WHAT = 'throughput of a guest on -netdev stream';

/** A guest of QEMU, at whose console commands are typed. */
class Guest {
  readonly #console: Running;
  #typed = 0;

  constructor(console: Running) {
    this.#console = console;
  }

  /** @returns what a command prints */
  async run(command: string): Promise<string> {
    if (this.#typed === 0) await this.#begin();
    const n = ++this.#typed;
    this.#console.type(`echo "begin $((${n}))"; ${command}; echo "end $((${n}))."`);
    const output = new RegExp(`begin ${n}\\s+([^]*?)end ${n}\\.`);
    await this.#console.until(output);
    return output.exec(this.#console.said)?.[1] ?? '';
  }

  /** Opens 9, an input that has nothing and does not end: passt stops sending to who sends no more. */
  async #begin(): Promise<void> {
    await this.#console.until(/tiny# /);
    this.#console.type('mkfifo silence; exec 9<>silence');
  }

  /** @returns Gbit/s of bulk TCP to a host or from it */
  async rate(host: string, up: boolean): Promise<number> {
    const dd = `bs=64k count=${MEGABYTES * 16}`;
    const send = `dd if=/dev/zero ${dd} | nc ${host} 5001`;
    const take = `nc ${host} 5002 <&9 | dd of=/dev/null iflag=fullblock ${dd}`;
    const said = await this.run(`(time sh -c '${up ? send : take}') 2>&1`);
    const [, minutes, seconds] = /real\s+(\d+)m ([\d.]+)s/.exec(said) ?? [];
    if (seconds === undefined) throw new Error(said);
    return (MEGABYTES * 8 * 1.048576) / 1000 / (Number(minutes) * 60 + Number(seconds));
  }
}

/** A guest, and who answers it at ports 5001 and 5002. */
interface Tried {
  readonly guest: Guest;
  readonly host: string;
}

/** P14: bulk TCP of a guest of QEMU whose NIC is a stream to a lab, beside QEMU's own user mode, and beside a stream to passt. */
export async function measureGuests(): Promise<Figure[]> {
  const linux = Places.can(QEMU) ? tinyLinux() : `needs root, network namespaces and ${QEMU}`;
  if (typeof linux === 'string') return [skipped('P14', WHAT, linux)];
  const places = new Places();
  const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  try {
    const netns = outside(places, 'guests');
    await places.start(netns, ...PEER, 'serve', '5001').until(/ready/);
    const path = join(folder, 'vm.sock');
    await places.start(netns, ...LAB, 'host', `unix:${path}`).until(/ready/);
    const nic = (netdev: string) =>
      new Guest(places.start(netns, ...booting(linux), '-netdev', netdev));
    const ours: Tried = { guest: nic(stream(path)), host: '10.9.0.1' };
    const user: Tried = { guest: nic('user,id=n0'), host: '10.0.2.2' };
    await ours.guest.run('ip addr add 10.9.0.2/24 dev eth0');
    const beside = await behindPasst(places, netns, join(folder, 'passt.sock'), nic);
    return await figures(ours, user, beside);
  } finally {
    await places.end();
    rmSync(folder, { recursive: true });
  }
}

const stream = (path: string): string => `stream,id=n0,server=off,addr.type=unix,addr.path=${path}`;

function booting({ kernel, initrd }: { kernel: string; initrd: string }): string[] {
  return [
    ...[QEMU, '-accel', 'tcg', '-m', '192', '-nographic', '-no-reboot'],
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', 'console=ttyS0 quiet panic=-1', '-device', 'virtio-net-pci,netdev=n0'],
  ];
}

async function behindPasst(
  places: Places,
  netns: string,
  path: string,
  nic: (netdev: string) => Guest,
): Promise<Tried | undefined> {
  if (!Places.can('passt')) return undefined;
  passt(places, netns, path);
  while (!existsSync(path)) await pause(50);
  return { guest: nic(stream(path)), host: GATEWAY };
}

async function figures(ours: Tried, user: Tried, beside: Tried | undefined): Promise<Figure[]> {
  const goals = { up: 1, down: 0.6 } as const;
  const all = beside === undefined ? [ours, user] : [ours, user, beside];
  const found: Figure[] = [];
  for (const way of ['up', 'down'] as const) {
    const rates = all.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, { guest, host }] of all.entries())
        rates[i]?.push(await guest.rate(host, way === 'up'));
    const [us, peer, other] = rates.map(median) as [number, number, number?];
    const figure = (of: string, theirs: number, goal?: number): Figure => ({
      id: 'P14',
      what: `${WHAT}, of the same on ${of}: ${way}`,
      value: us / theirs,
      unit: '×',
      goal,
      orMore: true,
      against: `${us.toFixed(2)} against ${theirs.toFixed(2)} Gbit/s`,
    });
    found.push(figure('-netdev user', peer, goals[way]));
    if (other !== undefined) found.push(figure('a stream to passt', other));
  }
  if (beside === undefined)
    found.push(skipped('P14', `${WHAT}, of a stream to passt`, 'needs passt'));
  return found;
}
