import { KernelError } from '@labwire/core/error';
import { IFF_UP } from '@labwire/devices/link';
import { linkSet } from '@labwire/devices/rtnetlink';
import { exec, findProgram, type Process } from '../machine/index.ts';

/** The clients that there may be, the first one preferred. */
const DHCP_CLIENTS: readonly ((dev: string) => readonly string[])[] = [
  (dev) => ['/sbin/dhclient', '-4', '-v', '-pf', `/run/dhclient.${dev}.pid`, dev],
  (dev) => ['/sbin/udhcpc', '-n', '-i', dev],
];

/** Sets a device up and lets a client ask for its address, as ifupdown does for `iface eth0 inet dhcp`. */
export function startDhcp(proc: Process, name: string): void {
  const dev = proc.netns.devices.byName(name);
  if (dev === undefined) return;
  linkSet(proc.netns, dev.ifindex, { setFlags: IFF_UP });
  const client = DHCP_CLIENTS.map((words) => words(name)).find(([path = '']) =>
    proc.fs.exists(path),
  );
  if (client !== undefined) start(proc, client);
}

/** Starts a program by its absolute path, in the background. */
export function start(proc: Process, argv: readonly string[]): Process {
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
