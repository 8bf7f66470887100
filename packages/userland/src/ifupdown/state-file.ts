import type { Process } from '../machine/index.ts';

const DIR = '/run/network';
const FILE = `${DIR}/ifstate`;

/** What is configured at present: the logical interface by the physical one. /run/network/ifstate */
export class StateFile {
  readonly #proc: Process;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** Entries by name. */
  entries(): Map<string, string> {
    const { fs } = this.#proc;
    const text = fs.exists(FILE) ? fs.readText(FILE) : '';
    const lines = text.split('\n').filter((l) => l !== '');
    return new Map(lines.map((l) => l.split('=', 2) as [string, string]));
  }

  set(iface: string, logical: string): void {
    this.#write(new Map([...this.entries(), [iface, logical]]));
  }

  remove(iface: string): void {
    const entries = this.entries();
    entries.delete(iface);
    this.#write(entries);
  }

  #write(entries: ReadonlyMap<string, string>): void {
    const { fs } = this.#proc;
    fs.mkdir(DIR, { recursive: true });
    const text = [...entries].map(([iface, logical]) => `${iface}=${logical}\n`).join('');
    fs.writeFile(FILE, text);
    for (const iface of entries.keys()) fs.writeFile(`${DIR}/ifstate.${iface}`, '');
  }
}
