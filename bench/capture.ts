import { MachineCapture } from '@labwire/scenarios/capture';
import type { Figure } from './figure.ts';
import { type Case, interleave } from './measure.ts';
import { LINKS, PAYLOAD, Traffic } from './traffic.ts';
import { Tree } from './tree.ts';

/** Most that a hop may cost with captures, in hops without. */
const CAPTURED = 1.5;

/** Traffic that is captured at all devices; what was captured is let go after each run. */
class Captured implements Case {
  readonly name = 'captured';
  readonly ops: number;
  readonly #traffic: Traffic;
  readonly #captures: readonly MachineCapture[];

  constructor(tree: Tree, links: number) {
    this.#traffic = new Traffic(tree, links);
    this.ops = this.#traffic.ops;
    this.#captures = tree.nodes.map(({ netns }, i) => new MachineCapture(`m${i}`, netns.kernel));
  }

  run(): void {
    this.#traffic.run();
    let bytes = 0;
    for (const capture of this.#captures)
      for (const chunk of capture.finish()) bytes += chunk.length;
    if (bytes < this.ops * PAYLOAD.length) throw new Error(`${bytes} bytes were captured`);
  }
}

/** P23: the same traffic with and without captures of all devices. */
export async function measureCapture(): Promise<Figure[]> {
  const [plain, captured] = await interleave([
    new Traffic(new Tree(17), LINKS),
    new Captured(new Tree(17), LINKS),
  ]);
  return [
    {
      id: 'P23',
      what: 'a frame over a link, every device captured',
      value: captured?.cpu,
      unit: 'ns',
      goal: CAPTURED * (plain?.cpu ?? 0),
      against: `${CAPTURED} of the same without captures, run beside`,
    },
  ];
}
