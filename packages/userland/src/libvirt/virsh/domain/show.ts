import { SEC } from '@labwire/core/sim';
import { LibvirtError } from '../../base/index.ts';
import type { Domain, NamedBy } from '../../domain/index.ts';
import type { CommandDef, ParsedCommand } from '../command.ts';
import { formatTable } from '../table.ts';
import { askDomain, domainOption, flag } from './domain-option.ts';

/** What `list` tells of one domain. */
interface Row {
  readonly id: number | undefined;
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  readonly title: string;
  readonly persistent: boolean;
  readonly autostart: boolean;
}

function rowOf(domain: Domain): Row {
  const { id, name, uuid, state, autostart } = domain;
  return {
    id,
    name,
    uuid,
    state,
    autostart,
    title: domain.def.title ?? '',
    persistent: domain.persistent !== undefined,
  };
}

/** Of two opposite options either, both or none may be given. */
function either(cmd: ParsedCommand, yes: string, no: string, is: boolean): boolean {
  return cmd.has(yes) === cmd.has(no) || cmd.has(yes) === is;
}

/** Which domains the options of list ask for. cmdList() */
function wanted(cmd: ParsedCommand, row: Row): boolean {
  const active = row.id !== undefined;
  const states = ['running', 'paused', 'shutoff', 'other'].filter((s) => cmd.has(`state-${s}`));
  const anyway = cmd.has('all') || states.length > 0;
  if (cmd.has('inactive') && active && !cmd.has('all')) return false;
  if (!cmd.has('inactive') && !anyway && !active) return false;
  if (states.length > 0 && !states.includes(row.state.replace(' ', ''))) return false;
  if (['with-snapshot', 'with-checkpoint', 'with-managed-save'].some((o) => cmd.has(o)))
    return false;
  return (
    either(cmd, 'persistent', 'transient', row.persistent) &&
    either(cmd, 'autostart', 'no-autostart', row.autostart)
  );
}

const list: CommandDef = {
  name: 'list',
  description: 'Returns list of domains.',
  options: [
    flag('inactive', 'list inactive domains'),
    flag('all', 'list inactive & active domains'),
    flag('transient', 'list transient domains'),
    flag('persistent', 'list persistent domains'),
    flag('with-snapshot', 'list domains with existing snapshot'),
    flag('without-snapshot', 'list domains without a snapshot'),
    flag('with-checkpoint', 'list domains with existing checkpoint'),
    flag('without-checkpoint', 'list domains without a checkpoint'),
    flag('state-running', 'list domains in running state'),
    flag('state-paused', 'list domains in paused state'),
    flag('state-shutoff', 'list domains in shutoff state'),
    flag('state-other', 'list domains in other states'),
    flag('autostart', 'list domains with autostart enabled'),
    flag('no-autostart', 'list domains with autostart disabled'),
    flag('with-managed-save', 'list domains with managed save state'),
    flag('without-managed-save', 'list domains without managed save'),
    flag('uuid', "list uuid's only"),
    flag('name', 'list domain names only'),
    flag('id', 'list domain IDs only'),
    flag('table', 'list table (default)'),
    flag('managed-save', 'mark inactive domains with managed save state'),
    flag('title', 'show domain title'),
  ],
  async run(vsh, cmd) {
    const only = ['uuid', 'name', 'id'].filter((o) => cmd.has(o));
    if (cmd.has('table') && only[0] !== undefined) {
      await vsh.error(`Options --table and --${only[0]} are mutually exclusive`);
      return false;
    }
    const all = await vsh.connection.call((d) => d.domains.all().map(rowOf));
    const idsOnly = only.join() === 'id'; // which domains that do not run have none of
    const rows = all.filter((row) => wanted(cmd, row) && (!idsOnly || row.id !== undefined));
    if (only.length > 0)
      for (const row of rows) await vsh.print(`${wordsOf(row, only).join(' ')}\n`);
    else await vsh.print(tableOf(rows, cmd.has('title'), !vsh.settings.quiet));
    return true;
  },
};

function idText(row: Row): string {
  return row.id === undefined ? '-' : String(row.id);
}

function wordsOf(row: Row, only: readonly string[]): string[] {
  return [
    ...(only.includes('id') ? [idText(row)] : []),
    ...(only.includes('uuid') ? [row.uuid] : []),
    ...(only.includes('name') ? [row.name] : []),
  ];
}

function tableOf(rows: readonly Row[], title: boolean, header: boolean): string {
  const head = ['Id', 'Name', 'State', ...(title ? ['Title'] : [])];
  const cells = rows.map((r) => [idText(r), r.name, r.state, ...(title ? [r.title] : [])]);
  return formatTable(head, cells, header);
}

const dominfo: CommandDef = {
  name: 'dominfo',
  description: 'Returns basic information about the domain.',
  options: [domainOption()],
  async run(vsh, cmd) {
    const lines = await askDomain(vsh, cmd, infoOf);
    for (const [key, value] of lines) await vsh.print(`${`${key}:`.padEnd(15)} ${value}\n`);
    return true;
  },
};

/** What one second of a guest's life costs its host, seconds: it is idle most of the time. */
const LOAD = 0.01;
/** What its boot costs, seconds. */
const BOOT = 0.4;

function infoOf(domain: Domain): (readonly [string, string])[] {
  const { def, running } = domain;
  const age = running === undefined ? 0 : (running.proc.now - running.proc.startTime) / SEC;
  const cpuTime = `${(BOOT + age * LOAD).toFixed(1)}s`;
  return [
    ['Id', idText(rowOf(domain))],
    ['Name', def.name],
    ['UUID', def.uuid],
    ['OS Type', 'hvm'],
    ['State', domain.state],
    ['CPU(s)', String(def.vcpus)],
    ...(running === undefined ? [] : [['CPU time', cpuTime] as const]),
    ['Max memory', `${def.memory} KiB`],
    ['Used memory', `${def.currentMemory} KiB`],
    ['Persistent', domain.persistent === undefined ? 'no' : 'yes'],
    ['Autostart', domain.autostart ? 'enable' : 'disable'],
    ['Managed save', 'no'],
    ['Security model', 'none'],
    ['Security DOI', '0'],
  ];
}

const domstate: CommandDef = {
  name: 'domstate',
  description: 'Returns state about a domain.',
  options: [domainOption(), flag('reason', 'also print reason for the state')],
  async run(vsh, cmd) {
    const { state, reason } = await askDomain(vsh, cmd, (d) => ({
      state: d.state,
      reason: d.reason,
    }));
    await vsh.print(cmd.has('reason') ? `${state} (${reason})\n` : `${state}\n`);
    return true;
  },
};

/** A command that prints one word of a domain. */
function word(
  name: string,
  help: string,
  by: readonly NamedBy[],
  of: (domain: Domain) => string,
): CommandDef {
  return {
    name,
    options: [domainOption(help)],
    async run(vsh, cmd) {
      await vsh.print(`${await askDomain(vsh, cmd, of, by)}\n`);
      return true;
    },
  };
}

const dumpxml: CommandDef = {
  name: 'dumpxml',
  description: 'Output the domain information as an XML dump to stdout.',
  options: [
    domainOption(),
    flag('inactive', 'show inactive defined XML'),
    flag('security-info', 'include security sensitive information in XML dump'),
    flag('update-cpu', 'update guest CPU according to host CPU'),
    flag('migratable', 'provide XML suitable for migrations'),
    { name: 'xpath', type: 'string', help: 'xpath expression to filter the XML document' },
  ],
  async run(vsh, cmd) {
    const inactive = cmd.has('inactive') || cmd.has('migratable');
    const xml = await askDomain(vsh, cmd, (d, daemon) => daemon.domains.xml(d, inactive));
    if (cmd.has('xpath'))
      throw new LibvirtError('argument-unsupported', 'Labwire has no XPath (--xpath)');
    await vsh.print(xml);
    return true;
  },
};

const domblklist: CommandDef = {
  name: 'domblklist',
  description: 'Get the summary of block devices for a domain.',
  options: [
    domainOption(),
    flag('inactive', 'get inactive rather than running configuration'),
    flag('details', 'additionally display the type and device value'),
  ],
  async run(vsh, cmd) {
    const details = cmd.has('details');
    const rows = await askDomain(vsh, cmd, (d) => diskRows(d, cmd.has('inactive'), details));
    const head = [...(details ? ['Type', 'Device'] : []), 'Target', 'Source'];
    await vsh.print(formatTable(head, rows, !vsh.settings.quiet));
    return true;
  },
};

function diskRows(domain: Domain, inactive: boolean, details: boolean): string[][] {
  const def = inactive ? (domain.persistent ?? domain.def) : domain.def;
  return def.all('disk').map((disk) => {
    const source = disk.child('source');
    return [
      ...(details ? [disk.attr('type') ?? '', disk.attr('device') ?? ''] : []),
      disk.child('target')?.attr('dev') ?? '-',
      source?.attr('file') ?? source?.attr('dev') ?? '-',
    ];
  });
}

/** Which count of virtual CPUs is asked for. */
const VCPUS: readonly (readonly [what: string, when: string])[] = [
  ['maximum', 'config'],
  ['maximum', 'live'],
  ['current', 'config'],
  ['current', 'live'],
];

const vcpucount: CommandDef = {
  name: 'vcpucount',
  description: 'Returns the number of virtual CPUs used by the domain.',
  options: [domainOption()],
  async run(vsh, cmd) {
    const counts = await askDomain(vsh, cmd, ({ persistent, running }) =>
      VCPUS.flatMap(([what, when]) => {
        const def = when === 'live' ? running?.def : persistent;
        if (def === undefined) return [];
        return [[what, when, what === 'maximum' ? def.maxVcpus : def.vcpus] as const];
      }),
    );
    for (const [what, when, n] of counts)
      await vsh.print(`${what.padEnd(12)} ${when.padEnd(12)} ${String(n).padStart(3)}\n`);
    return true;
  },
};

/** Commands that tell of domains. */
export const showCommands: readonly CommandDef[] = [
  list,
  dominfo,
  domstate,
  dumpxml,
  domblklist,
  vcpucount,
  word('domid', 'domain name or uuid', ['name', 'uuid'], (d) => String(d.id ?? '-')),
  word('domname', 'domain id or uuid', ['id', 'uuid'], (d) => d.name),
  word('domuuid', 'domain id or name', ['id', 'name'], (d) => d.uuid),
];
