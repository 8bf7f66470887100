import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Tests with real guests, which take their time to boot: `npm run interop`. */
const SLOW = 300_000;

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/interop/*.interop.ts'],
    testTimeout: SLOW,
    hookTimeout: SLOW,
    // guests under plain emulation want a processor each
    fileParallelism: false,
  },
});
