import { type Nanos, SEC } from '@labwire/core/sim';
import { formatDate, type Options, tool } from '../coreutils/index.ts';
import { type Machine, type Process, type Program, SIGKILL } from '../machine/index.ts';

/** From the request to the moment when the power goes: units are stopped, processes ended. */
const GOING_DOWN: Nanos = (3 * SEC) / 2;
const MINUTE: Nanos = 60 * SEC;

/** What becomes of a machine. */
export type PowerAction = 'halt' | 'poweroff' | 'reboot';

/** What halt_now() says. */
const LAST_WORDS: Readonly<Record<PowerAction, string>> = {
  halt: 'Halting.',
  poweroff: 'Powering off.',
  reboot: 'Rebooting.',
};

/** What waits for its time to shut a machine down. */
const scheduled = new WeakMap<Machine, Process>();
/** Machines whose last programs are about to end. */
const goingDown = new WeakSet<Machine>();

/** @returns the exit status: 1 for who may not, or a machine that nobody can switch off */
export async function goDown(proc: Process, action: PowerAction, force: boolean): Promise<number> {
  const { machine } = proc;
  if (!(await mayGoDown(proc, action))) return 1;
  if (force) {
    await proc.err(`${LAST_WORDS[action]}\n`);
    switchOff(machine, action);
    return 0;
  }
  comeDown(machine, action);
  return 0;
}

function comeDown(machine: Machine, action: PowerAction): void {
  if (goingDown.has(machine)) return;
  goingDown.add(machine);
  ofInit(machine, 'systemd-shutdown', async (proc) => {
    await proc.sleep(GOING_DOWN);
    switchOff(machine, action);
    return 0;
  });
}

/** Starts a program of the system's own. */
function ofInit(machine: Machine, name: string, body: Program): Process {
  const how = { uid: 0, cwd: '/', fds: new Map(), newGroup: true };
  return machine.startProcess(machine.init, [`/lib/systemd/${name}`], body, how);
}

async function mayGoDown(proc: Process, action: PowerAction): Promise<boolean> {
  if (proc.machine.power === undefined) {
    await proc.err(
      `Labwire: ${proc.machine.name} stays on: guests can be switched off, the machines of a lab's front matter can't\n`,
    );
    return false;
  }
  if (proc.uid === 0) return true;
  const what = { halt: 'halt', poweroff: 'power off', reboot: 'reboot' }[action];
  await proc.err(
    `Failed to set wall message, ignoring: Interactive authentication required.\nFailed to ${what} system via logind: Interactive authentication required.\n`,
  );
  return false;
}

function switchOff(machine: Machine, action: PowerAction): void {
  goingDown.delete(machine);
  if (action === 'reboot') machine.power?.reset();
  else if (action === 'poweroff') machine.power?.off();
  else machine.power?.halt();
}

const LONGS = {
  help: 'help',
  halt: 'halt',
  poweroff: 'p',
  reboot: 'reboot',
  force: 'f',
  'wtmp-only': 'w',
  'no-wtmp': 'd',
  'no-sync': 'n',
  'no-wall': 'no-wall',
};

/** halt(8), poweroff(8), reboot(8): one program under three names. systemctl-compat-halt.c, halt_parse_argv() */
function powerProgram(name: PowerAction, title: string): Program {
  return tool(
    { name, letters: 'pfwdnih', longs: LONGS, usage: '' },
    async (proc, options, operands) => {
      if (options.has('help')) {
        await proc.out(haltHelp(name, title));
        return 0;
      }
      if (operands.length > (name === 'reboot' ? 1 : 0)) {
        await proc.err('Too many arguments.\n');
        return 1;
      }
      if (options.has('w')) return 0;
      return goDown(proc, actionOf(options, name), options.has('f'));
    },
  );
}

function actionOf(options: Options, name: PowerAction): PowerAction {
  const last = options.last('halt', 'p', 'reboot');
  if (last === 'p') return 'poweroff';
  return last === undefined ? name : (last as PowerAction);
}

function haltHelp(name: string, title: string): string {
  const words = name === 'reboot' ? ' [ARG]' : '';
  return `${name} [OPTIONS...]${words}

${title} the system.

Options:
     --help      Show this help
     --halt      Halt the machine
  -p --poweroff  Switch off the machine
     --reboot    Reboot the machine
  -f --force     Force immediate halt/power-off/reboot
  -w --wtmp-only Don't halt/power-off/reboot, just write wtmp record
  -d --no-wtmp   Don't write wtmp record
     --no-wall   Don't send wall message before halt/power-off/reboot

See the halt(8) man page for details.
`;
}

export const halt: Program = powerProgram('halt', 'Halt');
export const poweroff: Program = powerProgram('poweroff', 'Power off');
export const reboot: Program = powerProgram('reboot', 'Reboot');

const SHUTDOWN_HELP = `shutdown [OPTIONS...] [TIME] [WALL...]

Shut down the system.

Options:
     --help      Show this help
  -H --halt      Halt the machine
  -P --poweroff  Power-off the machine
  -r --reboot    Reboot the machine
  -h             Equivalent to --poweroff, overridden by --halt
  -k             Don't halt/power-off/reboot, just send warnings
     --no-wall   Don't send wall message before halt/power-off/reboot
  -c             Cancel a pending shutdown
     --show      Show pending shutdown

See the shutdown(8) man page for details.
`;

/** shutdown(8). systemctl-compat-shutdown.c @deviation nobody else is logged in: warnings go nowhere */
export const shutdown: Program = tool(
  {
    name: 'shutdown',
    letters: 'HPrhkKat:fFc',
    longs: {
      help: 'help',
      halt: 'H',
      poweroff: 'P',
      reboot: 'r',
      kexec: 'K',
      'no-wall': 'no-wall',
    },
    usage: '',
  },
  async (proc, options, [time]) => {
    if (options.has('help')) {
      await proc.out(SHUTDOWN_HELP);
      return 0;
    }
    if (options.has('K')) {
      await proc.err('Labwire: no kernel can be loaded by another: no --kexec\n');
      return 1;
    }
    if (options.has('c')) {
      cancel(proc.machine);
      return 0;
    }
    const wait = whenOf(proc, time ?? '+1');
    if (wait === undefined) {
      await proc.err(`Failed to parse time specification: ${time}\n`);
      return 1;
    }
    if (options.has('k')) return 0;
    const action = shutdownAction(options);
    return time === 'now' ? goDown(proc, action, false) : schedule(proc, action, wait);
  },
);

function shutdownAction(options: Options): PowerAction {
  const last = options.last('H', 'P', 'r');
  if (last === 'H') return 'halt';
  return last === 'r' ? 'reboot' : 'poweroff';
}

/** `now`, `+m` or `hh:mm`: how long until then; undefined if it is none of these. parse_shutdown_time_spec() */
function whenOf(proc: Process, text: string): Nanos | undefined {
  if (text === 'now') return 0;
  const minutes = /^\+(\d+)$/.exec(text)?.[1];
  if (minutes !== undefined) return Number(minutes) * MINUTE;
  const [, hours = '', minute = ''] = /^(\d{1,2}):(\d{1,2})$/.exec(text) ?? [];
  if (hours === '' || Number(hours) > 23 || Number(minute) > 59) return undefined;
  const ofDay = Number(hours) * 3600 + Number(minute) * 60;
  const now = proc.machine.wallClock % 86_400;
  return (ofDay > now ? ofDay - now : ofDay + 86_400 - now) * SEC;
}

/** @returns the exit status. logind_schedule_shutdown() */
async function schedule(proc: Process, action: PowerAction, wait: Nanos): Promise<number> {
  const { machine } = proc;
  if (!(await mayGoDown(proc, action))) return 1;
  cancel(machine);
  const keeper = ofInit(machine, 'systemd-logind', async (p) => {
    await p.sleep(wait);
    comeDown(machine, action);
    return 0;
  });
  scheduled.set(machine, keeper);
  const what = action === 'reboot' ? 'Reboot' : 'Shutdown';
  const when = formatDate('%a %Y-%m-%d %H:%M:%S UTC', Math.floor(machine.wallClock + wait / SEC));
  await proc.err(`${what} scheduled for ${when}, use 'shutdown -c' to cancel.\n`);
  return 0;
}

function cancel(machine: Machine): void {
  scheduled.get(machine)?.kill(SIGKILL);
  scheduled.delete(machine);
}
