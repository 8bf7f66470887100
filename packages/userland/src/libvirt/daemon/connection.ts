import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import { LibvirtError, READ_ONLY_SOCKET, SOCKET } from '../base/index.ts';
import type { Libvirtd } from './libvirtd.ts';
import { DaemonGone } from './request-queue.ts';

/** What libvirt connects to unless it is told otherwise. virConnectOpenInternal() */
function defaultUri(caller: Process): string {
  return caller.uid === 0 ? 'qemu:///system' : 'qemu:///session';
}

/** A client's connection to the daemon of its machine. virConnectPtr */
export class Connection {
  /** As `virsh uri` shows it. */
  readonly uri: string;
  readonly readOnly: boolean;
  readonly #caller: Process;
  readonly #daemon: Libvirtd;

  private constructor(caller: Process, daemon: Libvirtd, uri: string, readOnly: boolean) {
    this.#caller = caller;
    this.#daemon = daemon;
    this.uri = uri;
    this.readOnly = readOnly;
  }

  /**
   * Connects: virConnectOpenAuth(3).
   * @param uri empty: the system's daemon for root, one's own for others
   * @throws LibvirtError
   */
  static open(caller: Process, uri: string, readOnly: boolean): Connection {
    const full = uri === '' ? defaultUri(caller) : uri;
    checkUri(full);
    // polkit lets everybody look, and asks whoever is not root for a password: at no terminal here
    if (caller.uid !== 0 && !readOnly)
      throw new LibvirtError(
        'plain',
        "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
      );
    const path = readOnly ? READ_ONLY_SOCKET : SOCKET;
    try {
      return new Connection(caller, caller.fs.socketAt(path) as Libvirtd, full, readOnly);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new LibvirtError(
        'system-error',
        `Failed to connect socket to '/var${path}': ${strerror(e.errno)}`,
      );
    }
  }

  /** Has the daemon do something that changes nothing. @throws LibvirtError */
  async call<T>(work: (daemon: Libvirtd) => Promise<T> | T): Promise<T> {
    try {
      return await this.#daemon.queue.call(this.#caller, async () => work(this.#daemon));
    } catch (e) {
      if (e instanceof KernelError) throw new LibvirtError('system-error', strerror(e.errno));
      if (!(e instanceof DaemonGone)) throw e;
      throw new LibvirtError('system-error', 'End of file while reading data: Input/output error');
    }
  }

  /** Has the daemon change something. @param api libvirt's name of the call, for whoever may not @throws LibvirtError */
  async change<T>(api: string, work: (daemon: Libvirtd) => Promise<T> | T): Promise<T> {
    if (this.readOnly)
      throw new LibvirtError('operation-denied', `read only access prevents ${api}`);
    return this.call(work);
  }
}

/** Of libvirt's many drivers there is the one for QEMU, on this machine. */
function checkUri(uri: string): void {
  const match = /^([a-z0-9+.-]+):(?:\/\/([^/?]*))?([^?]*)/i.exec(uri);
  const [, scheme = '', server = '', path = ''] = match ?? [];
  const [driver, transport] = scheme.split('+');
  if (driver !== 'qemu') throw new LibvirtError('no-connect', uri);
  if (server !== '' || (transport !== undefined && transport !== 'unix'))
    throw new LibvirtError(
      'config-unsupported',
      `Labwire connects to no other machine's libvirtd (${uri}), only to qemu:///system`,
    );
  if (path === '/session')
    throw new LibvirtError(
      'config-unsupported',
      'Labwire has no session daemon (qemu:///session), only qemu:///system',
    );
  if (path !== '/system')
    throw new LibvirtError('internal', `unexpected qemu URI path '${path}', try qemu:///system`);
}
