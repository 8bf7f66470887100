// Loads every door of the compiled packages: tests run their sources, users get these.
import { existsSync, readdirSync } from 'node:fs';

const root = new URL('../packages/', import.meta.url);
let broken = 0;
for (const name of readdirSync(root)) {
  const src = new URL(`${name}/src/`, root);
  for (const folder of readdirSync(src)) {
    if (!existsSync(new URL(`${folder}/index.ts`, src))) continue;
    try {
      await import(new URL(`${name}/dist/${folder}/index.js`, root).href);
    } catch (e) {
      console.error(`@labwire/${name}/${folder}: ${e.stack}`);
      broken++;
    }
  }
}
process.exit(broken === 0 ? 0 : 1);
