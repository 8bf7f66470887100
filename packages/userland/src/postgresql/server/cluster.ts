import type { FileSystem, Process } from '../../machine/index.ts';
import { CONF_DIR, DATA_DIR, PG_HBA_CONF, POSTGRESQL_CONF } from './conf.ts';
import { LOG_FILE } from './postmaster.ts';

/** The user that Debian's package makes, and its number. */
export const POSTGRES_UID = 110;
const USER = `postgres:x:${POSTGRES_UID}:117:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash`;
const GROUP = 'postgres:x:117:';

function addLine(fs: FileSystem, path: string, line: string): void {
  const old = fs.exists(path) ? fs.readText(path) : '';
  if (!old.includes(`${line.split(':')[0]}:`)) fs.writeFile(path, `${old}${line}\n`);
}

/** Makes the cluster 15/main and its owner, if they are not there: what the package's installation does. */
export function createCluster(fs: FileSystem): void {
  if (fs.exists(`${CONF_DIR}/postgresql.conf`)) return;
  addLine(fs, '/etc/passwd', USER);
  addLine(fs, '/etc/group', GROUP);
  for (const dir of [CONF_DIR, DATA_DIR, '/var/log/postgresql', '/var/run/postgresql']) {
    fs.mkdir(dir, { recursive: true });
    fs.chown(dir, POSTGRES_UID, 117);
  }
  fs.writeFile(`${CONF_DIR}/postgresql.conf`, POSTGRESQL_CONF);
  fs.writeFile(`${CONF_DIR}/pg_hba.conf`, PG_HBA_CONF, { mode: 0o640 });
  fs.writeFile(LOG_FILE, '', { mode: 0o640 });
  for (const file of [`${CONF_DIR}/pg_hba.conf`, LOG_FILE]) fs.chown(file, POSTGRES_UID, 117);
}

/** pg_createcluster(1): the cluster 15/main alone. */
export async function pgCreateCluster(proc: Process): Promise<number> {
  const [version, name] = proc.argv.slice(1).filter((w) => !w.startsWith('-'));
  if (version !== '15' || name !== 'main') {
    await proc.err('Error: Labwire has the cluster 15 main alone\n');
    return 1;
  }
  if (proc.fs.exists(`${CONF_DIR}/postgresql.conf`)) {
    await proc.err('Error: cluster configuration already exists\n');
    return 2;
  }
  createCluster(proc.fs);
  await proc.out(`Creating new PostgreSQL cluster 15/main ...\n`);
  return 0;
}
