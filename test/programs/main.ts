import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programPages } from './pages.ts';

const FOLDER = fileURLToPath(new URL('../../docs/programs', import.meta.url));

mkdirSync(FOLDER, { recursive: true });
const pages = programPages();
const files = pages.map((page) => page.file);
for (const name of readdirSync(FOLDER)) if (!files.includes(name)) rmSync(join(FOLDER, name));
for (const { file, text } of pages) writeFileSync(join(FOLDER, file), text);
process.stdout.write(`${pages.length} pages in docs/programs\n`);
