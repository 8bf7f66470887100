import { loadLab } from '@labwire/scenarios/lab';
import { builtInLabs } from '../built-in.ts';
import { EXIT_OK, type Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';

/** Prints the built-in labs: name, commands, title. */
export function listCommand(io: Io): number {
  const labs = builtInLabs().map(({ name, file }) => ({ name, lab: loadLab(readLabFile(file)) }));
  const width = Math.max(...labs.map((l) => l.name.length));
  for (const { name, lab } of labs) {
    const count = `${lab.steps.length} commands`;
    io.out(`${name.padEnd(width)}  ${count.padStart(12)}  ${lab.config.title ?? ''}\n`);
  }
  return EXIT_OK;
}
