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

it('does not wake those who came because of the waking', () => {
  const wq = new WaitQueue();
  let woken = 0;
  const again = () => {
    woken++;
    wq.add(again);
  };
  wq.add(again);
  wq.wake();
  expect(woken).toBe(1);
  wq.wake();
  expect(woken).toBe(3);
});
