import { withOptions } from '../libc-net/index.ts';
import type { DebPackage, FileSystem, Process, Unit } from '../machine/index.ts';
import { DEFAULT_SITE, MIME_TYPES, NGINX_CONF, WELCOME_PAGE } from './default-files.ts';
import { NGINX_OPTIONS } from './process/command-line.ts';
import { nginx as program } from './process/nginx.ts';

const VERSION = '1.22.1-9+deb12u11';
const WWW_DATA = 33;

/** Lays out Debian's configuration and its first page. */
function install(fs: FileSystem): void {
  for (const dir of [
    '/etc/nginx/conf.d',
    '/etc/nginx/modules-enabled',
    '/etc/nginx/sites-available',
    '/etc/nginx/sites-enabled',
    '/var/www/html',
    '/usr/share/nginx/html',
    '/var/log/nginx',
    '/run',
  ])
    fs.mkdir(dir, { recursive: true });
  fs.writeFile('/etc/nginx/nginx.conf', NGINX_CONF);
  fs.writeFile('/etc/nginx/mime.types', MIME_TYPES);
  fs.writeFile('/etc/nginx/sites-available/default', DEFAULT_SITE);
  if (!fs.exists('/etc/nginx/sites-enabled/default'))
    fs.symlink('/etc/nginx/sites-available/default', '/etc/nginx/sites-enabled/default');
  fs.writeFile('/var/www/html/index.nginx-debian.html', WELCOME_PAGE);
  fs.writeFile('/usr/share/nginx/html/index.html', WELCOME_PAGE);
  for (const log of ['access.log', 'error.log'])
    fs.writeFile(`/var/log/nginx/${log}`, '', { uid: WWW_DATA, mode: 0o640 });
}

/** nginx.service: the daemon, started as its unit file says. */
const unit: Unit = {
  name: 'nginx.service',
  description: 'A high performance web server and a reverse proxy server',
  documentation: ['man:nginx(8)'],
  enabledByDefault: true,
  sysv: true,
  start: startService,
  async reload(_proc, main) {
    main?.kill(1);
  },
};

async function startService(proc: Process): Promise<Process | undefined> {
  const argv = ['/usr/sbin/nginx', '-g', 'daemon on; master_process on;'];
  const status = await proc.waitFor(proc.spawn(argv, program, { newGroup: true }));
  if (status !== 0) proc.exit(status);
  return proc.machine.processes.get(Number(proc.fs.readText('/run/nginx.pid')));
}

function nginxPackage(name: string, description: string): DebPackage {
  return {
    name,
    version: VERSION,
    description,
    preinstalled: false,
    programs: {},
    depends: ['nginx-common'],
  };
}

/** The server, its configuration and its unit; the other packages only bring this one. */
export const nginxCommon: DebPackage = {
  name: 'nginx-common',
  version: VERSION,
  description: 'small, powerful, scalable web/proxy server - common files',
  preinstalled: false,
  programs: { '/usr/sbin/nginx': withOptions(program, NGINX_OPTIONS) },
  install,
  units: [unit],
};

/** Debian's metapackage. */
export const nginx: DebPackage = nginxPackage(
  'nginx',
  'small, powerful, scalable web/proxy server',
);
/** nginx with the usual modules. */
export const nginxCore: DebPackage = nginxPackage(
  'nginx-core',
  'nginx web/proxy server (standard version)',
);
/** nginx with few modules. */
export const nginxLight: DebPackage = nginxPackage(
  'nginx-light',
  'nginx web/proxy server (basic version)',
);
