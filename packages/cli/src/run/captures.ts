import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LabwireError } from '@labwire/core/error';
import { MachineCapture } from '@labwire/scenarios/capture';
import type { World } from '@labwire/scenarios/world';

/** Captures of all machines of a run: one pcapng file for each. */
export class Captures {
  readonly #folder: string;
  readonly #machines: MachineCapture[] = [];

  /** @throws LabwireError if the folder can't be made */
  constructor(folder: string) {
    this.#folder = folder;
    orExplain(`no folder ${folder} can be made`, () => mkdirSync(folder, { recursive: true }));
  }

  /** Captures every frame that goes in or out at any device of any machine, from now on. */
  listen(world: World): void {
    world.onMachine(({ name, kernel }) => this.#machines.push(new MachineCapture(name, kernel)));
  }

  /** Writes the files. */
  close(): void {
    for (const capture of this.#machines) {
      const file = join(this.#folder, `${capture.name}.pcapng`);
      orExplain(`${file} can't be written`, () =>
        writeFileSync(file, Buffer.concat(capture.finish())),
      );
    }
  }
}

/** Where a lab's captures go: the folder asked for or, if several labs run, one in it for each. */
export function captureFolder(folder: string, lab: string, several: boolean): string {
  return several ? join(folder, basename(lab).replace(/\.md$/, '')) : folder;
}

function orExplain(what: string, act: () => void): void {
  try {
    act();
  } catch (e) {
    const why = (e as NodeJS.ErrnoException).code ?? 'an error';
    throw new LabwireError(`--pcap: ${what}: ${why}; name another folder`);
  }
}
