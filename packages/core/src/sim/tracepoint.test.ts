import { expect, it } from 'vitest';
import { Tracepoint } from './index.ts';

it('tells its listeners in the order in which they came, and knows whether it has any', () => {
  const drop = new Tracepoint<[reason: string, len: number]>();
  const log: string[] = [];
  expect(drop.active).toBe(false);
  drop.emit('nobody', 0);
  const stop = drop.listen((reason, len) => void log.push(`1 ${reason} ${len}`));
  const stopSecond = drop.listen((reason) => void log.push(`2 ${reason}`));
  expect(drop.active).toBe(true);
  drop.emit('neigh_failed', 98);
  stop();
  drop.emit('no_socket', 64);
  stopSecond();
  drop.emit('nobody', 0);
  expect([log, drop.active]).toEqual([
    ['1 neigh_failed 98', '2 neigh_failed', '2 no_socket'],
    false,
  ]);
});

it('a listener may stop listening from within, and the others are still told', () => {
  const point = new Tracepoint<[]>();
  const log: string[] = [];
  const stop = point.listen(() => {
    log.push('once');
    stop();
  });
  point.listen(() => void log.push('always'));
  point.emit();
  point.emit();
  expect(log).toEqual(['once', 'always', 'always']);
});
