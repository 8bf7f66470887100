import { defineConfig } from 'vitest/config';

// The workspace's own sources, not their built output.
const conditions = ['labwire-source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 120_000 },
});
