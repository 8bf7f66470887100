import type { Process } from '../../machine/index.ts';

/** Where Debian keeps the configuration of the cluster `main`. */
export const CONF_DIR = '/etc/postgresql/15/main';

/** Where its data would be. */
export const DATA_DIR = '/var/lib/postgresql/15/main';

/** Settings that Labwire acts on or shows, and what they are unless the file says so. */
const DEFAULTS: Readonly<Record<string, string>> = {
  listen_addresses: 'localhost',
  port: '5432',
  max_connections: '100',
  unix_socket_directories: '/var/run/postgresql',
  server_version: '15.18 (Debian 15.18-0+deb12u1)',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  timezone: 'Etc/UTC',
  data_directory: '/var/lib/postgresql/15/main',
  hba_file: `${CONF_DIR}/pg_hba.conf`,
  ssl: 'off',
  shared_buffers: '128MB',
  cluster_name: '15/main',
};

/** Reads postgresql.conf: `name = value`, the last one counts. */
export function readSettings(proc: Process): Map<string, string> {
  const settings = new Map(Object.entries(DEFAULTS));
  const path = `${CONF_DIR}/postgresql.conf`;
  if (!proc.fs.exists(path)) return settings;
  for (const line of proc.fs.readText(path).split('\n')) {
    const found = /^\s*([A-Za-z_.]+)\s*=?\s*(?:'((?:[^']|'')*)'|([^\s#]+))/.exec(line);
    if (found === null || line.trimStart().startsWith('#')) continue;
    settings.set((found[1] as string).toLowerCase(), found[2] ?? found[3] ?? '');
  }
  return settings;
}

/** /etc/postgresql/15/main/postgresql.conf of a fresh cluster. */
export const POSTGRESQL_CONF: string = `data_directory = '/var/lib/postgresql/15/main'
hba_file = '${CONF_DIR}/pg_hba.conf'
#listen_addresses = 'localhost'		# what IP address(es) to listen on
port = 5432				# (change requires restart)
max_connections = 100			# (change requires restart)
unix_socket_directories = '/var/run/postgresql'
ssl = off
shared_buffers = 128MB			# min 128kB
cluster_name = '15/main'
`;

/** /etc/postgresql/15/main/pg_hba.conf of a fresh cluster. */
export const PG_HBA_CONF: string = `# Database administrative login by Unix domain socket
local   all             postgres                                peer

# TYPE  DATABASE        USER            ADDRESS                 METHOD

# "local" is for Unix domain socket connections only
local   all             all                                     peer
# IPv4 local connections:
host    all             all             127.0.0.1/32            scram-sha-256
# IPv6 local connections:
host    all             all             ::1/128                 scram-sha-256
`;
