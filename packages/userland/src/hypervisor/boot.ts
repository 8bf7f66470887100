import { KernelError } from '@labwire/core/error';
import { MS, type Nanos } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { linkSet } from '@labwire/devices/rtnetlink';
import { exec, findProgram, type PoweredGuest, type Process } from '../machine/index.ts';

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

/** As ifupdown does for `allow-hotplug eth0`, `iface eth0 inet dhcp`. */
function startDhcp(proc: Process, name: string): void {
  const dev = proc.netns.devices.byName(name);
  if (dev === undefined) return;
  linkSet(proc.netns, dev.ifindex, { setFlags: IFF_UP });
  const client = DHCP_CLIENTS.map((words) => words(name)).find(([path = '']) =>
    proc.fs.exists(path),
  );
  if (client !== undefined) start(proc, client);
}

const DHCP_CLIENTS: readonly ((dev: string) => readonly string[])[] = [
  (dev) => ['/sbin/dhclient', '-4', '-v', '-pf', `/run/dhclient.${dev}.pid`, dev],
  (dev) => ['/sbin/udhcpc', '-n', '-i', dev],
];

/** Starts a program by its absolute path. */
function start(proc: Process, argv: readonly string[]): Process {
  return proc.spawn(
    argv,
    async (child) => {
      const path = findProgram(child, argv[0] ?? '');
      if (path === undefined) throw new KernelError('ENOENT');
      return exec(child, path, argv);
    },
    { newGroup: true },
  );
}
