#!/usr/bin/env node
import { processIo } from './io.ts';
import { labwire } from './labwire.ts';

process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code === 'EPIPE') process.exit(0);
  throw e;
});
process.exitCode = await labwire(process.argv.slice(2), processIo());
