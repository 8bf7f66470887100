import { fileURLToPath } from 'node:url';
import { loadLab } from '@labwire/scenarios/lab';
import { expect, it } from 'vitest';
import { readLab } from '../../kit/index.ts';

/** The lab as it was recorded: the home world's machines written out, since a real machine has no such world. */
const recorded = fileURLToPath(new URL('./home-network-map.md', import.meta.url));

it('was recorded with the machines that the home world has', () => {
  const { config: home } = loadLab({ file: 'lab.md', text: '' });
  const world = [...home.machines, ...(home.surroundings?.machines ?? [])];
  const written = new Map(readLab(recorded).config.machines.map((m) => [m.name, m]));
  expect([...written.keys()]).toEqual(world.map((m) => m.name));
  for (const { name, interfaces, sysctl, files } of world)
    expect(written.get(name)).toMatchObject({ interfaces, sysctl, files });
  for (const { name, services } of home.surroundings?.machines ?? [])
    for (const words of services) expect(written.get(name)?.run).toContain(words.join(' '));
});
