import { WaitQueue } from '@labwire/core/sim';
import { type LongOption, withOptions } from '../../libc-net/index.ts';
import type { Program } from '../../machine/index.ts';
import { runDaemon, type Service } from './background.ts';
import { type DaemonManual, daemonOptions, readDaemonOptions } from './daemon-options.ts';
import { Libvirtd } from './libvirtd.ts';

const LONGS: readonly LongOption[] = [
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'verbose', arg: 'no', key: 'v' },
  { name: 'daemon', arg: 'no', key: 'd' },
  { name: 'timeout', arg: 'required', key: 't' },
  { name: 'config', arg: 'required', key: 'f' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'pid-file', arg: 'required', key: 'p' },
];

const LIBVIRTD: DaemonManual = {
  name: 'libvirtd',
  letters: 'hvdlt:f:Vp:',
  longs: [...LONGS, { name: 'listen', arg: 'no', key: 'l' }],
  help: `
Usage:
  libvirtd [options]

Options:
  -h | --help            Display program help
  -v | --verbose         Verbose messages
  -d | --daemon          Run as a daemon & write PID file
  -l | --listen          Listen for TCP/IP connections
  -t | --timeout <secs>  Exit after timeout period
  -f | --config <file>   Configuration file
  -V | --version         Display version information
  -p | --pid-file <file> Change name of PID file

libvirt management daemon:

  Default paths:

    Configuration file (unless overridden by -f):
      /etc/libvirt/libvirtd.conf

    Sockets:
      /run/libvirt/libvirt-sock
      /run/libvirt/libvirt-sock-ro

    TLS:
      CA certificate: /etc/pki/CA/cacert.pem
      Server certificate: /etc/pki/libvirt/servercert.pem
      Server private key: /etc/pki/libvirt/private/serverkey.pem

    PID file (unless overridden by -p):
      /run/libvirtd.pid

`,
};

const VIRTLOGD: DaemonManual = {
  name: 'virtlogd',
  letters: 'hvdt:f:Vp:',
  longs: LONGS,
  help: `
Usage:
  virtlogd [options]

Options:
  -h | --help            Display program help:
  -v | --verbose         Verbose messages.
  -d | --daemon          Run as a daemon & write PID file.
  -t | --timeout <secs>  Exit after timeout period.
  -f | --config <file>   Configuration file.
  -V | --version         Display version information.
  -p | --pid-file <file> Change name of PID file.

libvirt log management daemon:

  Default paths:

    Configuration file (unless overridden by -f):
      /etc/libvirt/virtlogd.conf

    Sockets:
      /run/libvirt/virtlogd-sock

    PID file (unless overridden by -p):
      /run/virtlogd.pid

`,
};

const LIBVIRTD_SERVICE: Service = {
  name: 'libvirtd',
  pidFile: '/run/libvirtd.pid',
  open: (proc) => {
    const daemon = new Libvirtd(proc);
    daemon.listen();
    return {
      requests: daemon.queue,
      start: () => daemon.start(),
      serve: () => daemon.queue.serve(),
      close: () => daemon.close(),
      unlink: () => daemon.unlink(),
    };
  },
};

/** What virtlogd keeps in Labwire: its socket. Guests write their consoles themselves. */
const VIRTLOGD_SERVICE: Service = {
  name: 'virtlogd',
  pidFile: '/run/virtlogd.pid',
  open: ({ fs }) => {
    const path = '/run/libvirt/virtlogd-sock';
    fs.mkdir('/run/libvirt', { recursive: true });
    if (fs.exists(path)) fs.unlink(path);
    fs.bindSocket(path, {}, 0o700);
    return {
      requests: { poll: () => 0, wq: new WaitQueue() },
      start: async () => {},
      serve: async () => {},
      close: () => {},
      unlink: () => {
        if (fs.exists(path)) fs.unlink(path);
      },
    };
  },
};

function daemonProgram(manual: DaemonManual, service: Service): Program {
  return withOptions(async (proc) => {
    const options = await readDaemonOptions(proc, manual);
    return typeof options === 'number' ? options : runDaemon(proc, service, options);
  }, daemonOptions(manual));
}

/** libvirtd(8). */
export const libvirtd: Program = daemonProgram(LIBVIRTD, LIBVIRTD_SERVICE);
/** virtlogd(8). */
export const virtlogd: Program = daemonProgram(VIRTLOGD, VIRTLOGD_SERVICE);
