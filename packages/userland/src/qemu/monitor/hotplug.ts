import { type Item, Opts } from '../command-line/index.ts';
import { deviceHelp } from '../devices.ts';
import type { Emulator } from '../machine/index.ts';
import { addDevice, addNetdev } from '../machine/index.ts';
import { NETDEV_HELP } from '../net/index.ts';
import { QemuError } from '../qemu-error.ts';

/** What a monitor's line says in place of an option: the words, and no place to blame. */
function optsOf(text: string, first: string): Opts {
  const item: Item = { name: first, value: text, where: '' };
  return new Opts(item.where, item.value, first);
}

/** @throws QemuError if there are no words */
function needs(text: string, first: string): void {
  if (text === '') throw new QemuError(undefined, `Parameter '${first}' is missing`);
}

/** Words that QEMU's parser itself refuses: told on its standard error. monitor_parse_arguments(), qemu_opts_from_qdict() */
async function parsed(emulator: Emulator, work: () => Opts): Promise<Opts | undefined> {
  try {
    return work();
  } catch (e) {
    if (!(e instanceof QemuError)) throw e;
    await emulator.proc.err(`${emulator.program}: ${e.message}\n`);
    return undefined;
  }
}

/** Refused by the parser: the monitor shows how it is called. */
export class BadOptions extends Error {
  override readonly name = 'BadOptions';
}

/** `netdev_add user,id=n1`. hmp_netdev_add() @throws QemuError, BadOptions */
export async function netdevAdd(emulator: Emulator, text: string): Promise<string> {
  if (text === 'help' || text === '?') return NETDEV_HELP;
  needs(text, 'id');
  const opts = await parsed(emulator, () => {
    const read = optsOf(text, 'type');
    const id = read.get('id');
    if (id !== undefined && emulator.netdevs.has(id))
      throw read.error(`Duplicate ID '${id}' for netdev`);
    return read;
  });
  if (opts === undefined) throw new BadOptions();
  await addNetdev(emulator, opts, opts.required('id'));
  return '';
}

/** `netdev_del n1`: a NIC that it serves loses its carrier. qmp_netdev_del() @throws QemuError */
export async function netdevDel(emulator: Emulator, id: string): Promise<string> {
  const netdev = emulator.netdevs.get(id);
  if (netdev === undefined) throw new QemuError(undefined, `Device '${id}' not found`);
  await emulator.removeNetdev(id, netdev);
  return '';
}

/** `device_add e1000,netdev=n1`. @throws QemuError, BadOptions */
export async function deviceAdd(emulator: Emulator, text: string): Promise<string> {
  if (text === 'help' || text === '?') return deviceHelp();
  needs(text, 'driver');
  const opts = await parsed(emulator, () => optsOf(text, 'driver'));
  if (opts === undefined) throw new BadOptions();
  const id = opts.get('id');
  if (id !== undefined && emulator.nics.some((nic) => nic.name === id))
    throw opts.error(`Duplicate device ID '${id}'`);
  const nic = addDevice(emulator, opts);
  if (nic !== undefined) emulator.plug(nic);
  return '';
}

/** `device_del id`: a guest that runs lets go of it. @throws QemuError */
export async function deviceDel(emulator: Emulator, id: string): Promise<string> {
  const nic = emulator.nics.find((n) => n.name === id);
  if (nic === undefined) throw new QemuError(undefined, `Device '${id}' not found`);
  emulator.unplug(nic);
  return '';
}
