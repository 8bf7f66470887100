// Everything that must hold before a change lands: lint and format, types, tests.
import { spawnSync } from 'node:child_process';

const steps = [
  ['lint and format', 'biome', ['check', '.']],
  ['types of the packages', 'tsc', ['-b']],
  ['compiled packages', 'node', ['scripts/load-compiled.mjs']],
  ['types of tests and benches', 'tsc', ['-p', 'tsconfig.test.json']],
  ['tests', 'vitest', ['run', ...process.argv.slice(2)]],
];
for (const [name, command, args] of steps) {
  console.log(`\n> ${name}: ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
