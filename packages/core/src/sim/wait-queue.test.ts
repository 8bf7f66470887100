import { expect, it } from 'vitest';
import { WaitQueue } from './index.ts';

it('wakes everyone who waits in the order in which they came, again and again', () => {
  const wq = new WaitQueue();
  const log: string[] = [];
  const a = () => void log.push('a');
  const b = () => void log.push('b');
  wq.wake();
  wq.add(a);
  wq.add(b);
  wq.wake();
  wq.remove(a);
  wq.remove(a);
  wq.wake();
  expect(log).toEqual(['a', 'b', 'b']);
});

it('wakes those who waited when the waking began, whoever comes or goes meanwhile', () => {
  const wq = new WaitQueue();
  const log: string[] = [];
  const late = () => void log.push('late');
  const first = () => {
    log.push('first');
    wq.remove(first);
    wq.add(late);
  };
  wq.add(first);
  wq.add(() => void log.push('second'));
  wq.wake();
  expect(log).toEqual(['first', 'second']);
});
