import type { NetworkManager } from '../daemon/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import { type Command, matchWord, notUnderstood } from './command.ts';
import { inMode, pickFields } from './options.ts';
import { type Field, table } from './table.ts';

/** The state of the whole, as nmcli words it. NMState */
function stateOf(manager: NetworkManager): string {
  if (!manager.networking) return 'asleep';
  const real = manager.actives.filter((a) => !a.external && a.device.type !== 'loopback');
  if (real.some((a) => a.state === 'activated' && a.device === manager.defaultDevice))
    return 'connected';
  if (real.some((a) => a.state === 'activating')) return 'connecting';
  if (real.some((a) => a.state === 'activated' && !a.profile.isPort))
    return 'connected (local only)';
  return 'disconnected';
}

function connectivity(manager: NetworkManager): string {
  if (!manager.networking) return 'none';
  return manager.defaultDevice === undefined ? 'none' : 'full';
}

const STATUS: readonly Field<NetworkManager>[] = [
  { name: 'RUNNING', value: () => 'running' },
  { name: 'VERSION', value: () => '1.42.4' },
  { name: 'STATE', value: stateOf },
  { name: 'STARTUP', value: () => 'started' },
  { name: 'CONNECTIVITY', value: connectivity },
  { name: 'NETWORKING', value: (m) => (m.networking ? 'enabled' : 'disabled') },
  { name: 'WIFI-HW', value: () => 'missing' },
  { name: 'WIFI', value: () => 'enabled' },
  { name: 'WWAN-HW', value: () => 'missing' },
  { name: 'WWAN', value: () => 'enabled' },
];
const STATUS_COMMON = ['STATE', 'CONNECTIVITY', 'WIFI-HW', 'WIFI', 'WWAN-HW', 'WWAN'];
const RADIO_COMMON = ['WIFI-HW', 'WIFI', 'WWAN-HW', 'WWAN'];

function fieldsMessage(all: readonly { readonly name: string }[]) {
  return (bad: string) =>
    `invalid field '${bad}'; allowed fields: ${all.map((f) => f.name).join(',')}.`;
}

/** `nmcli general` */
export const general: Command = async ({ proc, options, manager }, [verb, ...rest]) => {
  const what = matchWord(verb ?? 'status', ['status', 'hostname', 'permissions', 'logging']);
  if (what === 'status') {
    const fields = pickFields(options, STATUS, STATUS_COMMON, fieldsMessage(STATUS));
    const text = table('NetworkManager status', fields, [manager()], inMode(options, 'tabular'));
    await proc.out(text);
    return 0;
  }
  if (what === 'hostname') {
    manager();
    if (rest[0] === undefined) await proc.out(`${proc.machine.hostname}\n`);
    else {
      proc.machine.hostname = rest[0];
      proc.fs.writeFile('/etc/hostname', `${rest[0]}\n`);
    }
    return 0;
  }
  if (what !== undefined)
    throw new NmcliError(Exit.unknown, `'nmcli general ${what}' is not supported by Labwire`);
  throw notUnderstood(verb as string);
};

/** `nmcli networking` */
export const networking: Command = async ({ proc, manager }, [verb, more]) => {
  const what = matchWord(verb ?? '', ['on', 'off', 'connectivity']);
  if (verb === undefined) {
    await proc.out(`${manager().networking ? 'enabled' : 'disabled'}\n`);
    return 0;
  }
  if (what === undefined) throw notUnderstood(verb);
  if (what === 'connectivity') {
    if (more !== undefined && more !== 'check') throw notUnderstood(more);
    await proc.out(`${connectivity(manager())}\n`);
    return 0;
  }
  manager().setNetworking(what === 'on');
  return 0;
};

/** `nmcli radio` */
export const radio: Command = async ({ proc, options, manager }, [verb]) => {
  const what = matchWord(verb ?? 'all', ['all', 'wifi', 'wwan']);
  if (what === undefined) throw notUnderstood(verb as string);
  const fields = pickFields(
    options,
    STATUS.filter((f) => RADIO_COMMON.includes(f.name)),
    RADIO_COMMON,
    fieldsMessage(STATUS.filter((f) => RADIO_COMMON.includes(f.name))),
  );
  const m = manager();
  if (what === 'all')
    await proc.out(table('Radio switches', fields, [m], inMode(options, 'tabular')));
  else await proc.out('enabled\n');
  return 0;
};
