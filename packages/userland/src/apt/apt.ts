import { ToolError, tool } from '../coreutils/index.ts';
import type { DebPackage, Machine, Process, Program } from '../machine/index.ts';
import { start, stop } from '../systemd/index.ts';

const LETTERS = 'yqfdst:o:c:';
const LONGS = {
  yes: 'y',
  'assume-yes': 'y',
  quiet: 'q',
  'no-install-recommends': 'nr',
  'install-recommends': 'ir',
  'fix-broken': 'f',
  reinstall: 'reinstall',
  purge: 'purge',
  'allow-downgrades': 'ad',
  'only-upgrade': 'ou',
  'fix-missing': 'fm',
};

function aptProgram(name: 'apt' | 'apt-get'): Program {
  return tool(
    { name: 'E', letters: LETTERS, longs: LONGS, usageStatus: 100, usage: '' },
    async (proc, _options, operands) => {
      if (name === 'apt' && !proc.isTty(1))
        await proc.err(
          '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n',
        );
      const [verb, ...names] = operands;
      switch (verb) {
        case undefined:
          await proc.out('apt 2.6.1 (amd64)\n');
          return 0;
        case 'update':
          return update(proc, name);
        case 'install':
        case 'reinstall':
          return install(proc, names);
        case 'remove':
        case 'purge':
        case 'autoremove':
          return remove(proc, names);
        case 'upgrade':
        case 'dist-upgrade':
        case 'full-upgrade':
          return nothingToDo(proc, true);
        case 'clean':
        case 'autoclean':
          return 0;
        case 'list':
          return list(proc, names);
        default:
          throw new ToolError(`Invalid operation ${verb}`, 100);
      }
    },
  );
}

/** apt(8). */
export const apt: Program = aptProgram('apt');
/** apt-get(8). */
export const aptGet: Program = aptProgram('apt-get');

/** Lines that end in `Done` where somebody looks. */
async function progress(proc: Process, lines: readonly string[]): Promise<void> {
  for (const line of lines) await proc.out(`${line}...${proc.isTty(1) ? ' Done' : ''}\n`);
}

async function demandRoot(proc: Process): Promise<void> {
  if (proc.uid === 0) return;
  await proc.err(
    'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n',
  );
  throw new ToolError(
    'Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?',
    100,
  );
}

async function update(proc: Process, name: string): Promise<number> {
  await demandRoot(proc);
  await proc.out('Hit:1 http://deb.debian.org/debian bookworm InRelease\n');
  await progress(proc, ['Reading package lists']);
  if (name === 'apt') {
    await progress(proc, ['Building dependency tree', 'Reading state information']);
    await proc.out('All packages are up to date.\n');
  }
  return 0;
}

async function opening(proc: Process): Promise<void> {
  await progress(proc, [
    'Reading package lists',
    'Building dependency tree',
    'Reading state information',
  ]);
}

async function nothingToDo(proc: Process, calculate: boolean): Promise<number> {
  await demandRoot(proc);
  await opening(proc);
  if (calculate) await progress(proc, ['Calculating upgrade']);
  await proc.out('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
  return 0;
}

/** A package with all that it needs and the machine does not have, what is needed first. */
function closure(machine: Machine, pkg: DebPackage, found: Map<string, DebPackage>): void {
  if (found.has(pkg.name) || machine.installed.has(pkg.name)) return;
  for (const name of pkg.depends ?? []) {
    const needed = machine.available.get(name);
    if (needed !== undefined) closure(machine, needed, found);
  }
  found.set(pkg.name, pkg);
}

function nameList(names: readonly string[]): string {
  return `  ${[...names].sort().join(' ')}\n`;
}

async function install(proc: Process, names: readonly string[]): Promise<number> {
  await demandRoot(proc);
  await opening(proc);
  const { machine } = proc;
  const wanted = new Map<string, DebPackage>();
  let unknown = false;
  for (const name of names) {
    const pkg = machine.available.get(name.replace(/[=/:].*$/, ''));
    if (pkg === undefined) {
      await proc.err(`E: Unable to locate package ${name}\n`);
      unknown = true;
    } else if (machine.installed.has(pkg.name))
      await proc.out(`${pkg.name} is already the newest version (${pkg.version}).\n`);
    else closure(machine, pkg, wanted);
  }
  if (unknown) return 100;
  const fresh = [...wanted.values()];
  const extra = fresh.filter((p) => !names.includes(p.name));
  if (extra.length > 0)
    await proc.out(
      `The following additional packages will be installed:\n${nameList(extra.map((p) => p.name))}`,
    );
  if (fresh.length > 0)
    await proc.out(
      `The following NEW packages will be installed:\n${nameList(fresh.map((p) => p.name))}`,
    );
  await proc.out(`0 upgraded, ${fresh.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  if (fresh.length > 0) await unpack(proc, fresh);
  return 0;
}

async function unpack(proc: Process, packages: readonly DebPackage[]): Promise<void> {
  for (const pkg of packages) {
    await proc.out(
      `Selecting previously unselected package ${pkg.name}.\nPreparing to unpack .../${pkg.name}_${pkg.version.replace(/^\d+:/, '')}_amd64.deb ...\nUnpacking ${pkg.name} (${pkg.version}) ...\n`,
    );
  }
  for (const pkg of packages) {
    await proc.out(`Setting up ${pkg.name} (${pkg.version}) ...\n`);
    proc.machine.install(pkg);
    for (const unit of pkg.units ?? []) await startUnit(proc, unit.name);
  }
}

/** Debian starts a service when its package is installed. */
async function startUnit(proc: Process, name: string): Promise<void> {
  const service = proc.machine.services.get(name);
  if (service === undefined || !service.enabled) return;
  await proc.out(
    `Created symlink /etc/systemd/system/multi-user.target.wants/${name} → /lib/systemd/system/${name}.\n`,
  );
  await start(proc, service);
}

async function remove(proc: Process, names: readonly string[]): Promise<number> {
  await demandRoot(proc);
  await opening(proc);
  const { machine } = proc;
  const found: DebPackage[] = [];
  for (const name of names) {
    const pkg = machine.installed.get(name);
    if (pkg !== undefined) found.push(pkg);
    else if (!machine.available.has(name))
      throw new ToolError(`Unable to locate package ${name}`, 100);
    else await proc.out(`Package '${name}' is not installed, so not removed\n`);
  }
  if (found.length > 0)
    await proc.out(
      `The following packages will be REMOVED:\n${nameList(found.map((p) => p.name))}`,
    );
  await proc.out(`0 upgraded, 0 newly installed, ${found.length} to remove and 0 not upgraded.\n`);
  for (const pkg of found) {
    await proc.out(`Removing ${pkg.name} (${pkg.version}) ...\n`);
    for (const unit of pkg.units ?? []) {
      const service = machine.services.get(unit.name);
      if (service !== undefined) await stop(proc, service);
    }
    machine.uninstall(pkg);
  }
  return 0;
}

async function list(proc: Process, names: readonly string[]): Promise<number> {
  await proc.out('Listing...\n');
  for (const pkg of [...proc.machine.available.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (names.length > 0 && !names.includes(pkg.name)) continue;
    const mark = proc.machine.installed.has(pkg.name) ? ' [installed]' : '';
    await proc.out(`${pkg.name}/stable ${pkg.version} amd64${mark}\n`);
  }
  return 0;
}
