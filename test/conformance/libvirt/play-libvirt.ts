import type { RowResult } from '../conformance-set.ts';
import { LibvirtHost, networkName, quoted } from './libvirt-host.ts';
import { playStart } from './play-start.ts';
import type { FilterRow, HostRow, HostStep, LibvirtRow, UpdateRow, XmlRow } from './rows.ts';
import { verdict } from './verdict.ts';

/** Plays a row on a machine of its own. */
export function playLibvirt(row: LibvirtRow): Promise<RowResult> {
  switch (row.kind) {
    case 'netxml':
      return playXml(row);
    case 'netupdate':
      return playUpdate(row);
    case 'tck-host':
      return playHost(row);
    case 'nwfilter':
      return playFilter(row);
    default:
      return playStart(row);
  }
}

/** A definition without what is made anew each time. */
function withoutIdentity(xml: string): string {
  return xml
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '' && !/^<uuid>|^<mac address=/.test(l))
    .join('\n');
}

/** The last line that virsh complained with: what libvirt itself said. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** What the real one said or showed. */
function expected({ real }: XmlRow | UpdateRow): string {
  return real.error === null ? withoutIdentity(real.xml ?? '') : lastLine(real.error);
}

async function shown(host: LibvirtHost, name: string): Promise<string> {
  return withoutIdentity((await host.shell(`virsh net-dumpxml --inactive ${quoted(name)}`)).out);
}

async function playXml(row: XmlRow): Promise<RowResult> {
  const host = await LibvirtHost.start();
  const ran = await host.define(row.xml);
  const got = ran.code === 0 ? await shown(host, networkName(row.xml)) : lastLine(ran.err);
  return verdict(row, got, expected(row), ran.err);
}

async function playUpdate(row: UpdateRow): Promise<RowResult> {
  const host = await LibvirtHost.start();
  const defined = await host.define(row.xml);
  if (defined.code !== 0) return verdict(row, lastLine(defined.err), expected(row), defined.err);
  const name = networkName(row.xml);
  host.write('/tmp/fragment.xml', row.fragment);
  const index = row.parent_index === null ? '' : `--parent-index ${row.parent_index}`;
  const what = `${row.command} ${row.section} /tmp/fragment.xml ${index}`;
  const ran = await host.shell(`virsh net-update ${quoted(name)} ${what} --config`);
  const got = ran.code === 0 ? await shown(host, name) : lastLine(ran.err);
  return verdict(row, got, expected(row), ran.err);
}

async function playHost(row: HostRow): Promise<RowResult> {
  const host = await LibvirtHost.start();
  host.write('/tmp/network.xml', row.xml);
  const created = await host.shell('virsh net-create /tmp/network.xml');
  const active = await runSteps(host, row.steps_active);
  await host.shell(`virsh net-destroy ${quoted(networkName(row.xml))}`);
  const after = await runSteps(host, row.steps_after_destroy);
  const want = [...row.steps_active, ...row.steps_after_destroy].map((s) => told(s.cmd, s.real));
  return verdict(row, [...active, ...after].join('\n'), want.join('\n'), created.err);
}

async function runSteps(host: LibvirtHost, steps: readonly HostStep[]): Promise<string[]> {
  const texts: string[] = [];
  for (const { cmd } of steps) texts.push(told(cmd, (await host.shell(cmd)).out.split('\n')));
  return texts;
}

function told(cmd: string, lines: readonly string[]): string {
  return [`$ ${cmd}`, ...lines.map((l) => l.trimEnd()).filter((l) => l !== '')].join('\n');
}

async function playFilter(row: FilterRow): Promise<RowResult> {
  const host = await LibvirtHost.start();
  host.write('/tmp/filter.xml', row.xml);
  const { err } = await host.shell('virsh nwfilter-define /tmp/filter.xml');
  return verdict(row, err, '', err);
}
