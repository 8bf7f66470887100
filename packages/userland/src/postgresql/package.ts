import { withOptions } from '../libc-net/index.ts';
import type { DebPackage, Unit } from '../machine/index.ts';
import { PG_ISREADY_OPTIONS, PSQL_OPTIONS, pgIsReady, psql } from './client/index.ts';
import {
  pgCreateCluster,
  pgCtlCluster,
  pgLsClusters,
  postgres,
  startCluster,
} from './server/index.ts';

const VERSION = '15.18-0+deb12u1';
const unit: Unit = {
  name: 'postgresql.service',
  description: 'PostgreSQL RDBMS',
  enabledByDefault: true,
  sysv: true,
  async start(proc) {
    const server = await startCluster(proc);
    return server ?? proc.exit(1);
  },
};

/** psql and pg_isready. */
const postgresqlClient: DebPackage = {
  name: 'postgresql-client-15',
  version: VERSION,
  description: 'front-end programs for PostgreSQL 15',
  preinstalled: false,
  programs: {
    '/usr/bin/psql': withOptions(psql, PSQL_OPTIONS),
    '/usr/bin/pg_isready': withOptions(pgIsReady, PG_ISREADY_OPTIONS),
  },
};

/** The server, as the cluster 15/main. */
const postgresqlServer: DebPackage = {
  name: 'postgresql-15',
  version: VERSION,
  description: "The World's Most Advanced Open Source Relational Database",
  preinstalled: false,
  depends: ['postgresql-client-15'],
  programs: {
    '/usr/lib/postgresql/15/bin/postgres': postgres,
    '/usr/bin/pg_createcluster': pgCreateCluster,
    '/usr/bin/pg_ctlcluster': pgCtlCluster,
    '/usr/bin/pg_lsclusters': pgLsClusters,
  },
  units: [unit],
};

function bringing(name: string, what: string, description: string): DebPackage {
  return {
    name,
    version: '15+248+deb12u1',
    description,
    preinstalled: false,
    programs: {},
    depends: [what],
  };
}

/** Debian's packages of PostgreSQL. */
export const postgresqlPackages: readonly DebPackage[] = [
  postgresqlClient,
  postgresqlServer,
  bringing('postgresql', 'postgresql-15', 'object-relational SQL database (supported version)'),
  bringing(
    'postgresql-client',
    'postgresql-client-15',
    'front-end programs for PostgreSQL (supported version)',
  ),
];
