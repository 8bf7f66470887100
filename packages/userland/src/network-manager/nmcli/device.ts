import { KernelError } from '@labwire/core/error';
import { IFF_PROMISC } from '@labwire/devices/link';
import { type ManualSection, rowsOf } from '../../machine/index.ts';
import {
  DeviceState,
  type NetworkManager,
  type NmDevice,
  NmError,
  stateText,
} from '../daemon/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import { type Command, type Context, matchWord, notUnderstood, waitUntil } from './command.ts';
import { ipGroup } from './ip-groups.ts';
import { modifyProfile } from './modify.ts';
import { inMode, pickFields } from './options.ts';
import { sortedDevices } from './order.ts';
import { type DetailGroup, details, type Field, table } from './table.ts';

/** How long activations may take, in seconds, unless -w says so. */
const WAIT = 90;

const CONNECTIVITY = ['unknown', 'none', 'portal', 'limited', 'full'];

function connectivityNumber(dev: NmDevice): number {
  if (dev.state < DeviceState.prepare) return 0;
  if (dev.type === 'loopback') return 3;
  return dev.isActivated ? 4 : 1;
}

function connectivity(dev: NmDevice): string {
  return CONNECTIVITY[connectivityNumber(dev)] as string;
}

const STATUS: readonly Field<NmDevice>[] = [
  { name: 'DEVICE', value: (d) => d.name },
  { name: 'TYPE', value: (d) => d.type },
  { name: 'STATE', value: stateText },
  { name: 'IP4-CONNECTIVITY', value: connectivity },
  { name: 'IP6-CONNECTIVITY', value: connectivity },
  { name: 'DBUS-PATH', value: (d) => d.path },
  { name: 'CONNECTION', value: (d) => d.active?.profile.id ?? '' },
  { name: 'CON-UUID', value: (d) => d.active?.profile.uuid ?? '' },
  { name: 'CON-PATH', value: (d) => d.active?.path ?? '' },
];
const STATUS_COMMON = ['DEVICE', 'TYPE', 'STATE', 'CONNECTION'];

/** `nmcli device status` */
const status: Command = async ({ proc, options, manager }, [extra]) => {
  if (extra !== undefined)
    throw new NmcliError(Exit.userInput, `invalid extra argument '${extra}'.`);
  const allowed = STATUS.map((f) => f.name).join(',');
  const fields = pickFields(
    options,
    STATUS,
    STATUS_COMMON,
    (bad) => `'device status': invalid field '${bad}'; allowed fields: ${allowed}`,
  );
  const rows = sortedDevices(manager());
  await proc.out(table('Status of devices', fields, rows, inMode(options, 'tabular')));
  return 0;
};

/** What a device's state is, with its number. */
function numberedState(dev: NmDevice): string {
  return `${dev.state} (${stateText(dev)})`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** Fields of GENERAL, and whether they are shown without being asked for. */
function generalFields(dev: NmDevice): { name: string; value: string; common?: boolean }[] {
  const { active } = dev;
  const connecting = dev.state >= DeviceState.prepare && !dev.isActivated;
  const isBridge = dev.type === 'bridge';
  const metered = dev.isActivated && dev.lease !== undefined ? 'no (guessed)' : 'unknown';
  return [
    { name: 'DEVICE', value: dev.name, common: true },
    { name: 'TYPE', value: dev.type, common: true },
    { name: 'NM-TYPE', value: dev.className },
    { name: 'DBUS-PATH', value: dev.path },
    { name: 'VENDOR', value: '' },
    { name: 'PRODUCT', value: '' },
    { name: 'DRIVER', value: dev.driver ?? '' },
    { name: 'DRIVER-VERSION', value: isBridge ? '2.3' : '' },
    { name: 'FIRMWARE-VERSION', value: isBridge ? 'N/A' : '' },
    { name: 'HWADDR', value: dev.hwAddress, common: true },
    { name: 'MTU', value: String(dev.link.mtu), common: true },
    { name: 'STATE', value: numberedState(dev), common: true },
    { name: 'REASON', value: '0 (No reason given)' },
    { name: 'IP4-CONNECTIVITY', value: `${connectivityNumber(dev)} (${connectivity(dev)})` },
    { name: 'IP6-CONNECTIVITY', value: `${connectivityNumber(dev)} (${connectivity(dev)})` },
    { name: 'UDI', value: '' },
    { name: 'PATH', value: '' },
    { name: 'IP-IFACE', value: connecting ? '' : dev.name },
    { name: 'IS-SOFTWARE', value: yesNo(dev.isSoftware) },
    { name: 'NM-MANAGED', value: yesNo(dev.state !== DeviceState.unmanaged) },
    { name: 'AUTOCONNECT', value: yesNo(dev.autoconnect) },
    { name: 'FIRMWARE-MISSING', value: 'no' },
    { name: 'NM-PLUGIN-MISSING', value: 'no' },
    { name: 'PHYS-PORT-ID', value: '' },
    { name: 'CONNECTION', value: active?.profile.id ?? '', common: true },
    { name: 'CON-UUID', value: active?.profile.uuid ?? '' },
    { name: 'CON-PATH', value: active?.path ?? '', common: true },
    { name: 'METERED', value: metered },
  ];
}

function speedText({ link }: NmDevice): string {
  return link.speed > 0 ? `${link.speed} Mb/s` : 'unknown';
}

/** Groups of `device show`, by name. */
const GROUPS: readonly string[] = [
  'GENERAL',
  'CAPABILITIES',
  'INTERFACE-FLAGS',
  'WIFI-PROPERTIES',
  'AP',
  'WIRED-PROPERTIES',
  'WIMAX-PROPERTIES',
  'NSP',
  'IP4',
  'DHCP4',
  'IP6',
  'DHCP6',
  'BOND',
  'TEAM',
  'BRIDGE',
  'VLAN',
  'BLUETOOTH',
  'CONNECTIONS',
];

/** What is shown unless -f asks for something else. NMC_FIELDS_DEV_SHOW_SECTIONS_COMMON */
const COMMON_GROUPS = ['GENERAL', 'WIRED-PROPERTIES', 'IP4', 'IP6'];

function group(
  name: string,
  fields: readonly { name: string; value: string | readonly string[] }[],
): DetailGroup {
  return { name, nested: true, fields };
}

function groupOf(manager: NetworkManager, dev: NmDevice, name: string): DetailGroup | undefined {
  const { link } = dev;
  switch (name) {
    case 'GENERAL':
      return group(name, generalFields(dev));
    case 'CAPABILITIES':
      return group(name, [
        { name: 'CARRIER-DETECT', value: 'yes' },
        { name: 'SPEED', value: speedText(dev) },
        { name: 'IS-SOFTWARE', value: yesNo(dev.isSoftware) },
        { name: 'SRIOV', value: 'no' },
      ]);
    case 'INTERFACE-FLAGS':
      return group(name, [
        { name: 'UP', value: yesNo(link.isUp) },
        { name: 'LOWER-UP', value: yesNo(link.running) },
        { name: 'CARRIER', value: yesNo(link.carrier) },
        { name: 'PROMISC', value: yesNo((link.flags & IFF_PROMISC) !== 0) },
      ]);
    case 'WIRED-PROPERTIES':
      if (dev.type !== 'ethernet') return undefined;
      return group(name, [{ name: 'CARRIER', value: link.carrier ? 'on' : 'off' }]);
    case 'IP4':
      return ipGroup(manager, dev, 'inet');
    case 'IP6':
      return ipGroup(manager, dev, 'inet6');
    case 'BRIDGE':
      if (dev.type !== 'bridge' && dev.type !== 'bond') return undefined;
      return group(name, [
        {
          name: 'SLAVES',
          value: manager.devices
            .filter((d) => d.link.master === link)
            .map((d) => d.name)
            .join(' '),
        },
      ]);
    case 'VLAN':
      if (dev.type !== 'vlan') return undefined;
      return group(name, [
        { name: 'PARENT', value: link.linkDevice?.name ?? '' },
        { name: 'ID', value: String(link.infoData?.id ?? '') },
      ]);
    case 'CONNECTIONS': {
      const fitting = manager.store.profiles.filter((p) => manager.fits(p, dev));
      return group(name, [
        { name: 'AVAILABLE-CONNECTION-PATHS', value: fitting.map((p) => p.path).join(',') },
        { name: 'AVAILABLE-CONNECTIONS', value: fitting.map((p) => `${p.uuid} | ${p.id}`) },
      ]);
    }
    default:
      return undefined;
  }
}

/** The groups and fields that -f asks for. @throws NmcliError */
function shownGroups(ctx: Context, manager: NetworkManager, dev: NmDevice): DetailGroup[] {
  const { fields } = ctx.options;
  if (fields === undefined || fields.toLowerCase() === 'common')
    return COMMON_GROUPS.flatMap((name) => {
      const found = groupOf(manager, dev, name);
      if (found === undefined || name !== 'GENERAL') return found ?? [];
      const kept = generalFields(dev).filter((f) => f.common === true);
      return { ...found, fields: kept, nested: false };
    });
  const names = fields.toLowerCase() === 'all' ? [...GROUPS] : fields.split(',');
  return names.flatMap((word) => {
    const [head = '', tail] = word.trim().toUpperCase().split('.');
    if (!GROUPS.includes(head))
      throw new NmcliError(
        Exit.userInput,
        `'device show': invalid field '${word}'; allowed fields: ${GROUPS.join(',')}`,
      );
    const found = groupOf(manager, dev, head);
    if (found === undefined || tail === undefined) return found ?? [];
    const kept = found.fields.filter((f) => f.name === tail);
    if (kept.length === 0)
      throw new NmcliError(
        Exit.userInput,
        `'device show': invalid field '${word}'; allowed fields: ${found.fields.map((f) => `${head}.${f.name}`).join(',')}`,
      );
    return { ...found, fields: kept, nested: false };
  });
}

function deviceNamed(manager: NetworkManager, name: string): NmDevice {
  const found = manager.device(name);
  if (found === undefined) throw new NmcliError(Exit.notFound, `Device '${name}' not found.`);
  return found;
}

/** `nmcli device show` */
const show: Command = async (ctx, [name, extra]) => {
  const { proc } = ctx;
  const manager = ctx.manager();
  const options = inMode(ctx.options, 'multiline');
  if (extra !== undefined)
    throw new NmcliError(Exit.userInput, `invalid extra argument '${extra}'.`);
  const devices = name === undefined ? sortedDevices(manager) : [deviceNamed(manager, name)];
  const texts = devices.map((dev) => {
    const groups = shownGroups(ctx, manager, dev);
    return details(`Device details (${dev.name})`, groups.flatMap(splitFields), options);
  });
  await proc.out(texts.join('\n'));
  return 0;
};

/** Each field of a group that is not shown whole stands by itself. */
function splitFields(of: DetailGroup): DetailGroup[] {
  return of.nested ? [of] : of.fields.map((field) => ({ ...of, fields: [field] }));
}

/** `nmcli device connect` */
const connect: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const name = named(words);
  if (name === undefined) throw new NmcliError(Exit.userInput, 'No interface specified.');
  const dev = deviceNamed(manager, name);
  const candidates = manager.store.byAutoconnect().filter((p) => manager.fits(p, dev));
  const last = [...candidates].sort((a, b) => b.timestamp - a.timestamp)[0];
  if (last === undefined || dev.userUnmanaged)
    throw new NmcliError(
      Exit.activation,
      `Failed to add/activate new connection: Connection '${dev.name}' is not available on device ${dev.name} because device is strictly unmanaged`,
    );
  const active = attempt(() => manager.activate(last, dev), Exit.activation, '');
  await waitUntil(ctx, manager, ctx.options.wait ?? WAIT, () => active.state !== 'activating');
  if (active.state === 'activated') {
    const prefix = ctx.options.terse ? '' : '\u001b[2K\r';
    await ctx.proc.out(`${prefix}Device '${name}' successfully activated with '${last.uuid}'.\n`);
    return 0;
  }
  throw new NmcliError(Exit.activation, `Device activation failed: ${active.failure ?? 'Timeout'}`);
};

/** What the daemon may refuse. @throws NmcliError */
function attempt<T>(act: () => T, status: number, prefix: string): T {
  try {
    return act();
  } catch (e) {
    if (e instanceof NmError) throw new NmcliError(status, `${prefix}${e.message}`);
    if (e instanceof KernelError) throw new NmcliError(status, `${prefix}${e.message}`);
    throw e;
  }
}

function named(words: readonly string[]): string | undefined {
  return words[0] === 'ifname' ? words[1] : words[0];
}

/** `disconnect` and `delete`, each for several devices. */
function eachDevice(
  act: (manager: NetworkManager, dev: NmDevice) => void,
  done: (name: string) => string,
  failed: (dev: NmDevice, why: string) => string,
  summary: string,
  status: number,
): Command {
  return async (ctx, words) => {
    const manager = ctx.manager();
    const names = words.filter((w) => w !== 'ifname');
    if (names.length === 0) throw new NmcliError(Exit.userInput, 'No interface specified.');
    let code = 0;
    let said = '';
    for (const name of new Set(names)) {
      const dev = manager.device(name);
      if (dev === undefined) {
        await ctx.proc.err(`Error: Device '${name}' not found.\n`);
        code = Exit.notFound;
        said = 'not all devices found.';
        continue;
      }
      try {
        act(manager, dev);
        await ctx.proc.out(done(name));
      } catch (e) {
        if (!(e instanceof NmError || e instanceof KernelError)) throw e;
        await ctx.proc.err(`Error: ${failed(dev, e.message)}\n`);
        code = status;
        said = summary;
      }
    }
    if (code === 0) return 0;
    throw new NmcliError(code, said);
  };
}

const disconnect: Command = eachDevice(
  (manager, dev) => {
    if (dev.state <= DeviceState.disconnected)
      throw new NmError('device', 'This device is not active');
    manager.disconnect(dev);
  },
  (name) => `Device '${name}' successfully disconnected.\n`,
  (dev, why) => `Device '${dev.name}' (${dev.path}) disconnecting failed: ${why}`,
  'not all devices disconnected.',
  Exit.disconnect,
);

const remove: Command = eachDevice(
  (manager, dev) => manager.deleteDevice(dev),
  (name) => `Device '${name}' successfully removed.\n`,
  (dev, why) => `Device '${dev.name}' (${dev.path}) deletion failed: ${why}`,
  'not all devices deleted.',
  Exit.unknown,
);

/** `nmcli device set` */
const set: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const rest = words[0] === 'ifname' ? words.slice(1) : [...words];
  const [name, ...pairs] = rest;
  if (name === undefined) throw new NmcliError(Exit.userInput, "Argument 'ifname' is required.");
  const dev = deviceNamed(manager, name);
  if (pairs.length === 0) throw new NmcliError(Exit.userInput, 'No property specified.');
  for (let i = 0; i < pairs.length; i += 2) {
    const [key, value] = [pairs[i] as string, pairs[i + 1]];
    if (key !== 'managed' && key !== 'autoconnect')
      throw new NmcliError(Exit.userInput, `property '${key}' is not known.`);
    if (value === undefined) throw new NmcliError(Exit.userInput, `'${key}' argument is missing.`);
    if (!['yes', 'no', 'on', 'off', 'true', 'false'].includes(value))
      throw new NmcliError(
        Exit.userInput,
        `'${key}': '${value}' is not valid; use [true, yes, on] or [false, no, off].`,
      );
    const on = ['yes', 'on', 'true'].includes(value);
    if (key === 'managed') manager.setManaged(dev, on);
    else dev.autoconnect = on;
  }
  return 0;
};

/** `nmcli device reapply` and `modify`: the device changes, the profile stays. */
const reapply: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const name = named(words);
  if (name === undefined) throw new NmcliError(Exit.userInput, 'No interface specified.');
  const dev = deviceNamed(manager, name);
  const { active } = dev;
  const prefix = `Reapplying connection to device '${name}' (${dev.path}) failed: `;
  if (active === undefined) throw new NmcliError(Exit.unknown, `${prefix}Device is not activated`);
  attempt(() => manager.reapply(dev, active.profile), Exit.unknown, prefix);
  await ctx.proc.out(`Connection successfully reapplied to device '${name}'.\n`);
  return 0;
};

const modify: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const [name, ...changes] = words;
  if (name === undefined) throw new NmcliError(Exit.userInput, 'No interface specified.');
  const dev = deviceNamed(manager, name);
  const { active } = dev;
  const prefix = `Reapplying connection to device '${name}' (${dev.path}) failed: `;
  if (active === undefined || dev.applied === undefined)
    throw new NmcliError(Exit.unknown, `${prefix}Device is not activated`);
  const changed = dev.applied.copy();
  modifyProfile(changed, changes);
  attempt(() => manager.reapply(dev, changed), Exit.unknown, prefix);
  await ctx.proc.out(`Connection successfully reapplied to device '${name}'.\n`);
  return 0;
};

const VERBS = {
  status,
  show,
  connect,
  up: connect,
  disconnect,
  down: disconnect,
  delete: remove,
  set,
  reapply,
  modify,
} satisfies Record<string, Command>;

/** Commands that are refused. */
const OTHERS = ['monitor', 'wifi', 'lldp'];

/** What `nmcli device` can be told. */
export const deviceManual = (): ManualSection => ({
  title: 'nmcli device',
  rows: [...rowsOf(Object.keys(VERBS)), ...rowsOf(OTHERS, { refused: true })],
});

/** `nmcli device` */
export const device: Command = async (ctx, [verb, ...rest]) => {
  if (verb === undefined) return status(ctx, []);
  const order = Object.keys(VERBS) as (keyof typeof VERBS)[];
  const what = matchWord(verb, order);
  if (what !== undefined) return VERBS[what](ctx, rest);
  const other = matchWord(verb, OTHERS);
  if (other !== undefined)
    throw new NmcliError(Exit.unknown, `'nmcli device ${other}' is not supported by Labwire`);
  throw notUnderstood(verb);
};
