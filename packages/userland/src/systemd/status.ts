import { formatDate } from '../coreutils/index.ts';
import type { Machine, Process, ServiceState } from '../machine/index.ts';
import { isActive } from './control.ts';

/** How long ago something was, as systemd says it. systemd src/basic/time-util.c, format_timestamp_relative() */
function ago(seconds: number): string {
  const s = Math.floor(seconds);
  if (s >= 86_400) return `${Math.floor(s / 86_400)} day${s >= 172_800 ? 's' : ''} ago`;
  if (s >= 3600) return `${Math.floor(s / 3600)}h ${Math.floor(s / 60) % 60}min ago`;
  if (s >= 300) return `${Math.floor(s / 60)}min ago`;
  if (s >= 60) return `${Math.floor(s / 60)}min ${s % 60}s ago`;
  return s > 0 ? `${s}s ago` : `${Math.max(1, Math.round(seconds * 1000))}ms ago`;
}

/** What `systemctl status` shows of one unit. systemd src/systemctl/systemctl-show.c */
export function statusText(machine: Machine, service: ServiceState): string {
  const { unit } = service;
  const active = isActive(service);
  const dot = active ? '●' : service.active === 'failed' ? '×' : '○';
  const enabled = service.enabled ? 'enabled' : 'disabled';
  const lines = [
    `${dot} ${unit.name} - ${unit.description}`,
    `     Loaded: loaded (/lib/systemd/system/${unit.name}; ${enabled}; preset: enabled)`,
    `     Active: ${activeLine(machine, service, active)}`,
  ];
  const [first, ...more] = unit.documentation ?? [];
  if (first !== undefined) lines.push(`       Docs: ${first}`);
  for (const doc of more) lines.push(`             ${doc}`);
  const { main } = service;
  if (active && main !== undefined) lines.push(...processLines(machine, service, main));
  return `${lines.join('\n')}\n`;
}

function activeLine(machine: Machine, service: ServiceState, active: boolean): string {
  const { since } = service;
  const when =
    since === undefined
      ? ''
      : ` since ${formatDate('%a %Y-%m-%d %H:%M:%S UTC', since)}; ${ago(machine.wallClock - since)}`;
  if (active) return `active (${service.main === undefined ? 'exited' : 'running'})${when}`;
  if (service.active === 'failed') return `failed (Result: exit-code)${when}`;
  return `inactive (dead)${when}`;
}

function processLines(machine: Machine, service: ServiceState, main: Process): string[] {
  const family = [...machine.processes.values()].filter((p) => descends(p, main));
  family.sort((a, b) => a.pid - b.pid);
  const tree = family.map((p, i) => {
    const branch = i === family.length - 1 ? '└─' : '├─';
    const text = p.argv.join(' ');
    return `             ${branch}${p.pid} ${/[ ;]/.test(text) && text.includes(':') ? `"${text}"` : text}`;
  });
  return [
    `   Main PID: ${main.pid} (${main.comm})`,
    `      Tasks: ${family.length} (limit: 2306)`,
    `     CGroup: /system.slice/${service.unit.name}`,
    ...tree,
  ];
}

function descends(proc: Process, ancestor: Process): boolean {
  for (let p: Process | undefined = proc; p !== undefined; p = p.parent)
    if (p === ancestor) return true;
  return false;
}
