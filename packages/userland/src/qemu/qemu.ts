import { POLLIN } from '@labwire/core/sim';
import type { Guest } from '../hypervisor/index.ts';
import { SignalFlag } from '../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGTERM } from '../machine/index.ts';
import { SerialPort } from './chardev/index.ts';
import { type Item, parseCommandLine } from './command-line/index.ts';
import { answerOf } from './help.ts';
import {
  Characters,
  Emulator,
  Networks,
  Objects,
  readSettings,
  type Settings,
} from './machine/index.ts';
import { type MachineStatus, Monitor } from './monitor/index.ts';
import { errorText, QemuError } from './qemu-error.ts';
import { planReal } from './real/index.ts';

/** qemu-system-x86_64, for what a network sees of it: the guest is a simulated machine. */
export async function qemu(proc: Process): Promise<number> {
  const program = proc.argv[0]?.split('/').at(-1) ?? proc.comm;
  return report(proc, program, async () => {
    const items = parseCommandLine(proc.argv.slice(1));
    const answer = answerOf(items);
    if (answer !== undefined) {
      await proc.out(answer);
      return 0;
    }
    const settings = readSettings(items);
    return settings.daemonize
      ? runInBackground(proc, program, items, settings)
      : run(proc, program, items, settings, () => {});
  });
}

async function report(
  proc: Process,
  program: string,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (e) {
    if (!(e instanceof QemuError)) throw e;
    await proc.err(errorText(program, e));
    return 1;
  }
}

/** Leaves once the guest runs, or could not be started. os_daemonize() */
async function runInBackground(
  proc: Process,
  program: string,
  items: readonly Item[],
  settings: Settings,
): Promise<number> {
  const ready = new SignalFlag();
  const child = proc.machine.startProcess(
    proc,
    proc.argv,
    (p) => report(p, program, () => run(p, program, items, settings, () => detach(p, ready))),
    { newGroup: true, cwd: proc.cwd },
  );
  child.comm = proc.comm;
  const ended = { wq: child.endWq, poll: () => (child.exitCode === undefined ? 0 : POLLIN) };
  const items2 = [ready, ended].map((on) => ({ on, events: POLLIN }));
  await proc.poll(items2, undefined, 'the guest to start');
  return child.exitCode ?? 0;
}

/** The terminal is no longer its own. */
function detach(proc: Process, ready: SignalFlag): void {
  const nothing = proc.fs.open('/dev/null', { read: true, write: true });
  for (const fd of [0, 1, 2]) proc.setFd(fd, nothing);
  proc.cwd = '/';
  ready.raise();
}

async function run(
  proc: Process,
  program: string,
  items: readonly Item[],
  settings: Settings,
  onReady: () => void,
): Promise<number> {
  const emulator = new Emulator(proc, program);
  emulator.guestName = settings.guestName;
  emulator.disk = settings.disk;
  emulator.endsOnReset = settings.noReboot;
  const networks = new Networks(items);
  const objects = new Objects(items);
  const kvm = settings.kvm || program.endsWith('kvm');
  const real = planReal(proc, items, { kvm, stopped: settings.stopped });
  const characters = new Characters(real?.console.simulated ?? items);
  try {
    await characters.open(emulator);
    const status = { kvm, prelaunch: false, chardevs: emulator.chardevs };
    const monitors = characters.monitors.map((dev) => new Monitor(emulator, dev, status));
    await networks.open(emulator);
    objects.open(emulator);
    await emulator.checkClients();
    await characters.openSerials(emulator);
    const consoles = { characters, monitors, status };
    return await emulate(emulator, settings, () => emulator.start(real), consoles, onReady);
  } finally {
    characters.close();
    objects.close();
    await emulator.close();
  }
}

/** How one speaks with a QEMU and its guest. */
interface Consoles {
  readonly characters: Characters;
  readonly monitors: readonly Monitor[];
  readonly status: MachineStatus;
}

async function emulate(
  emulator: Emulator,
  settings: Settings,
  start: () => Guest,
  { characters, monitors, status }: Consoles,
  onReady: () => void,
): Promise<number> {
  const { proc, program } = emulator;
  const pidFile = settings.pidFile === undefined ? undefined : proc.path(settings.pidFile);
  if (pidFile !== undefined) proc.fs.writeFile(pidFile, `${proc.pid}\n`);
  const guest = start();
  if (settings.stopped) {
    guest.pause(true);
    status.prelaunch = true;
  }
  const serials = characters.serials.map((dev) => new SerialPort(guest, dev));
  const users = [...monitors, ...serials];
  const stop = new StopSignal(proc);
  await guest.started(stop);
  if (guest.state !== 'off') onReady();
  const off = { wq: guest.wq, poll: () => (guest.state === 'off' ? POLLIN : 0) };
  const ends = [stop, off].map((on) => ({ on, events: POLLIN }));
  while (!stop.raised && guest.state !== 'off' && !monitors.some((m) => m.quit)) {
    const waits = [guest, ...users].flatMap((user) => user.waits);
    await proc.poll([...ends, ...waits], undefined, `its guest ${guest.name}`);
    for (const user of [guest, ...users]) await user.serve();
  }
  if (stop.raised) await proc.err(`${program}: terminating on signal ${stop.signal}\n`);
  if (pidFile !== undefined && proc.fs.exists(pidFile)) proc.fs.unlink(pidFile);
  return guest.exitCode;
}

/** The signals that end QEMU in good order. os_setup_signal_handling() */
class StopSignal extends SignalFlag {
  signal = 0;

  constructor(proc: Process) {
    super();
    for (const signal of [SIGINT, SIGHUP, SIGTERM])
      proc.handlers.set(signal, () => {
        this.signal = signal;
        this.raise();
      });
  }
}
