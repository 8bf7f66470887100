import { LIBVIRT_VERSION } from '../base/index.ts';
import type { CommandDef } from './command.ts';

/** The QEMU that Labwire follows: Debian's. */
const QEMU_VERSION = '7.2.22';

const uri: CommandDef = {
  name: 'uri',
  async run(vsh) {
    await vsh.print(`${vsh.connection.uri}\n`);
    return true;
  },
};

const hostname: CommandDef = {
  name: 'hostname',
  async run(vsh) {
    const name = await vsh.connection.call((daemon) => daemon.proc.machine.hostname);
    await vsh.print(`${name}\n`);
    return true;
  },
};

const version: CommandDef = {
  name: 'version',
  description: 'Display the system version information.',
  options: [{ name: 'daemon', type: 'bool', help: 'report daemon version too' }],
  async run(vsh, cmd) {
    await vsh.print(`Compiled against library: libvirt ${LIBVIRT_VERSION}
Using library: libvirt ${LIBVIRT_VERSION}
Using API: QEMU ${LIBVIRT_VERSION}
Running hypervisor: QEMU ${QEMU_VERSION}
`);
    if (cmd.has('daemon')) await vsh.print(`Running against daemon: ${LIBVIRT_VERSION}\n`);
    return true;
  },
};

/** Commands that tell of the host. libvirt tools/virsh-host.c */
export const hostCommands: readonly CommandDef[] = [hostname, uri, version];
