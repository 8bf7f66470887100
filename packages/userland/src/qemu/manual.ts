import type { Manual } from '../machine/index.ts';
import { OPTION_TABLE } from './command-line/index.ts';
import { DEVICE_LIST } from './device-list.ts';
import { netdevSections } from './net/clients.ts';

/** What QEMU can be told: its options, the words of each backend of `-netdev`, and the models of `-device`. */
export const qemuManual = (): Manual => [
  {
    title: 'Options',
    rows: [...OPTION_TABLE].map(([name, hasWord]) => ({
      names: [`-${name}`],
      ...(hasWord ? { arg: 'VALUE' } : {}),
    })),
  },
  ...netdevSections(),
  ...DEVICE_LIST.map(([category, devices]) => ({
    title: `-device: ${category}`,
    rows: devices.split('\n').map((row) => {
      const [name = '', , alias = '', meaning = ''] = row.split('|');
      return {
        names: alias === '' ? [name] : [name, alias],
        ...(meaning === '' ? {} : { meaning }),
      };
    }),
  })),
];
