import { withOptions } from '../libc-net/index.ts';
import { type DebPackage, exec, type Process, type Unit } from '../machine/index.ts';
import { IFUP_OPTIONS, ifdown, ifquery, ifup } from './ifup.ts';
import { settleDad } from './settle-dad.ts';

/** The file of a fresh machine: the loopback device, and what others put beside it. */
const INTERFACES = `# What ifup(8) and ifdown(8) do: see interfaces(5).

source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback
`;

const DIRECTORIES = ['interfaces.d', 'if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'];

async function start(proc: Process): Promise<undefined> {
  const argv = ['/usr/sbin/ifup', '-a'];
  const child = proc.spawn(argv, (p) => exec(p, argv[0] as string, argv));
  const status = await proc.waitFor(child);
  return status === 0 ? undefined : proc.exit(status);
}

async function stop(proc: Process): Promise<void> {
  const argv = ['/usr/sbin/ifdown', '-a', '--exclude=lo'];
  await proc.waitFor(proc.spawn(argv, (p) => exec(p, argv[0] as string, argv)));
}

const unit: Unit = {
  name: 'networking.service',
  description: 'Raise network interfaces',
  documentation: ['man:interfaces(5)'],
  enabledByDefault: true,
  sysv: true,
  start,
  stop,
};

/** ifup, ifdown and ifquery. */
export const ifupdown: DebPackage = {
  name: 'ifupdown',
  version: '0.8.41',
  description: 'high level tools to configure network interfaces',
  preinstalled: true,
  programs: {
    '/usr/sbin/ifup': withOptions(ifup, IFUP_OPTIONS),
    '/usr/sbin/ifdown': withOptions(ifdown, IFUP_OPTIONS),
    '/usr/sbin/ifquery': withOptions(ifquery, IFUP_OPTIONS),
    '/lib/ifupdown/settle-dad.sh': settleDad,
  },
  install: (fs) => {
    for (const dir of DIRECTORIES) fs.mkdir(`/etc/network/${dir}`, { recursive: true });
    if (!fs.exists('/etc/network/interfaces')) fs.writeFile('/etc/network/interfaces', INTERFACES);
  },
  units: [unit],
};
