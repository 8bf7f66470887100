import { defineConfig } from 'vitest/config';

// The workspace's own sources, not their built output.
const conditions = ['labwire-source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    // loading all programs anew for each file took most of the time; no test leaves anything behind
    isolate: false,
    maxWorkers: '100%',
  },
});
