import type { FileSystem } from '../../../machine/index.ts';
import { CONFIG_DIR, LibvirtError, RUN_DIR, saveXml } from '../../base/index.ts';
import { type XmlElement, XmlWriter } from '../../xml/index.ts';
import { writeNetwork } from '../conf/format-network.ts';
import {
  formatNetwork,
  type NetworkDef,
  networkOf,
  parseDocument,
  parseNetwork,
} from '../conf/index.ts';
import { connectionsOf } from './connections.ts';
import type { Network, NetworkPort } from './network.ts';

const NETWORKS = `${CONFIG_DIR}/qemu/networks`;
const STATES = `${RUN_DIR}/network`;

/** Where definitions, links of what starts by itself and the state of what runs are kept. */
export class NetworkStore {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** Where a network's definition is. virNetworkConfigFile() */
  configPath(name: string): string {
    return `${NETWORKS}/${name}.xml`;
  }

  /** The link that makes a network start by itself. */
  autostartPath(name: string): string {
    return `${NETWORKS}/autostart/${name}.xml`;
  }

  #statePath(name: string): string {
    return `${STATES}/${name}.xml`;
  }

  /** Writes a definition. virNetworkSaveConfig() */
  saveConfig(def: NetworkDef): void {
    const names = [def.name, def.uuid];
    saveXml(this.#fs, this.configPath(def.name), 'net-edit', names, formatNetwork(def));
  }

  /** Writes the state of what runs. virNetworkObjSaveStatus() */
  saveState(network: Network): void {
    const { def } = network;
    const xml = new XmlWriter();
    xml.element('networkstatus', [], () => {
      xml.empty('class_id', ['bitmap', '0-2']);
      xml.empty('floor', ['sum', 0]);
      writeNetwork(xml, def, connectionsOf(network));
    });
    const text = xml.toString().trimEnd();
    saveXml(this.#fs, this.#statePath(def.name), 'net-edit', [def.name, def.uuid], text);
  }

  /** Forgets the state of what ran. */
  removeState(name: string): void {
    this.#unlink(this.#statePath(name));
  }

  #portPath(name: string, uuid: string): string {
    return `${STATES}/${name}/ports/${uuid}.xml`;
  }

  /** Writes who uses a network. virNetworkPortDefSaveStatus() */
  savePort(name: string, { uuid, xml }: NetworkPort): void {
    saveXml(this.#fs, this.#portPath(name, uuid), 'net-port-create', [uuid], xml);
  }

  /** Forgets who used a network. */
  removePort(name: string, uuid: string): void {
    this.#unlink(this.#portPath(name, uuid));
  }

  /** Who used a network when the last daemon ended. virNetworkObjLoadAllPorts() */
  loadPorts(name: string): NetworkPort[] {
    const dir = `${STATES}/${name}/ports`;
    return this.#names(dir).map((file) => {
      const text = this.#fs.readText(`${dir}/${file}`);
      return portOf(parseDocument(text, '(networkport_definition)', 'networkport'), text);
    });
  }

  /** Forgets a definition. virNetworkObjDeleteConfig() */
  removeConfig(name: string): void {
    this.#unlink(this.configPath(name));
    this.#unlink(this.autostartPath(name));
  }

  #unlink(path: string): void {
    if (this.#names(path.slice(0, path.lastIndexOf('/'))).includes(path.split('/').at(-1) ?? ''))
      this.#fs.unlink(path);
  }

  /** Makes a network start by itself, or not any more. */
  setAutostart(name: string, on: boolean): void {
    const link = this.autostartPath(name);
    if (on) {
      this.#fs.mkdir(`${NETWORKS}/autostart`, { recursive: true });
      this.#fs.symlink(this.configPath(name), link);
    } else this.#unlink(link);
  }

  /** Whether the link leads to the definition. virFileLinkPointsTo() */
  startsByItself(name: string): boolean {
    const link = this.autostartPath(name);
    return this.#fs.exists(link) && this.#fs.realpath(link) === this.configPath(name);
  }

  /** Definitions, in order of their files' names; those that make no sense are left out. virNetworkObjLoadAllConfigs() */
  loadConfigs(newUuid: () => string): NetworkDef[] {
    return this.#load(NETWORKS, (text) => parseNetwork(text, newUuid));
  }

  /** What ran when the last daemon ended. virNetworkObjLoadAllState() */
  loadStates(newUuid: () => string): NetworkDef[] {
    return this.#load(STATES, (text) => {
      const element = parseDocument(text, '(network status)').child('network');
      if (element === undefined)
        throw new LibvirtError('internal', "Could not find any 'network' element in status file");
      return networkOf(element, newUuid);
    });
  }

  #load(dir: string, parse: (text: string) => NetworkDef): NetworkDef[] {
    const files = this.#names(dir).filter((n) => n.endsWith('.xml'));
    return files.flatMap((file) => {
      try {
        const def = parse(this.#fs.readText(`${dir}/${file}`));
        return `${def.name}.xml` === file ? [def] : [];
      } catch (e) {
        if (e instanceof LibvirtError) return [];
        throw e;
      }
    });
  }

  #names(dir: string): string[] {
    return this.#fs.exists(dir) ? this.#fs.readdir(dir) : [];
  }

  /** Makes the directory of states and what stands in it. @param pid of the daemon @returns whether nothing has started by itself since the machine did. virDriverShouldAutostart() */
  openStateDir(pid: number): boolean {
    const fs = this.#fs;
    fs.mkdir(STATES, { recursive: true });
    fs.writeFile(`${STATES}/driver.pid`, String(pid));
    fs.writeFile(`${STATES}/nwfilter.leases`, '');
    const mark = `${STATES}/autostarted`;
    if (fs.exists(mark)) return false;
    fs.writeFile(mark, '', { mode: 0o600 });
    return true;
  }
}

/** virNetworkPortDefParseXML() @param text the file that it is in, whose comment is not part of it */
function portOf(element: XmlElement, text: string): NetworkPort {
  const owner = element.child('owner');
  return {
    uuid: element.childText('uuid') ?? '',
    ownerName: owner?.childText('name') ?? '',
    ownerUuid: owner?.childText('uuid') ?? '',
    xml: text.slice(text.indexOf('<networkport')),
    device: element.child('plug')?.attr('dev'),
  };
}
