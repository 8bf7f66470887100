import { KernelError } from '@labwire/core/error';
import type { Netns } from '@labwire/devices/netns';
import { type LinkInfo, type LinkRef, linkDump, linkGet } from '@labwire/devices/rtnetlink';
import type { Process } from '../../machine/index.ts';
import { RtNames } from '../names/index.ts';
import { Failure, noSuchDevice } from '../parse/index.ts';
import { Printer } from '../print/index.ts';
import { defaultOptions, type Options } from './options.ts';
import { Output } from './output.ts';
import { talk } from './rtnetlink.ts';

/** What every command of `ip` and `bridge` works with. */
export class Context {
  readonly proc: Process;
  readonly options: Options;
  readonly output: Output;
  readonly names: RtNames;
  /** The namespace that is asked: the process's own, or what `-n` names. */
  ns: Netns;
  #printer: Printer | undefined;

  constructor(proc: Process) {
    this.proc = proc;
    this.options = defaultOptions();
    this.output = new Output(proc);
    this.ns = proc.netns;
    this.names = new RtNames(proc.fs, (text) => this.output.err(text));
  }

  /** What answers are printed with; made when the options are known. */
  get printer(): Printer {
    this.#printer ??= new Printer(this.options, (text) => this.output.out(text));
    return this.#printer;
  }

  /** Asks the kernel to change something, which only root may. */
  modify<T>(request: () => T): T {
    return talk(() => {
      if (this.proc.uid !== 0) throw new KernelError('EPERM');
      return request();
    });
  }

  /** All devices. */
  links(): readonly LinkInfo[] {
    return linkDump(this.ns);
  }

  /** One device; undefined if there is none. */
  #find(ref: LinkRef): LinkInfo | undefined {
    try {
      return linkGet(this.ns, ref);
    } catch (e) {
      if (e instanceof KernelError && e.errno === 'ENODEV') return undefined;
      throw e;
    }
  }

  /** The device of an index. */
  link(ifindex: number): LinkInfo | undefined {
    return this.#find({ ifindex });
  }

  /** The device of a name or alternative name. */
  linkNamed(name: string): LinkInfo | undefined {
    return this.#find({ name });
  }

  /** The index of a name or alternative name; `ifN` is N. 0 if there is none. Source: iproute2 lib/ll_map.c, ll_name_to_index(). */
  findIndex(name: string): number {
    return this.linkNamed(name)?.ifindex ?? Number(/^if(\d+)/.exec(name)?.[1] ?? 0);
  }

  /** As {@link findIndex}. @throws Failure `Cannot find device` */
  indexOf(name: string): number {
    const index = this.findIndex(name);
    if (index === 0) throw noSuchDevice(name);
    return index;
  }

  /** As {@link findIndex}. @throws Failure `Device … does not exist.` */
  existingIndexOf(name: string): number {
    const index = this.findIndex(name);
    if (index === 0) throw new Failure(1, `Device "${name}" does not exist.\n`);
    return index;
  }

  /** The name of a device; `ifN` if there is none, `*` for 0. Source: lib/ll_map.c, ll_index_to_name(). */
  nameOf(ifindex: number): string {
    if (ifindex === 0) return '*';
    return this.link(ifindex)?.name ?? `if${ifindex}`;
  }
}
