import { MS, type Nanos } from '@labwire/core/sim';
import type { PoweredGuest, Process } from '../machine/index.ts';
import { start, startDhcp } from './start-dhcp.ts';

/** From power to the first program: firmware, boot loader, kernel. */
const KERNEL_TIME: Nanos = 1500 * MS;
/** From there to the login prompt. */
const SERVICES_TIME: Nanos = 1500 * MS;

/** The name of a guest's NIC by the first one's: `eth0` gives `eth1`, `enp1s0` gives `enp2s0`. */
export function nicName(first: string, index: number): string {
  return first.replace(/\d+(?=(s0)?$)/, (n) => String(Number(n) + index));
}

/** Boots a guest: its NICs come up and ask for addresses, then what its image runs, then `done`. */
export function bootGuest(guest: PoweredGuest, done: () => void): void {
  const { machine } = guest;
  const files = ['/dev/null', '/dev/null', '/dev/null'].map((path, fd) => {
    const file = machine.fs.open(path, { read: true, write: true });
    return [fd, file] as const;
  });
  machine.startProcess(machine.init, ['/sbin/init'], (proc) => boot(proc, guest, done), {
    uid: 0,
    cwd: '/',
    fds: new Map(files),
    newGroup: true,
  });
}

async function boot(proc: Process, guest: PoweredGuest, done: () => void): Promise<number> {
  await proc.sleep(KERNEL_TIME);
  if (guest.image.dhcp) for (const name of nics(proc)) startDhcp(proc, name);
  for (const command of guest.image.run)
    await proc.waitFor(start(proc, ['/bin/sh', '-c', command]));
  await proc.sleep(SERVICES_TIME);
  done();
  return 0;
}

function nics(proc: Process): string[] {
  const { netns } = proc;
  return netns.devices
    .list()
    .filter((dev) => dev !== netns.loopback && dev.linkType === undefined)
    .map((dev) => dev.name);
}
