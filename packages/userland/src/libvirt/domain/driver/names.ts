import type { Netns } from '@labwire/devices/netns';

/** Gives devices names with numbers that are not used again. libvirt src/util/virnetdev.c, virNetDevGenerateName() */
export class Names {
  readonly #last = new Map<string, number>();

  /** The next name: `vnet0`, `vnet1`, … */
  next(prefix: string, netns: Netns): string {
    for (;;) {
      const id = (this.#last.get(prefix) ?? -1) + 1;
      this.#last.set(prefix, id);
      const name = `${prefix}${id}`;
      if (netns.devices.byName(name) === undefined) return name;
    }
  }

  /** Takes note of a name that is in use. virNetDevReserveName() */
  reserve(name: string): void {
    const [, prefix = '', digits = ''] = /^(\D+)(\d+)$/.exec(name) ?? [];
    if (digits === '') return;
    this.#last.set(prefix, Math.max(this.#last.get(prefix) ?? -1, Number(digits)));
  }
}
