import { ToolError, tool } from '../coreutils/index.ts';
import type { DebPackage, Process, Program } from '../machine/index.ts';

const HEAD = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
`;

/** dpkg(1): -l, -s, -L and -S. */
export const dpkg: Program = tool(
  {
    name: 'dpkg',
    letters: 'lsLSiV',
    longs: { list: 'l', status: 's', listfiles: 'L', search: 'S', 'print-architecture': 'arch' },
    usageStatus: 2,
  },
  async (proc, options, operands) => {
    if (options.has('arch')) {
      await proc.out('amd64\n');
      return 0;
    }
    if (options.has('l')) return listPackages(proc, operands);
    if (options.has('s')) return statusOf(proc, operands);
    if (options.has('L')) return filesOf(proc, operands);
    if (options.has('S')) return search(proc, operands);
    throw new ToolError('error: need an action option: supported are -l, -s, -L and -S', 2);
  },
);

function installed(proc: Process, name: string): DebPackage | undefined {
  return proc.machine.installed.get(name);
}

async function listPackages(proc: Process, names: readonly string[]): Promise<number> {
  const all = [...proc.machine.installed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const shown = names.length > 0 ? all.filter((p) => names.includes(p.name)) : all;
  for (const name of names)
    if (installed(proc, name) === undefined)
      await proc.err(`dpkg-query: no packages found matching ${name}\n`);
  if (shown.length === 0) return 1;
  const width = (key: 'name' | 'version', least: number) =>
    Math.max(least, ...shown.map((p) => p[key].length));
  const [n, v] = [width('name', 14), width('version', 12)];
  const text = Math.max(11, ...shown.map((p) => (p.description ?? '').length));
  await proc.out(
    `${HEAD}||/ ${'Name'.padEnd(n)} ${'Version'.padEnd(v)} ${'Architecture'} Description\n`,
  );
  await proc.out(`+++-${'='.repeat(n)}-${'='.repeat(v)}-${'='.repeat(12)}-${'='.repeat(text)}\n`);
  for (const p of shown)
    await proc.out(
      `ii  ${p.name.padEnd(n)} ${p.version.padEnd(v)} ${'amd64'.padEnd(12)} ${p.description ?? ''}\n`,
    );
  return names.length > shown.length ? 1 : 0;
}

async function statusOf(proc: Process, names: readonly string[]): Promise<number> {
  let status = 0;
  for (const name of names) {
    const pkg = installed(proc, name);
    if (pkg === undefined) {
      await proc.err(
        `dpkg-query: package '${name}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n`,
      );
      status = 1;
    } else {
      const depends = pkg.depends === undefined ? '' : `Depends: ${pkg.depends.join(', ')}\n`;
      await proc.out(
        `Package: ${pkg.name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${pkg.version}\n${depends}Description: ${pkg.description ?? pkg.name}\n`,
      );
    }
  }
  return status;
}

async function filesOf(proc: Process, names: readonly string[]): Promise<number> {
  for (const name of names) {
    const pkg = installed(proc, name);
    if (pkg === undefined) throw new ToolError(`dpkg-query: package '${name}' is not installed`, 1);
    for (const path of Object.keys(pkg.programs)) await proc.out(`${path}\n`);
  }
  return 0;
}

async function search(proc: Process, patterns: readonly string[]): Promise<number> {
  let found = false;
  for (const pkg of proc.machine.installed.values())
    for (const path of Object.keys(pkg.programs))
      if (patterns.some((p) => path === p || (!p.startsWith('/') && path.includes(p)))) {
        found = true;
        await proc.out(`${pkg.name}: ${path}\n`);
      }
  if (!found) await proc.err(`dpkg-query: no path found matching pattern ${patterns.join(' ')}\n`);
  return found ? 0 : 1;
}
