import { Simulator } from '@labwire/core/sim';
import { describe, expect, it } from 'vitest';
import { NicEngine } from './nic-engine.ts';
import { findNicModel, type NicModel } from './nic-model.ts';

function device(name: string) {
  const sim = new Simulator({ seed: 1 });
  const model = findNicModel(name) as NicModel;
  return { sim, model, engine: new NicEngine(sim, model) };
}

/** Nanoseconds until the last of `frames` has been sent or received. */
function burst(name: string, way: 'send' | 'receive', frames: number, bytes = 1514): number {
  const { engine } = device(name);
  let last = 0;
  for (let i = 0; i < frames; i++) last = engine[way](bytes, 1e6);
  return last;
}

describe('the device behind a guest’s NIC', () => {
  it('takes one frame at a time, in whichever direction', () => {
    const { engine, model } = device('e1000');
    const first = engine.send(1000, 10);
    expect(first).toBe(model.woken + 1000 * model.byte);
    expect(engine.receive(1000, 10)).toBe(first + model.received + 1000 * model.byte);
    expect(engine.send(1000, 10)).toBe(first + model.received + model.sent + 2000 * model.byte);
  });

  it('has to be woken once it has come to rest', async () => {
    const { engine, sim, model } = device('virtio-net-pci');
    const first = engine.send(0, 10);
    await sim.run(first);
    expect(engine.send(0, 10)).toBe(model.woken);
  });

  it('has no room for more than wait already', () => {
    const { engine } = device('rtl8139');
    const taken = Array.from({ length: 20 }, () => engine.send(60, 8)).filter((t) => t >= 0);
    expect(taken.length).toBeGreaterThan(5);
    expect(taken.length).toBeLessThan(12);
    expect(engine.send(60, 8)).toBe(-1);
  });

  it.each(['send', 'receive'] as const)(
    'makes %s cheaper by virtio than by e1000, and that than by rtl8139',
    (way) => {
      const [virtio, e1000, rtl8139, ne2k] = ['virtio-net-pci', 'e1000', 'rtl8139', 'ne2k_pci'].map(
        (name) => burst(name, way, 1000),
      ) as [number, number, number, number];
      expect(virtio).toBeLessThan(e1000);
      expect(e1000).toBeLessThan(rtl8139);
      expect(rtl8139).toBeLessThan(ne2k);
    },
  );
});
