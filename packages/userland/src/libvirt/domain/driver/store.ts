import type { RandomStream } from '@labwire/core/sim';
import type { FileSystem } from '../../../machine/index.ts';
import { CONFIG_DIR, LibvirtError, RUN_DIR, saveXml } from '../../base/index.ts';
import { type DomainDef, parseDomain } from '../conf/index.ts';

const DOMAINS = `${CONFIG_DIR}/qemu`;
const STATES = `${RUN_DIR}/qemu`;

/** Where definitions of domains are kept, and links of those that start by themselves. */
export class DomainStore {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  #config(name: string): string {
    return `${DOMAINS}/${name}.xml`;
  }

  #link(name: string): string {
    return `${DOMAINS}/autostart/${name}.xml`;
  }

  /** Writes a definition. virDomainDefSave() */
  save(def: DomainDef): void {
    saveXml(this.#fs, this.#config(def.name), 'edit', [def.name, def.uuid], def.format());
  }

  /** Forgets a definition. */
  remove(name: string): void {
    for (const path of [this.#config(name), this.#link(name)])
      if (this.#isThere(path)) this.#fs.unlink(path);
  }

  #isThere(path: string): boolean {
    const at = path.lastIndexOf('/');
    const dir = path.slice(0, at);
    return this.#fs.exists(dir) && this.#fs.readdir(dir).includes(path.slice(at + 1));
  }

  /** Makes a domain start by itself, or not any more. */
  setAutostart(name: string, on: boolean): void {
    if (on) {
      this.#fs.mkdir(`${DOMAINS}/autostart`, { recursive: true });
      this.#fs.symlink(this.#config(name), this.#link(name));
    } else if (this.#isThere(this.#link(name))) this.#fs.unlink(this.#link(name));
  }

  startsByItself(name: string): boolean {
    return this.#isThere(this.#link(name));
  }

  /** Definitions by their files; those that make no sense are left out. */
  load(random: RandomStream): DomainDef[] {
    const files = this.#fs.exists(DOMAINS) ? this.#fs.readdir(DOMAINS) : [];
    return files
      .filter((name) => name.endsWith('.xml'))
      .flatMap((name) => {
        try {
          return parseDomain(this.#fs.readText(`${DOMAINS}/${name}`), random);
        } catch (e) {
          if (e instanceof LibvirtError) return [];
          throw e;
        }
      });
  }

  /** Makes the directory of states. @returns whether nothing has started by itself since the machine did */
  openStateDir(pid: number): boolean {
    const fs = this.#fs;
    fs.mkdir(STATES, { recursive: true });
    fs.writeFile(`${STATES}/driver.pid`, String(pid));
    const mark = `${STATES}/autostarted`;
    if (fs.exists(mark)) return false;
    fs.writeFile(mark, '', { mode: 0o600 });
    return true;
  }

  /** Writes the state of what runs: its pid and its XML. */
  saveState(def: DomainDef, id: number, pid: number): void {
    this.#fs.writeFile(`${STATES}/${def.name}.pid`, String(pid));
    saveXml(this.#fs, `${STATES}/${def.name}.xml`, 'edit', [def.name, def.uuid], def.format(id));
  }

  removeState(name: string): void {
    for (const path of [`${STATES}/${name}.pid`, `${STATES}/${name}.xml`])
      if (this.#fs.exists(path)) this.#fs.unlink(path);
  }
}
