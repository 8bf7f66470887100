import { copyFileSync, mkdirSync } from 'node:fs';
import { tinyLinux } from './tiny-linux.ts';

const FOLDER = 'tiny-linux';

const linux = tinyLinux();
if (typeof linux === 'string') {
  console.error(linux);
  process.exitCode = 1;
} else {
  mkdirSync(FOLDER, { recursive: true });
  copyFileSync(linux.kernel, `${FOLDER}/vmlinuz`);
  copyFileSync(linux.initrd, `${FOLDER}/initrd`);
  console.log(`-kernel ${FOLDER}/vmlinuz -initrd ${FOLDER}/initrd -append "console=ttyS0 quiet"`);
}
