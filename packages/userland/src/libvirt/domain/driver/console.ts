import type { ConsoleKeys, VirtualMachine } from '../../../hypervisor/index.ts';
import { LibvirtError } from '../../base/index.ts';

/** What somebody at a console sees. */
export type ConsoleViewer = (text: string) => void;

/** A domain's first serial line, at which one can sit at a time. libvirt src/conf/virchrdev.c */
export class DomainConsole {
  readonly #guest: VirtualMachine;
  #keys: ConsoleKeys | undefined;
  #viewer: { readonly show: ConsoleViewer; readonly leave: () => void } | undefined;

  constructor(guest: VirtualMachine) {
    this.#guest = guest;
  }

  /**
   * Sits down at it.
   * @param force sends away who is there
   * @param leave is called when another one does so
   * @throws LibvirtError if somebody is there
   */
  open(show: ConsoleViewer, leave: () => void, force: boolean): ConsoleKeys {
    if (this.#viewer !== undefined && !force)
      throw new LibvirtError('operation-failed', 'Active console session exists for this domain');
    this.#viewer?.leave();
    this.#viewer = { show, leave };
    this.#keys ??= this.#guest.openConsole((text) => this.#viewer?.show(text));
    return this.#keys;
  }

  /** Gets up. */
  close(show: ConsoleViewer): void {
    if (this.#viewer?.show === show) this.#viewer = undefined;
  }
}
