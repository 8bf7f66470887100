import {
  type Chardev,
  type CharSpec,
  chardevSpec,
  openChardev,
  parseCompatSpec,
} from '../chardev/index.ts';
import { type Item, Opts } from '../command-line/index.ts';
import { QemuError } from '../qemu-error.ts';
import type { Emulator } from './emulator.ts';

/** A character device to be opened. */
interface Wanted {
  readonly id: string;
  readonly spec: CharSpec;
  readonly where: string;
  readonly use: 'none' | 'monitor' | 'serial';
}

/** Refuses a second use of the terminal. */
function checkStdio(wanted: readonly Wanted[]): void {
  const second = wanted.filter((w) => w.spec.kind === 'stdio')[1];
  if (second !== undefined)
    throw new QemuError(second.where, 'cannot use stdio by multiple character devices');
}

/** `-serial` where its socket is; at the terminal or nowhere it shows nothing here. */
function serialSpec({ where, value }: Item): CharSpec {
  if (/^(mon:)?stdio$|^(pty|mon:|file:|chardev:|pipe:|udp:|\/dev\/)/.test(value))
    return { kind: 'null' };
  try {
    return parseCompatSpec(where, value);
  } catch (e) {
    if (!(e instanceof QemuError) || e.next === undefined) throw e;
    const why = `could not connect serial device to character backend '${value}'`;
    throw new QemuError(where, e.message, new QemuError(where, why));
  }
}

/** The character devices that a command line asks for. */
export class Characters {
  readonly #early: readonly Wanted[];
  readonly #serials: readonly Wanted[];
  readonly #opened: Chardev[] = [];
  readonly monitors: Chardev[] = [];
  readonly serials: Chardev[] = [];
  readonly #onto: readonly { readonly id: string; readonly where: string }[];

  /** @throws QemuError */
  constructor(items: readonly Item[]) {
    const named = (name: string) => items.filter((i) => i.name === name);
    const chardevs = named('chardev').map((i): Wanted => {
      const opts = new Opts(i.where, i.value, 'backend');
      const id = opts.get('id');
      if (id === undefined) throw opts.error('chardev: no id specified');
      return { id, spec: chardevSpec(opts), where: i.where, use: 'none' };
    });
    const monitors = named('monitor')
      .filter((i) => i.value !== 'none')
      .map((i, n): Wanted => {
        const spec = parseCompatSpec(i.where, i.value);
        return { id: `compat_monitor${n}`, spec, where: i.where, use: 'monitor' };
      });
    this.#early = [...chardevs, ...monitors];
    this.#serials = named('serial').map(
      (i, n): Wanted => ({ id: `serial${n}`, spec: serialSpec(i), where: i.where, use: 'serial' }),
    );
    this.#onto = named('mon').map((i) => monitorOnto(i));
    checkStdio([...this.#early, ...this.#serials]);
  }

  /** Opens those of the monitor. @throws QemuError */
  async open(emulator: Emulator): Promise<void> {
    for (const wanted of this.#early) {
      const dev = await this.#openOne(emulator, wanted);
      if (wanted.use === 'monitor') this.monitors.push(dev);
    }
    for (const { id, where } of this.#onto) {
      const dev = emulator.chardevs.find((c) => c.id === id);
      if (dev === undefined) throw new QemuError(where, `chardev "${id}" not found`);
      this.monitors.push(dev);
    }
  }

  /** Opens those of serial ports, which come after the networks. @throws QemuError */
  async openSerials(emulator: Emulator): Promise<void> {
    for (const wanted of this.#serials) {
      try {
        this.serials.push(await this.#openOne(emulator, wanted));
      } catch (e) {
        if (!(e instanceof QemuError)) throw e;
        const why = `could not connect serial device to character backend '${wanted.where.replace(/^-serial /, '')}'`;
        throw new QemuError(e.where, e.message, new QemuError(wanted.where, why));
      }
    }
  }

  async #openOne(emulator: Emulator, { id, spec, where }: Wanted): Promise<Chardev> {
    const dev = await openChardev(emulator.proc, emulator.program, id, spec, where);
    emulator.chardevs.push(dev);
    this.#opened.push(dev);
    return dev;
  }

  close(): void {
    for (const dev of this.#opened) dev.close();
  }
}

/** `-mon chardev=ID`. @throws QemuError */
function monitorOnto(item: Item): { readonly id: string; readonly where: string } {
  const opts = new Opts(item.where, item.value, 'chardev');
  if ((opts.get('mode') ?? 'readline') !== 'readline')
    throw opts.error("Labwire's monitor speaks to people alone: mode=readline");
  return { id: opts.required('chardev'), where: item.where };
}
