/** `npm run fuzz -- --frames N --seed S`: random frames into every kind of device with random sysctls. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
  },
});

const began = Date.now();
let total = 0;
fuzz({
  frames: Number(values.frames),
  seed: Number(values.seed),
  ...(values.kind !== undefined && { kind: values.kind }),
  onKind: (kind, frames, dropped) => {
    total += frames;
    const most = [...dropped].sort(([, a], [, b]) => b - a).slice(0, 4);
    const why = most.map(([reason, n]) => `${reason} ${n}`).join(', ');
    console.log(`${kind}: ${frames} frames; dropped most: ${why}`);
  },
});
const seconds = (Date.now() - began) / 1000;
console.log(`${total} frames delivered or dropped with a reason, in ${seconds.toFixed(0)} s`);
