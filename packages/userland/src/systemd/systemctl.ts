import { type Options, tool } from '../coreutils/index.ts';
import type { Process, Program, ServiceState } from '../machine/index.ts';
import { isActive, reload, start, stop } from './control.ts';
import { goDown, type PowerAction } from './power.ts';
import { statusText } from './status.ts';

/** `nginx` is `nginx.service`. */
function unitName(text: string): string {
  return /\.(service|socket|target|timer|mount|slice)$/.test(text) ? text : `${text}.service`;
}

function find(proc: Process, text: string): ServiceState | undefined {
  return proc.machine.services.get(unitName(text));
}

/** What one verb does to one unit. @returns the exit status */
type Verb = (proc: Process, text: string, options: Options) => Promise<number>;

/** What is said after a job that failed. */
function jobFailed(name: string): string {
  return `Job for ${name} failed because the control process exited with error code.\nSee "systemctl status ${name}" and "journalctl -xeu ${name}" for details.\n`;
}

async function missing(
  proc: Process,
  verb: string,
  text: string,
  how: 'found' | 'loaded',
): Promise<number> {
  const name = unitName(text);
  await proc.err(`Failed to ${verb} ${name}: Unit ${name} not ${how}.\n`);
  return 5;
}

const startVerb: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service === undefined) return missing(proc, 'start', text, 'found');
  if (await start(proc, service)) return 0;
  await proc.err(jobFailed(service.unit.name));
  return 1;
};

const stopVerb: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service === undefined) return missing(proc, 'stop', text, 'loaded');
  await stop(proc, service);
  return 0;
};

const restart: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service === undefined) return missing(proc, 'restart', text, 'found');
  await stop(proc, service);
  if (await start(proc, service)) return 0;
  await proc.err(jobFailed(service.unit.name));
  return 1;
};

const tryRestart: Verb = async (proc, text, options) => {
  const service = find(proc, text);
  return service !== undefined && isActive(service) ? restart(proc, text, options) : 0;
};

const reloadVerb: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service === undefined) return missing(proc, 'reload', text, 'found');
  if (await reload(proc, service)) return 0;
  await proc.err(`${service.unit.name} is not active, cannot reload.\n`);
  return 1;
};

const reloadOrRestart: Verb = async (proc, text, options) => {
  const service = find(proc, text);
  if (service === undefined) return missing(proc, 'reload-or-restart', text, 'found');
  return isActive(service) ? reloadVerb(proc, text, options) : startVerb(proc, text, options);
};

/** enable and disable. */
function enableVerb(on: boolean): Verb {
  const verb = on ? 'enable' : 'disable';
  return async (proc, text, options) => {
    const service = find(proc, text);
    const name = unitName(text);
    if (service === undefined) {
      await proc.err(`Failed to ${verb} unit: Unit file ${name} does not exist.\n`);
      return 1;
    }
    if (service.unit.sysv !== false) {
      const script = '/lib/systemd/systemd-sysv-install';
      await proc.err(
        `Synchronizing state of ${name} with SysV service script with ${script}.\nExecuting: ${script} ${verb} ${name.replace(/\.service$/, '')}\n`,
      );
    }
    const link = `/etc/systemd/system/multi-user.target.wants/${name}`;
    if (on && !service.enabled)
      await proc.err(`Created symlink ${link} → /lib/systemd/system/${name}.\n`);
    if (!on && service.enabled) await proc.err(`Removed "${link}".\n`);
    service.enabled = on;
    if (!options.has('now')) return 0;
    return on ? startVerb(proc, text, options) : stopVerb(proc, text, options);
  };
}

const status: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service === undefined) {
    await proc.err(`Unit ${unitName(text)} could not be found.\n`);
    return 4;
  }
  await proc.out(statusText(proc.machine, service));
  return isActive(service) ? 0 : 3;
};

const isActiveVerb: Verb = async (proc, text, options) => {
  const service = find(proc, text);
  const active = service !== undefined && isActive(service);
  if (!options.has('q')) await proc.out(`${service === undefined ? 'inactive' : service.active}\n`);
  return active ? 0 : 3;
};

const isEnabled: Verb = async (proc, text, options) => {
  const service = find(proc, text);
  if (service === undefined) {
    await proc.err(
      `Failed to get unit file state for ${unitName(text)}: No such file or directory\n`,
    );
    return 1;
  }
  if (!options.has('q')) await proc.out(`${service.enabled ? 'enabled' : 'disabled'}\n`);
  return service.enabled ? 0 : 1;
};

const isFailed: Verb = async (proc, text) => {
  const service = find(proc, text);
  if (service !== undefined) isActive(service);
  await proc.out(`${service?.active ?? 'inactive'}\n`);
  return service?.active === 'failed' ? 0 : 1;
};

const VERBS: Readonly<Record<string, Verb>> = {
  start: startVerb,
  stop: stopVerb,
  restart,
  'try-restart': tryRestart,
  reload: reloadVerb,
  'reload-or-restart': reloadOrRestart,
  enable: enableVerb(true),
  disable: enableVerb(false),
  status,
  'is-active': isActiveVerb,
  'is-enabled': isEnabled,
  'is-failed': isFailed,
};

/** Verbs that change something, and so are root's. */
const CHANGES = [
  'start',
  'stop',
  'restart',
  'try-restart',
  'reload',
  'reload-or-restart',
  'enable',
  'disable',
];

const isPowerAction = (verb: string): verb is PowerAction =>
  verb === 'halt' || verb === 'poweroff' || verb === 'reboot';

/** systemctl(1). */
export const systemctl: Program = tool(
  {
    name: 'systemctl',
    letters: 'qalt:n:fM:H:',
    longs: {
      now: 'now',
      quiet: 'q',
      all: 'a',
      'no-pager': 'no-pager',
      'no-legend': 'no-legend',
      full: 'l',
      'type=': 't',
      'state=': 'state',
      'lines=': 'n',
      force: 'f',
      version: 'version',
      plain: 'plain',
      system: 'system',
    },
  },
  async (proc, options, operands) => {
    if (options.has('version')) {
      await proc.out('systemd 252 (252.38-1~deb12u1)\n');
      return 0;
    }
    const [verb = 'list-units', ...units] = operands;
    if (verb === 'daemon-reload' || verb === 'daemon-reexec' || verb === 'reset-failed') return 0;
    if (verb === 'list-units') return listUnits(proc, options);
    if (verb === 'list-unit-files') return listUnitFiles(proc);
    if (isPowerAction(verb)) return goDown(proc, verb, options.has('f'));
    const act = VERBS[verb];
    if (act === undefined) return refuse(proc, `Unknown command verb ${verb}.`);
    const [first] = units;
    if (first === undefined) return refuse(proc, 'Too few arguments.');
    if (proc.uid !== 0 && CHANGES.includes(verb))
      return refuse(
        proc,
        `Failed to ${verb} ${unitName(first)}: Interactive authentication required.`,
      );
    return eachUnit(proc, verb, act, units, options);
  },
);

async function eachUnit(
  proc: Process,
  verb: string,
  act: Verb,
  units: readonly string[],
  options: Options,
): Promise<number> {
  let worst = 0;
  let best = Infinity;
  for (const [i, unit] of units.entries()) {
    if (i > 0 && verb === 'status') await proc.out('\n');
    const code = await act(proc, unit, options);
    worst = Math.max(worst, code);
    best = Math.min(best, code);
  }
  return verb.startsWith('is-') ? best : worst;
}

async function refuse(proc: Process, message: string): Promise<number> {
  await proc.err(`${message}\n`);
  return 1;
}

async function listUnits(proc: Process, options: Options): Promise<number> {
  const shown = [...proc.machine.services.values()].filter(
    (s) => isActive(s) || options.has('a') || s.active === 'failed',
  );
  const rows = shown.map((s) => [
    s.unit.name,
    'loaded',
    s.active,
    s.active === 'active'
      ? s.main === undefined
        ? 'exited'
        : 'running'
      : s.active === 'failed'
        ? 'failed'
        : 'dead',
    s.unit.description,
  ]);
  const width = Math.max(4, ...rows.map((r) => (r[0] as string).length));
  if (!options.has('no-legend'))
    await proc.out(`  ${'UNIT'.padEnd(width)} LOAD   ACTIVE   SUB     DESCRIPTION\n`);
  for (const [name = '', load = '', active = '', sub = '', text = ''] of rows)
    await proc.out(
      `  ${name.padEnd(width)} ${load.padEnd(6)} ${active.padEnd(8)} ${sub.padEnd(7)} ${text}\n`,
    );
  if (!options.has('no-legend'))
    await proc.out(
      `\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n${rows.length} loaded units listed.${options.has('a') ? '' : ' Pass --all to see loaded but inactive units, too.'}\nTo show all installed unit files use 'systemctl list-unit-files'.\n`,
    );
  return 0;
}

async function listUnitFiles(proc: Process): Promise<number> {
  const all = [...proc.machine.services.values()];
  const width = Math.max(9, ...all.map((s) => s.unit.name.length));
  await proc.out(`${'UNIT FILE'.padEnd(width)} STATE    PRESET\n`);
  for (const s of all)
    await proc.out(
      `${s.unit.name.padEnd(width)} ${(s.enabled ? 'enabled' : 'disabled').padEnd(8)} enabled\n`,
    );
  await proc.out(`\n${all.length} unit files listed.\n`);
  return 0;
}

/** service(8). */
export const service: Program = tool(
  { name: 'service', letters: '+' },
  async (proc, options, operands) => {
    const [name, verb] = operands;
    if (name === undefined || verb === undefined) {
      await proc.err(
        'Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n',
      );
      return 1;
    }
    if (find(proc, name) === undefined) {
      await proc.err(`${name}: unrecognized service\n`);
      return 1;
    }
    const act = VERBS[verb];
    if (act !== undefined) return act(proc, name, options);
    await proc.err(
      `Usage: /etc/init.d/${name} {start|stop|status|restart|reload|force-reload|upgrade|configtest|rotate}\n`,
    );
    return 3;
  },
);
