import type { Ipv4Addr } from '@labwire/core/addr';
import { inetAton } from '../../libc-net/index.ts';
import type { Chardev } from '../chardev/index.ts';
import type { Emulator } from '../machine/index.ts';
import { addForward, type UserNet } from '../net/index.ts';
import { QemuError } from '../qemu-error.ts';
import { BadOptions, deviceAdd, deviceDel, netdevAdd, netdevDel } from './hotplug.ts';
import { networkInfo } from './network-info.ts';
import { userNets, usernetInfo } from './usernet-info.ts';

/** What `info` tells of the machine beside the guest's own state. */
export interface MachineStatus {
  readonly kvm: boolean;
  /** Its character devices. */
  readonly chardevs: readonly Chardev[];
  /** It has not run yet. */
  prelaunch: boolean;
}

/** What a command is given. */
interface Call {
  readonly emulator: Emulator;
  readonly words: readonly string[];
  readonly machine: MachineStatus;
}

/** A command of the monitor. */
interface Command {
  /** As `help` shows it: `quit|q  -- quit the emulator`. */
  readonly usage: string;
  readonly help: string;
  /** Words that it needs, and that it takes at most. */
  readonly needs?: number;
  readonly takes?: number;
  /** @returns what it prints. @throws QemuError */
  run(call: Call): string | Promise<string>;
}

/** Asks QEMU to end. */
export class QuitMonitor extends Error {
  override readonly name = 'QuitMonitor';
}

/** Words that do not fit: with a hint at the help. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const VERSION = '7.2.22Debian 1:7.2+dfsg-7+deb12u18+b3\n';

function netNamed(emulator: Emulator, id: string | undefined): UserNet {
  const nets = userNets(emulator);
  const found = id === undefined ? nets[0] : nets.find(([name]) => name === id);
  if (found !== undefined) return found[1];
  throw new QemuError(
    undefined,
    id === undefined ? 'user mode network stack not in use' : `unrecognized netdev id '${id}'`,
  );
}

/** The network and the rule that `[netdev_id] rule` names. slirp_lookup() */
function netAndRule({ emulator, words }: Call): readonly [UserNet, string] {
  const [first = '', second] = words;
  return second === undefined
    ? [netNamed(emulator, undefined), first]
    : [netNamed(emulator, first), second];
}

function hostfwdAdd(call: Call): string {
  addForward(...netAndRule(call));
  return '';
}

/** Reads `[tcp|udp]:[hostaddr]:hostport`, and takes it away. hmp_hostfwd_remove() */
function hostfwdRemove(call: Call): string {
  const [net, rule] = netAndRule(call);
  const match = /^(tcp|udp|):([^:]*):(\d+)$/.exec(rule);
  const hostAddr = match?.[2] === '' ? 0 : inetAton(match?.[2] ?? '');
  if (match === null || hostAddr === undefined) throw new QemuError(undefined, 'invalid format');
  const protocol = match[1] === 'udp' ? 'udp' : 'tcp';
  const gone = net.removeHostForward({
    protocol,
    hostAddr: hostAddr as Ipv4Addr,
    hostPort: Number(match[3]),
  });
  return `host forwarding rule for ${rule} ${gone ? 'removed' : 'not found'}\n`;
}

/** qmp_set_link() */
function setLink({ emulator, words }: Call): string {
  const [name = '', state] = words;
  if (state !== 'on' && state !== 'off') throw new UsageError("Expected 'on' or 'off'");
  const at = emulator.nics.findIndex((nic) => nic.name === name || nic.netdev === name);
  if (at < 0 && emulator.netdev(name) === undefined) return `Error: Device '${name}' not found\n`;
  emulator.guest.ports[at]?.setLink(state === 'on');
  return '';
}

function status({ emulator, machine }: Call): string {
  if (emulator.guest.state !== 'paused') return 'VM status: running\n';
  return `VM status: paused${machine.prelaunch ? ' (prelaunch)' : ''}\n`;
}

function resume({ emulator, machine }: Call): string {
  machine.prelaunch = false;
  emulator.guest.pause(false);
  return '';
}

const INFO: readonly (readonly [name: string, help: string, show: (call: Call) => string])[] = [
  [
    'chardev',
    'show the character devices',
    ({ machine }) => machine.chardevs.map((c) => `${c.id}: filename=${c.filename}\n`).join(''),
  ],
  [
    'kvm',
    'show KVM information',
    ({ machine }) => `kvm support: ${machine.kvm ? 'enabled' : 'disabled'}\n`,
  ],
  ['name', 'show the current VM name', ({ emulator }) => `${emulator.guestName}\n`],
  ['network', 'show the network state', ({ emulator }) => networkInfo(emulator)],
  ['status', 'show the current VM status (running|paused)', status],
  ['usernet', 'show user network stack connection states', ({ emulator }) => usernetInfo(emulator)],
  ['version', 'show the version of QEMU', () => VERSION],
];

function info(call: Call): string {
  const [name, ...rest] = call.words;
  if (name === undefined) return INFO.map(([n, help]) => `info ${n}  -- ${help}\n`).join('');
  const found = INFO.find(([n]) => n === name);
  if (found === undefined) return `unknown command: 'info ${name}'\n`;
  if (rest.length > 0)
    return `${name}: extraneous characters at the end of line\nTry "help info ${name}" for more information\n`;
  return found[2](call);
}

function help({ words }: Call): string {
  if (words[0] === 'info') {
    const found = INFO.filter(([name]) => words[1] === undefined || words[1] === name);
    return found.map(([name, text]) => `info ${name}  -- ${text}\n`).join('');
  }
  if (
    words[0] !== undefined &&
    !COMMANDS.some(({ usage }) => namesOf(usage).includes(words[0] as string))
  )
    return `unknown command: '${words[0]}'\n`;
  const shown = COMMANDS.filter(
    ({ usage }) => words.length === 0 || namesOf(usage).includes(words[0] as string),
  );
  return shown.map((c) => `${c.usage} -- ${c.help}\n`).join('');
}

const quiet = (work: (emulator: Emulator) => void) => (call: Call) => {
  work(call.emulator);
  return '';
};

/** A command that adds or removes: what is wrong is told as an error. hmp_handle_error() */
const plug =
  (work: (emulator: Emulator, text: string) => Promise<string>) =>
  async ({ emulator, words }: Call): Promise<string> => {
    try {
      return await work(emulator, words.join(' '));
    } catch (e) {
      if (e instanceof BadOptions) throw new UsageError('');
      if (e instanceof QemuError) return `Error: ${e.message}\n`;
      throw e;
    }
  };

/** What this monitor has of QEMU's. QEMU 7.2 hmp-commands.hx */
const COMMANDS: readonly Command[] = [
  { usage: 'cont|c ', help: 'resume emulation', run: resume },
  {
    usage: 'device_add driver[,prop=value][,...]',
    help: 'add device, like -device on the command line',
    takes: 9,
    run: plug(deviceAdd),
  },
  { usage: 'device_del device', help: 'remove device', needs: 1, takes: 1, run: plug(deviceDel) },
  { usage: 'help|? [cmd]', help: 'show the help', takes: 2, run: help },
  {
    usage: 'hostfwd_add [netdev_id] [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport',
    help: 'redirect TCP or UDP connections from host to guest (requires -net user)',
    needs: 1,
    takes: 3,
    run: hostfwdAdd,
  },
  {
    usage: 'hostfwd_remove [netdev_id] [tcp|udp]:[hostaddr]:hostport',
    help: 'remove host-to-guest TCP or UDP redirection',
    needs: 1,
    takes: 3,
    run: hostfwdRemove,
  },
  {
    usage: 'info [subcommand]',
    help: 'show various information about the system state',
    takes: 9,
    run: info,
  },
  {
    usage:
      'netdev_add [user|tap|socket|stream|dgram|vde|bridge|hubport|netmap|vhost-user],id=str[,prop=value][,...]',
    help: 'add host network device',
    takes: 9,
    run: plug(netdevAdd),
  },
  {
    usage: 'netdev_del id',
    help: 'remove host network device',
    needs: 1,
    takes: 1,
    run: plug(netdevDel),
  },
  {
    usage: 'quit|q ',
    help: 'quit the emulator',
    run: () => {
      throw new QuitMonitor();
    },
  },
  {
    usage: 'set_link name on|off',
    help: 'change the link status of a network adapter',
    needs: 1,
    takes: 2,
    run: setLink,
  },
  { usage: 'stop|s ', help: 'stop emulation', run: quiet((e) => e.guest.pause(true)) },
  {
    usage: 'system_powerdown ',
    help: 'send system power down event',
    run: quiet((e) => e.guest.shutdown()),
  },
  { usage: 'system_reset ', help: 'reset the system', run: quiet((e) => e.guest.reset()) },
];

/** `quit|q ` is called `quit` or `q`. */
function namesOf(usage: string): string[] {
  return (usage.split(' ')[0] as string).split('|');
}

/** Runs a line. @returns what it prints. @throws QuitMonitor. QEMU monitor/hmp.c, handle_hmp_command() */
export async function runLine(
  emulator: Emulator,
  line: string,
  machine: MachineStatus,
): Promise<string> {
  const [name, ...words] = line.trim().split(/\s+/);
  if (name === undefined || name === '') return '';
  const command = COMMANDS.find(({ usage }) => namesOf(usage).includes(name));
  if (command === undefined) return `unknown command: '${name}'\n`;
  const hint = `Try "help ${name}" for more information\n`;
  if (words.length < (command.needs ?? 0)) return `${name}: string expected\n${hint}`;
  if (words.length > (command.takes ?? 0))
    return `${namesOf(command.usage).join('|')}: extraneous characters at the end of line\n${hint}`;
  try {
    return await command.run({ emulator, words, machine });
  } catch (e) {
    if (e instanceof UsageError) return `${e.message === '' ? '' : `${e.message}\n`}${hint}`;
    if (e instanceof QemuError) return `${e.message}\n`;
    throw e;
  }
}
