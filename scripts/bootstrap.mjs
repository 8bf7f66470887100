// Installs the workspace when the lockfile differs from what is installed; otherwise two file reads.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const PNPM = 'pnpm@10.34.9';
const installed = 'node_modules/.pnpm/lock.yaml';
const upToDate =
  existsSync(installed) &&
  readFileSync(installed, 'utf8') === readFileSync('pnpm-lock.yaml', 'utf8');
if (!upToDate) {
  const { status } = spawnSync('npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], {
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
