import { type GetoptTable, getopt, SignalFlag } from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGTERM } from '../../machine/index.ts';
import { managerOf, NetworkManager } from './manager.ts';

const PID_FILE = '/run/NetworkManager/NetworkManager.pid';

/** What its command line may hold. */
export const NETWORK_MANAGER_OPTIONS: GetoptTable = {
  letters: 'Vnd',
  longs: [
    { name: 'version', arg: 'no', key: 'V' },
    { name: 'no-daemon', arg: 'no', key: 'n' },
    { name: 'debug', arg: 'no', key: 'd' },
  ],
};

/** NetworkManager(8). */
export async function networkManager(proc: Process): Promise<number> {
  const { options, error } = getopt(
    proc.argv.slice(1),
    NETWORK_MANAGER_OPTIONS.letters,
    NETWORK_MANAGER_OPTIONS.longs,
  );
  if (error !== undefined) {
    await proc.err(`${error}.  Please use --help to see a list of valid options.\n`);
    return 1;
  }
  if (options.some((o) => o.opt === 'V')) {
    await proc.out('1.42.4\n');
    return 0;
  }
  if (proc.uid !== 0) {
    await proc.err('You must be root to run NetworkManager!\n');
    return 1;
  }
  if (managerOf(proc.machine) !== undefined) {
    await proc.err(
      `NetworkManager is already running (pid ${proc.fs.readText(PID_FILE).trim()})\n`,
    );
    return 1;
  }
  if (options.some((o) => o.opt === 'n' || o.opt === 'd')) return serve(proc);
  const nothing = proc.fs.open('/dev/null', { read: true, write: true });
  proc.machine.startProcess(proc, proc.argv, serve, {
    newGroup: true,
    cwd: '/',
    fds: new Map([0, 1, 2].map((fd) => [fd, nothing])),
  });
  return 0;
}

async function serve(proc: Process): Promise<number> {
  const stop = SignalFlag.catch(proc, SIGTERM, SIGINT);
  proc.handlers.set(SIGHUP, () => undefined);
  proc.fs.mkdir('/run/NetworkManager', { recursive: true });
  proc.fs.writeFile(PID_FILE, `${proc.pid}\n`);
  await new NetworkManager(proc).run(stop);
  if (proc.fs.exists(PID_FILE)) proc.fs.unlink(PID_FILE);
  return 0;
}
