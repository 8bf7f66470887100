import type { Node } from 'yaml';
import type { Process } from '../../machine/index.ts';
import { KINDS, NetDef, type NetKind } from './net-def.ts';
import { readSettings } from './read-settings.ts';
import { DEVICE_KEYS, REFUSED_KINDS } from './schema.ts';
import { Source } from './source.ts';

/** The configuration of a machine: what all its files say together. */
export class NetplanConfig {
  readonly defs: Map<string, NetDef> = new Map();
  /** What was said at the top, by key: `version`, `renderer`. */
  version: number | undefined;
  renderer: string | undefined;
  /** What netplan warns of. */
  readonly warnings: string[] = [];
  readonly #places = new Map<string, { readonly source: Source; readonly node: Node }>();
  readonly #ports: { readonly def: NetDef; readonly source: Source; readonly list: Node }[] = [];

  /** Reads one file into it. @throws NetplanError */
  add(source: Source): void {
    if (source.root === null) return;
    for (const [key, name, value] of source.entries(source.root, source.root)) {
      if (name !== 'network') throw source.error(key, `unknown key '${name}'`);
      for (const [inner, section, node] of source.entries(value, key))
        this.#section(source, inner, section, node);
    }
  }

  /** What only all files together tell. @throws NetplanError */
  finish(): void {
    const masters = new Map<string, NetDef>();
    for (const { def, source, list } of this.#ports)
      for (const item of source.items(list)) {
        const port = source.text(item);
        if (!this.defs.has(port))
          throw source.error(item, `${def.id}: interface '${port}' is not defined`);
        const other = masters.get(port);
        if (other !== undefined && other !== def)
          throw source.error(
            list,
            `${def.id}: interface '${port}' is already assigned to ${other.kind.slice(0, -1)} ${other.id}`,
          );
        masters.set(port, def);
      }
    for (const def of this.defs.values()) this.#check(def);
    this.#checkDefaultRoutes();
  }

  /** The master of a device. */
  masterOf(id: string): NetDef | undefined {
    return [...this.defs.values()].find((def) => def.list('interfaces').includes(id));
  }

  #section(source: Source, key: Node, name: string, node: Node): void {
    if (name === 'version') {
      if (source.text(node) !== '2') throw source.error(node, 'Only version 2 is supported');
      this.version = 2;
    } else if (name === 'renderer') {
      const text = source.text(node);
      if (text === 'NetworkManager')
        throw source.error(
          node,
          "renderer 'NetworkManager' is not supported by Labwire; networkd is",
        );
      if (text !== 'networkd') throw source.error(node, `unknown renderer '${text}'`);
      this.renderer = text;
    } else if (KINDS.includes(name as NetKind)) {
      for (const [id, word, body] of source.entries(node, key))
        this.#device(source, id, word, body, name as NetKind);
    } else if (REFUSED_KINDS.includes(name))
      throw source.error(key, `'${name}' is not supported by Labwire`);
    else throw source.error(key, `unknown key '${name}'`);
  }

  #device(source: Source, key: Node, id: string, node: Node, kind: NetKind): void {
    const entries = source.entries(node, key);
    const found = this.defs.get(id);
    if (found !== undefined && found.kind !== kind)
      throw source.error(key, `Updated definition '${id}' changes device type`);
    const def = found ?? new NetDef(id, kind, source.path);
    this.defs.set(id, def);
    this.#places.set(id, { source, node });
    readSettings(source, node, DEVICE_KEYS[kind], def.settings);
    for (const [, name, value] of entries) {
      if (name === 'interfaces') this.#ports.push({ def, source, list: value });
      if (name === 'gateway4' || name === 'gateway6')
        this.warnings.push(
          `\`${name}\` has been deprecated, use default routes instead.\nSee the 'Default routes' section of the documentation for more details.`,
        );
    }
  }

  #check(def: NetDef): void {
    const { source, node } = this.#places.get(def.id) as { source: Source; node: Node };
    if (def.text('set-name') !== undefined && def.settings.match === undefined)
      throw source.error(node, `${def.id}: 'set-name:' requires 'match:' properties`);
    if (def.kind !== 'vlans') return;
    const id = def.number('id');
    const link = def.text('link');
    if (id === undefined) throw source.error(node, `${def.id}: missing 'id' property`);
    if (id > 4094)
      throw source.error(node, `${def.id}: invalid id '${id}' (allowed values are 0 to 4094)`);
    if (link === undefined) throw source.error(node, `${def.id}: missing 'link' property`);
    if (!this.defs.has(link))
      throw source.error(node, `${def.id}: interface '${link}' is not defined`);
  }

  #checkDefaultRoutes(): void {
    const seen = new Map<string, string>();
    for (const def of this.defs.values())
      for (const { family, metric } of defaultsOf(def)) {
        const name = `IPv${family} (table: main, metric: ${metric ?? 'default'})`;
        const first = seen.get(name);
        if (first !== undefined) {
          this.warnings.push(
            `Problem encountered while validating default route consistency.Please set up multiple routing tables and use \`routing-policy\` instead.\nError: Conflicting default route declarations for ${name}, first declared in ${first} but also in ${def.id}`,
          );
          return;
        }
        seen.set(name, def.id);
      }
  }
}

/** The default routes that a device's settings have. */
function defaultsOf(def: NetDef): { family: 4 | 6; metric: number | undefined }[] {
  const found: { family: 4 | 6; metric: number | undefined }[] = [];
  if (def.text('gateway4') !== undefined) found.push({ family: 4, metric: undefined });
  if (def.text('gateway6') !== undefined) found.push({ family: 6, metric: undefined });
  for (const { to, via, metric } of def.routes) {
    if (!['default', '0.0.0.0/0', '::/0'].includes(String(to))) continue;
    const family = String(via ?? to).includes(':') ? 6 : 4;
    found.push({ family, metric: typeof metric === 'number' ? metric : undefined });
  }
  return found;
}

/** The files that netplan reads, in its order: by name, those of /run over those of /etc over those of /lib. */
export function configFiles(proc: Process, root: string): string[] {
  const byName = new Map<string, string>();
  for (const dir of ['lib/netplan', 'etc/netplan', 'run/netplan']) {
    const path = `${root.replace(/\/$/, '')}/${dir}`;
    if (!proc.fs.exists(path)) continue;
    for (const name of proc.fs.readdir(path))
      if (name.endsWith('.yaml')) byName.set(name, `${path}/${name}`);
  }
  return [...byName.keys()].sort().map((name) => byName.get(name) as string);
}

/** Reads all files below a root directory. @throws NetplanError */
export function loadConfig(proc: Process, root: string): NetplanConfig {
  const config = new NetplanConfig();
  for (const path of configFiles(proc, root)) {
    if ((proc.fs.stat(path).mode & 0o077) !== 0)
      config.warnings.push(
        `Permissions for ${path} are too open. Netplan configuration should NOT be accessible by others.`,
      );
    config.add(new Source(path, proc.fs.readText(path)));
  }
  config.finish();
  return config;
}
