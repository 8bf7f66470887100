import { KernelError, strerror } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import type { OpenFile } from '../../machine/index.ts';
import { pcapHeader, pcapRecord } from '../../tcpdump/savefile/index.ts';
import { type Item, Opts } from '../command-line/index.ts';
import { QemuError } from '../qemu-error.ts';
import type { Emulator } from './emulator.ts';

const LINKTYPE_ETHERNET = 1;
const MAX_LENGTH = 65_536;
const WORDS = ['qom-type', 'id', 'netdev', 'file', 'maxlen', 'queue', 'status'];
/** Objects that change what a network does; Labwire has none of them. QEMU 7.2 qapi/qom.json */
const REFUSED =
  /^(filter-(buffer|mirror|redirector|replay|rewriter)|colo-compare|can-bus|can-host-socketcan)$/;
/** Those that change nothing a network shows. */
const ACCEPTED =
  /^(authz-\w+|authz-list-file|cryptodev-\S+|dbus-vmstate|input-\S+|iothread|main-loop|memory-backend-\S+|pr-manager-helper|qtest|rng-\w+|secret|secret_keyring|sev-guest|thread-context|throttle-group|tls-c\S+|x-remote-object|x-vfio-user-server)$/;

/** What `-object` asks for, read and checked for what can be known at once. */
export class Objects {
  readonly #dumps: Opts[] = [];
  readonly #files: OpenFile[] = [];

  /** @throws QemuError */
  constructor(items: readonly Item[]) {
    for (const { name, value, where } of items) {
      if (name !== 'object') continue;
      const opts = new Opts(where, value, 'qom-type');
      const type = opts.required('qom-type');
      if (type === 'filter-dump') this.#dumps.push(checked(opts));
      else if (REFUSED.test(type)) throw opts.error(`Labwire has no ${type}`);
      else if (!ACCEPTED.test(type))
        throw opts.error(`Parameter 'qom-type' does not accept value '${type}'`);
    }
  }

  /** Makes them, once there are backends. @throws QemuError */
  open(emulator: Emulator): void {
    for (const opts of this.#dumps) this.#dump(emulator, opts);
  }

  /** Every frame between a backend and its NIC goes to a file. QEMU net/dump.c */
  #dump(emulator: Emulator, opts: Opts): void {
    const { proc } = emulator;
    const { backend } = emulator.netdev(opts.required('netdev')) ?? {};
    if (backend === undefined)
      throw new QemuError(undefined, "Parameter 'netdev' expects a network backend id");
    const snaplen = lengthOf(opts);
    const file = openFile(emulator, opts.required('file'));
    this.#files.push(file);
    file.write(pcapHeader(LINKTYPE_ETHERNET, snaplen, false));
    const queue = opts.get('queue') ?? 'all';
    if (opts.get('status') === 'off') return;
    backend.watch = (skb: SkBuff, toGuest: boolean): void => {
      if (queue === (toGuest ? 'rx' : 'tx')) return;
      const now = proc.machine.wallClock;
      const sec = Math.floor(now);
      const nsec = Math.round((now - sec) * 1e9);
      const bytes = skb.buf.slice(skb.data, Math.min(skb.tail, skb.data + snaplen));
      file.write(pcapRecord({ sec, nsec, length: skb.len, bytes, device: '?' }, false));
    };
  }

  close(): void {
    for (const file of this.#files) file.unref();
  }
}

function checked(opts: Opts): Opts {
  opts.required('id');
  opts.allowOnly(WORDS);
  for (const key of ['netdev', 'file']) opts.required(key);
  const queue = opts.get('queue') ?? 'all';
  if (!['all', 'rx', 'tx'].includes(queue))
    throw opts.error(`Parameter 'queue' does not accept value '${queue}'`);
  return opts;
}

function lengthOf(opts: Opts): number {
  const text = opts.get('maxlen') ?? `${MAX_LENGTH}`;
  if (!/^\d+$/.test(text)) throw opts.error("Parameter 'maxlen' expects uint32");
  if (Number(text) === 0)
    throw new QemuError(undefined, `Property 'filter-dump.maxlen' doesn't take value '${text}'`);
  return Number(text);
}

function openFile({ proc }: Emulator, path: string): OpenFile {
  try {
    return proc.fs.open(proc.path(path), { write: true, create: true, truncate: true });
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new QemuError(undefined, `net dump: can't open ${path}: ${strerror(e.errno)}`);
  }
}
