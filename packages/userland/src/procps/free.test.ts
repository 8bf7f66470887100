import { expect, it } from 'vitest';
import { type Layout, table } from './free.ts';

/** What a machine had when its free was asked. */
const MEMORY = new Map([
  ['MemTotal', 24_684_084],
  ['MemFree', 17_411_880],
  ['MemAvailable', 20_918_544],
  ['Buffers', 190_112],
  ['Cached', 3_000_000],
  ['SReclaimable', 665_152],
  ['Shmem', 13_116],
]);
const plain: Layout = { unit: 1024, si: false, wide: false, total: false };

it.each<[string, Partial<Layout>, string]>([
  [
    'free',
    {},
    `               total        used        free      shared  buff/cache   available
Mem:        24684084     3765540    17411880       13116     3855264    20918544
Swap:              0           0           0
`,
  ],
  [
    'free -h',
    { unit: undefined },
    `               total        used        free      shared  buff/cache   available
Mem:            23Gi       3.6Gi        16Gi        12Mi       3.7Gi        19Gi
Swap:             0B          0B          0B
`,
  ],
  [
    'free -w',
    { wide: true },
    `               total        used        free      shared     buffers       cache   available
Mem:        24684084     3765540    17411880       13116      190112     3665152    20918544
Swap:              0           0           0
`,
  ],
  [
    'free -m -t',
    { unit: 1024 ** 2, total: true },
    `               total        used        free      shared  buff/cache   available
Mem:           24105        3677       17003          12        3764       20428
Swap:              0           0           0
Total:         24105        3677       17003
`,
  ],
])('prints what %s of procps 4.0.2 printed', (_name, layout, text) => {
  expect(table(MEMORY, { ...plain, ...layout })).toBe(text);
});
