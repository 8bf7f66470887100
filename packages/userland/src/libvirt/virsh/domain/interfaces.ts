import { LibvirtError } from '../../base/index.ts';
import type { Domain, InterfaceChange, XmlNode } from '../../domain/index.ts';
import { escapeXml } from '../../xml/index.ts';
import type { CommandDef, OptionDef, ParsedCommand } from '../command.ts';
import { formatTable } from '../table.ts';
import type { Vsh } from '../vsh.ts';
import { askDomain, domainOption, flag } from './domain-option.ts';
import { bandwidthXml } from './rates.ts';

const INTERFACE: OptionDef = {
  name: 'interface',
  type: 'data',
  help: 'interface device (MAC Address)',
};

/** Whom a change is for. VIRSH_COMMON_OPT_LIVE and its siblings */
const AFFECTED: readonly OptionDef[] = [
  flag('persistent', 'make live change persistent'),
  flag('config', 'affect next boot'),
  flag('live', 'affect running domain'),
  flag('current', 'affect current domain'),
];

/** Interfaces of what runs, or of what is defined. */
function interfacesOf(domain: Domain, inactive: boolean): XmlNode[] {
  const def = inactive ? (domain.persistent ?? domain.def) : domain.def;
  return def.all('interface');
}

function macOf(node: XmlNode): string {
  return node.child('mac')?.attr('address') ?? '';
}

const domiflist: CommandDef = {
  name: 'domiflist',
  description: 'Get the summary of virtual interfaces for a domain.',
  options: [domainOption(), flag('inactive', 'get inactive rather than running configuration')],
  async run(vsh, cmd) {
    const rows = await askDomain(vsh, cmd, (d) =>
      interfacesOf(d, cmd.has('inactive')).map(listRow),
    );
    const head = ['Interface', 'Type', 'Source', 'Model', 'MAC'];
    await vsh.print(formatTable(head, rows, !vsh.settings.quiet));
    return true;
  },
};

function listRow(node: XmlNode): string[] {
  const source = node.child('source');
  return [
    node.child('target')?.attr('dev') ?? '-',
    node.attr('type') ?? '-',
    source?.attr('network') ?? source?.attr('bridge') ?? source?.attr('dev') ?? '-',
    node.child('model')?.attr('type') ?? '-',
    macOf(node),
  ];
}

/** The interface that a word names, by its device or its MAC. */
function named(nodes: readonly XmlNode[], word: string): XmlNode | undefined {
  return nodes.find(
    (n) => n.child('target')?.attr('dev') === word || macOf(n) === word.toLowerCase(),
  );
}

const setlink: CommandDef = {
  name: 'domif-setlink',
  description:
    "Set link state of a domain's virtual interface. This command wraps usage of update-device command.",
  options: [
    domainOption(),
    INTERFACE,
    { name: 'state', type: 'data', help: 'new state of the device' },
    flag('config', 'affect next boot'),
    flag('print-xml', 'print XML document rather than set the interface link state'),
  ],
  async run(vsh, cmd) {
    const state = cmd.value('state') ?? '';
    const word = cmd.value('interface') ?? '';
    const config = cmd.has('config');
    const { node, active } = await askDomain(vsh, cmd, (d) => ({
      node: named(interfacesOf(d, config), word)?.clone(),
      active: d.active,
    }));
    if (state !== 'up' && state !== 'down') return refuse(vsh, `invalid link state '${state}'`);
    if (node === undefined) return refuse(vsh, `interface '${word}' not found`);
    const xml = withLink(node, state);
    if (cmd.has('print-xml')) {
      await vsh.print(xml);
      return true;
    }
    const whom = { live: active && !config, config: config || !active };
    await vsh.explain(
      'Failed to update interface link state',
      change(vsh, cmd, 'update', xml, whom),
    );
    await vsh.printExtra('Device updated successfully\n');
    return true;
  },
};

async function refuse(vsh: Vsh, text: string): Promise<boolean> {
  await vsh.error(text);
  return false;
}

function withLink(node: XmlNode, state: string): string {
  const text = node.toString();
  const link = `  <link state='${state}'/>\n`;
  return /<link [^>]*\/>/.test(text)
    ? text.replace(/ *<link [^>]*\/>\n/, () => link)
    : text.replace(/<\/interface>\n$/, () => `${link}</interface>\n`);
}

const getlink: CommandDef = {
  name: 'domif-getlink',
  description: "Get link state of a domain's virtual interface.",
  options: [domainOption(), INTERFACE, flag('config', 'Get persistent interface state')],
  async run(vsh, cmd) {
    const word = cmd.value('interface') ?? '';
    const state = await askDomain(vsh, cmd, (d) => {
      const node = named(interfacesOf(d, cmd.has('config')), word);
      return node === undefined ? undefined : (node.child('link')?.attr('state') ?? 'up');
    });
    const kind = word.includes(':') ? 'mac' : 'dev';
    if (state === undefined) return refuse(vsh, `Interface (${kind}: ${word}) not found.`);
    await vsh.print(`${word} ${state}\n`);
    return true;
  },
};

/** Has the daemon change an interface. */
async function change(
  vsh: Vsh,
  cmd: ParsedCommand,
  kind: InterfaceChange['kind'],
  xml: string,
  whom: Pick<InterfaceChange, 'live' | 'config'>,
): Promise<void> {
  const uuid = await askDomain(vsh, cmd, (d) => d.uuid);
  const api = `virDomain${kind[0]?.toUpperCase()}${kind.slice(1)}Device`;
  await vsh.connection.change(api, (daemon) =>
    daemon.domains.changeInterface(daemon.domains.find(uuid), { kind, xml, ...whom }),
  );
}

/** Whom the options name: what runs if they name nobody and it does. */
function affected(cmd: ParsedCommand, active: boolean): Pick<InterfaceChange, 'live' | 'config'> {
  if (cmd.has('persistent')) return { live: active, config: true };
  if (cmd.has('live') || cmd.has('config'))
    return { live: cmd.has('live'), config: cmd.has('config') };
  return { live: active, config: !active };
}

const attach: CommandDef = {
  name: 'attach-interface',
  description: 'Attach new network interface.',
  options: [
    domainOption(),
    { name: 'type', type: 'data', help: 'network interface type' },
    { name: 'source', type: 'data', help: 'source of network interface' },
    { name: 'target', type: 'string', help: 'target network name' },
    { name: 'mac', type: 'string', help: 'MAC address' },
    { name: 'script', type: 'string', help: 'script used to bridge network interface' },
    { name: 'model', type: 'string', help: 'model type' },
    { name: 'alias', type: 'string', help: 'custom alias name of interface device' },
    { name: 'inbound', type: 'string', help: "control domain's incoming traffics" },
    { name: 'outbound', type: 'string', help: "control domain's outgoing traffics" },
    ...AFFECTED,
    flag('print-xml', 'print XML document rather than attach the interface'),
    flag('managed', 'libvirt will automatically detach/attach the device from/to host'),
    { name: 'source-mode', type: 'string', help: 'mode attribute of <source/> element' },
  ],
  async run(vsh, cmd) {
    const type = cmd.value('type') ?? '';
    const key = SOURCES[type];
    if (key === undefined)
      return refuse(vsh, `No support for ${type} in command 'attach-interface'`);
    if (cmd.has('managed'))
      throw new LibvirtError('argument-unsupported', 'Labwire assigns no host devices (--managed)');
    const bandwidth = bandwidthXml(cmd);
    if (typeof bandwidth === 'string') return refuse(vsh, bandwidth);
    const xml = attachXml(cmd, type, key, bandwidth);
    if (cmd.has('print-xml')) {
      await vsh.print(xml);
      return true;
    }
    const active = await askDomain(vsh, cmd, (d) => d.active);
    const whom = affected(cmd, active);
    await vsh.explain('Failed to attach interface', change(vsh, cmd, 'attach', xml, whom));
    await vsh.printExtra('Interface attached successfully\n');
    return true;
  },
};

const SOURCES: Readonly<Record<string, string>> = {
  network: 'network',
  bridge: 'bridge',
  direct: 'dev',
};

function attachXml(
  cmd: ParsedCommand,
  type: string,
  key: string,
  bandwidth: readonly string[],
): string {
  const line = (text: string, value: string | undefined) =>
    value === undefined ? [] : [text.replace('%s', () => escapeXml(value))];
  const mode = cmd.value('source-mode');
  const source = ` ${key}='${escapeXml(cmd.value('source') ?? '')}'${mode === undefined ? '' : ` mode='${escapeXml(mode)}'`}`;
  return [
    `<interface type='${type}'>`,
    `  <source${source}/>`,
    ...line("  <target dev='%s'/>", cmd.value('target')),
    ...line("  <mac address='%s'/>", cmd.value('mac')),
    ...line("  <script path='%s'/>", cmd.value('script')),
    ...line("  <model type='%s'/>", cmd.value('model')),
    ...line("  <alias name='%s'/>", cmd.value('alias')),
    ...bandwidth,
    '</interface>\n',
  ].join('\n');
}

const detach: CommandDef = {
  name: 'detach-interface',
  description: 'Detach network interface.',
  options: [
    domainOption(),
    { name: 'type', type: 'data', help: 'network interface type' },
    { name: 'mac', type: 'string', help: 'MAC address' },
    ...AFFECTED,
    flag('print-xml', 'print XML document rather than detach the interface'),
  ],
  async run(vsh, cmd) {
    const active = await askDomain(vsh, cmd, (d) => d.active);
    const whom = affected(cmd, active);
    const nodes = await askDomain(vsh, cmd, (d) =>
      interfacesOf(d, !whom.live).map((n) => n.clone()),
    );
    const found = theOne(nodes, cmd.value('type') ?? '', cmd.value('mac'));
    if (typeof found === 'string') {
      await vsh.error(found);
      return refuse(vsh, 'Failed to detach interface');
    }
    if (cmd.has('print-xml')) {
      await vsh.print(found.toString());
      return true;
    }
    const xml = found.toString();
    await vsh.explain('Failed to detach interface', change(vsh, cmd, 'detach', xml, whom));
    await vsh.printExtra('Interface detached successfully\n');
    return true;
  },
};

/** The interface that is meant; or why none is. virshDomainDetachInterface() */
function theOne(
  nodes: readonly XmlNode[],
  type: string,
  mac: string | undefined,
): XmlNode | string {
  const same = nodes.filter((n) => n.attr('type') === type);
  if (same.length === 0) return `No interface found whose type is ${type}`;
  if (mac === undefined)
    return same.length === 1
      ? (same[0] as XmlNode)
      : `Domain has ${same.length} interfaces. Please specify which one to detach using --mac`;
  const found = same.find((n) => macOf(n) === mac.toLowerCase());
  return found ?? `No interface with MAC address ${mac} was found`;
}

/** Commands about a domain's interfaces. */
export const interfaceCommands: readonly CommandDef[] = [
  attach,
  detach,
  domiflist,
  getlink,
  setlink,
];
