import { type Item, Opts } from './command-line/index.ts';
import { deviceHelp, findDevice, nicModels } from './devices.ts';
import { NETDEV_HELP } from './net/index.ts';
import { nicHelp } from './nic-help.ts';

/** What `--version` prints. */
export const VERSION = `QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)
Copyright (c) 2003-2022 Fabrice Bellard and the QEMU Project developers
`;

const USAGE = `${VERSION}usage: qemu-system-x86_64 [options] [disk_image]

'disk_image' is a raw hard disk image for IDE hard disk 0

Of QEMU's options Labwire acts on those about networks:
-netdev user|tap|bridge|socket|stream|dgram|hubport,id=str[,…]
-device NIC[,netdev=str][,mac=macaddr]
-nic user|tap|bridge|socket|none[,model=NIC][,mac=macaddr][,…]
-net nic[,macaddr=mac][,model=type]   -net user|tap|bridge|socket[,…]
and on -name, -hda to -hdd, -drive, -cdrom, -daemonize, -pidfile, -S, -monitor, -nographic, -no-reboot, -version, help lists.
The others are accepted as QEMU accepts them; they change nothing that a network shows.
`;

const isHelp = (value: string | undefined): boolean => value === 'help' || value === '?';

/** What options that only ask for a list are answered with; undefined if there is none. */
export function answerOf(items: readonly Item[]): string | undefined {
  for (const { name, value, where } of items) {
    if (name === 'version') return VERSION;
    if (name === 'help') return USAGE;
    if (name === 'device' && isHelp(value)) return deviceHelp();
    if (name === 'device') {
      const opts = new Opts(where, value, 'driver');
      const device = findDevice(opts.get('driver') ?? '');
      const asked = opts.keys.some(isHelp) && device !== undefined;
      const help = asked ? nicHelp(device.name) : undefined;
      if (help !== undefined) return help;
    }
    if (name === 'netdev' && isHelp(value)) return NETDEV_HELP;
    if (name !== 'nic' && name !== 'net') continue;
    if (isHelp(new Opts(where, value, 'type').get('model')))
      return `Supported NIC models:\n${nicModels().join('\n')}\n`;
  }
  return undefined;
}
