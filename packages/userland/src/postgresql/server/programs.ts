import { POLLIN } from '@labwire/core/sim';
import { SignalFlag } from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGTERM } from '../../machine/index.ts';
import { createCluster, POSTGRES_UID } from './cluster.ts';
import { CONF_DIR, DATA_DIR, readSettings } from './conf.ts';
import { LOG_FILE, PID_FILE, Postmaster } from './postmaster.ts';

const SERVER = '/usr/lib/postgresql/15/bin/postgres';
const ARGV = [SERVER, '-D', DATA_DIR, '-c', `config_file=${CONF_DIR}/postgresql.conf`];

/** postgres(1), in the foreground. */
export async function postgres(proc: Process): Promise<number> {
  if (proc.uid === 0) {
    await proc.err(
      '"root" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server.\n',
    );
    return 1;
  }
  return new Postmaster(proc).run(() => undefined);
}

/** The cluster's server, if it runs. */
function running(proc: Process): Process | undefined {
  if (!proc.fs.exists(PID_FILE)) return undefined;
  const found = proc.machine.processes.get(Number(proc.fs.readText(PID_FILE)));
  return found?.exitCode === undefined ? found : undefined;
}

/** Starts the cluster's server in the background. @returns it, or undefined if it ended at once */
export async function startCluster(proc: Process): Promise<Process | undefined> {
  const old = running(proc);
  if (old !== undefined) return old;
  createCluster(proc.fs);
  const ready = new SignalFlag();
  const nothing = proc.fs.open('/dev/null', { read: true, write: true });
  const server = proc.machine.startProcess(
    proc.machine.init,
    ARGV,
    async (p) => {
      const status = await new Postmaster(p).run(() => ready.raise());
      if (p.fs.exists(PID_FILE)) p.fs.unlink(PID_FILE);
      return status;
    },
    {
      newGroup: true,
      cwd: DATA_DIR,
      uid: POSTGRES_UID,
      fds: new Map([0, 1, 2].map((fd) => [fd, nothing])),
    },
  );
  server.comm = 'postgres';
  server.endWq.add(() => ready.raise());
  proc.fs.writeFile(PID_FILE, `${server.pid}\n`);
  proc.fs.chown(PID_FILE, POSTGRES_UID, 117);
  await proc.poll([{ on: ready, events: POLLIN }], undefined, 'the database server');
  return server.exitCode === undefined ? server : undefined;
}

async function stopCluster(proc: Process): Promise<void> {
  const server = running(proc);
  server?.kill(SIGTERM);
  if (server !== undefined) await proc.waitFor(server);
}

const ACTIONS = ['start', 'stop', 'restart', 'reload', 'status', 'promote'];

/** pg_ctlcluster(1) of Debian's postgresql-common. */
export async function pgCtlCluster(proc: Process): Promise<number> {
  const [version, name, action = ''] = proc.argv.slice(1).filter((w) => !w.startsWith('-'));
  if (name === undefined || !ACTIONS.includes(action)) {
    await proc.err('Usage: pg_ctlcluster <version> <cluster> <action> [-- <pg_ctl options>]\n');
    return 1;
  }
  if (version !== '15' || name !== 'main') {
    await proc.err(`Error: specified cluster '${version} ${name}' does not exist\n`);
    return 2;
  }
  if (proc.uid !== 0) {
    await proc.err('Error: You must run this program as the cluster owner (postgres) or root\n');
    return 1;
  }
  return control(proc, action);
}

async function control(proc: Process, action: string): Promise<number> {
  const server = running(proc);
  if (action === 'status') {
    await proc.out(
      server === undefined
        ? 'pg_ctl: no server running\n'
        : `pg_ctl: server is running (PID: ${server.pid})\n${SERVER} "${ARGV.slice(1).join('" "')}"\n`,
    );
    return server === undefined ? 3 : 0;
  }
  if (action === 'start' && server !== undefined) {
    await proc.err(`Cluster is already running.\n`);
    return 2;
  }
  if (action === 'reload') {
    if (server === undefined) {
      await proc.err('Cluster is not running.\n');
      return 2;
    }
    server.kill(SIGHUP);
    return 0;
  }
  if (action === 'stop' && server === undefined) {
    await proc.err('Cluster is not running.\n');
    return 2;
  }
  if (action !== 'start') await stopCluster(proc);
  if (action === 'stop') return 0;
  if (action === 'promote') {
    await proc.err("Error: 'promote' is not supported by Labwire\n");
    return 1;
  }
  return (await startCluster(proc)) === undefined ? failed(proc) : 0;
}

async function failed(proc: Process): Promise<number> {
  const log = proc.fs.readText(LOG_FILE).trimEnd().split('\n').slice(-5);
  await proc.err(
    `Error: ${SERVER} could not start the server\nExamine the log output.\n${log.map((l) => `${l}\n`).join('')}`,
  );
  return 1;
}

/** pg_lsclusters(1) */
export async function pgLsClusters(proc: Process): Promise<number> {
  const up = running(proc) !== undefined;
  const port = readSettings(proc).get('port') ?? '5432';
  const [green, red, plain] = proc.isTty(1)
    ? ['\u001b[32m', '\u001b[31m', '\u001b[0m']
    : ['', '', ''];
  await proc.out(
    `Ver Cluster Port Status Owner    Data directory              Log file\n${up ? green : red}15  main    ${port} ${up ? 'online' : 'down  '} postgres ${DATA_DIR} ${LOG_FILE}${plain}\n`,
  );
  return 0;
}
