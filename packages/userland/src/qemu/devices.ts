import { DEVICE_LIST } from './device-list.ts';

/** A device that `-device` takes. */
export interface DeviceInfo {
  readonly name: string;
  readonly alias: string | undefined;
  readonly category: string;
  readonly line: string;
}

const rows = (): DeviceInfo[] =>
  DEVICE_LIST.flatMap(([category, text]) =>
    text.split('\n').map((row) => {
      const [name = '', bus = '', alias = '', desc = ''] = row.split('|');
      const more = [
        bus === '' ? '' : `, bus ${bus}`,
        alias === '' ? '' : `, alias "${alias}"`,
        desc === '' ? '' : `, desc "${desc}"`,
      ];
      const line = `name "${name}"${more.join('')}\n`;
      return { name, alias: alias === '' ? undefined : alias, category, line };
    }),
  );

/** What `-device help` prints. */
export function deviceHelp(): string {
  const all = rows();
  return DEVICE_LIST.map(
    ([category]) =>
      `${category}:\n${all.flatMap((d) => (d.category === category ? d.line : [])).join('')}`,
  ).join('\n');
}

/** The device of a name or alias. */
export function findDevice(name: string): DeviceInfo | undefined {
  return rows().find((d) => d.name === name || d.alias === name);
}

/** Models that `-nic` and `-net nic` take: PCI network devices. */
export function nicModels(): string[] {
  return rows()
    .filter((d) => d.category === 'Network devices' && d.line.includes('bus PCI'))
    .flatMap((d) => (d.name === 'rocker' ? [] : [d.name]))
    .sort();
}
