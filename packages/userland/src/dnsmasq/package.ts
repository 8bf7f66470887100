import { type DebPackage, type Process, type Unit, withManual } from '../machine/index.ts';
import { dnsmasq as program } from './dnsmasq.ts';
import { dnsmasqManual } from './options/index.ts';

const VERSION = '2.90-4~deb12u2';
const PID_FILE = '/run/dnsmasq/dnsmasq.pid';
const SIGHUP = 1;

/** dnsmasq without its service: what libvirt uses. */
export const dnsmasqBase: DebPackage = {
  name: 'dnsmasq-base',
  version: VERSION,
  description: 'Small caching DNS proxy and DHCP/TFTP server - executable',
  preinstalled: true,
  programs: { '/usr/sbin/dnsmasq': withManual(program, dnsmasqManual) },
  install: (fs) => fs.mkdir('/var/lib/misc', { recursive: true }),
};

const CONFIG = `# Configuration of dnsmasq: one option in each line, as on the command line but without its dashes.
# Files in /etc/dnsmasq.d are read too.
`;

/** What Debian's init script starts dnsmasq with, but for the anchors of DNSSEC. */
const ARGV: readonly string[] = [
  '/usr/sbin/dnsmasq',
  '-x',
  PID_FILE,
  '-7',
  '/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new',
  '--local-service',
];

async function start(proc: Process): Promise<Process | undefined> {
  const { fs, machine } = proc;
  fs.mkdir('/run/dnsmasq', { recursive: true });
  const checked = await proc.waitFor(proc.spawn(['/usr/sbin/dnsmasq', '--test'], program));
  if (checked !== 0) proc.exit(checked);
  const status = await proc.waitFor(proc.spawn(ARGV, program, { newGroup: true }));
  if (status !== 0) proc.exit(status);
  return machine.processes.get(Number(fs.readText(PID_FILE)));
}

const unit: Unit = {
  name: 'dnsmasq.service',
  description: 'dnsmasq - A lightweight DHCP and caching DNS server',
  enabledByDefault: true,
  sysv: true,
  start,
  async reload(_proc, main) {
    main?.kill(SIGHUP);
  },
};

/** dnsmasq as a service of the machine. */
export const dnsmasq: DebPackage = {
  name: 'dnsmasq',
  version: VERSION,
  description: 'Small caching DNS proxy and DHCP/TFTP server - system daemon',
  preinstalled: false,
  depends: ['dnsmasq-base'],
  programs: {},
  install: (fs) => {
    fs.mkdir('/etc/dnsmasq.d', { recursive: true });
    if (!fs.exists('/etc/dnsmasq.conf')) fs.writeFile('/etc/dnsmasq.conf', CONFIG);
  },
  units: [unit],
};
