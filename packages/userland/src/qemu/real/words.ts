import { formatMac } from '@labwire/core/addr';
import type { Item } from '../command-line/index.ts';
import { OPTION_TABLE, Opts } from '../command-line/index.ts';
import { findDevice } from '../devices.ts';
import type { EmulatedNic } from '../machine/index.ts';
import { CONSOLE_OPTIONS } from './console.ts';

/** What is done here, or by the simulated machine that QEMU is started on. */
const OURS: ReadonlySet<string> = new Set([
  ...CONSOLE_OPTIONS,
  ...['netdev', 'nic', 'net', 'daemonize', 'pidfile', 'S'],
]);

const DISPLAYS: ReadonlySet<string> = new Set([...['nographic', 'display', 'vnc', 'spice', 'sdl']]);

/** The words of a command line that mean the same to a real QEMU, as they were typed. */
export function keptWords(items: readonly Item[]): string[] {
  return items.filter(isKept).flatMap(({ name, value }) => {
    return OPTION_TABLE.get(name) === true ? [`-${name}`, value] : [`-${name}`];
  });
}

function isKept(item: Item): boolean {
  if (OURS.has(item.name)) return false;
  if (item.name === 'object') return !item.value.startsWith('filter-');
  return item.name !== 'device' || !isNic(item);
}

function isNic({ where, value }: Item): boolean {
  const driver = new Opts(where, value, 'driver').get('driver') ?? '';
  return findDevice(driver)?.category === 'Network devices';
}

/** Whether a command line names no display. */
export function hasDefaultDisplay(items: readonly Item[]): boolean {
  return !items.some((item) => DISPLAYS.has(item.name));
}

/** A NIC's `-device`; `netdev` is the backend that it gets, undefined for none. */
export function nicWords(nic: EmulatedNic, netdev: string | undefined): string[] {
  const pairs = [
    ...(netdev === undefined ? [] : [['netdev', netdev] as const]),
    ['mac', formatMac(nic.mac)] as const,
    ...nic.properties,
  ];
  const text = pairs.map(([key, value]) => `,${key}=${value.replaceAll(',', ',,')}`).join('');
  return ['-device', `${nic.model.name}${text}`];
}
