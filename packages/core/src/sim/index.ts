export { type EventHandler, EventQueue, EventRing } from './events/index.ts';
export { RandomStream } from './random.ts';
export { Simulator, type SimulatorOptions } from './simulator.ts';
export { Task, TaskScheduler } from './tasks.ts';
export { MS, type Nanos, SEC, US } from './time.ts';
export { Timer, type TimerOwner } from './timer.ts';
export { Tracepoint } from './tracepoint.ts';
export { POLLERR, POLLHUP, POLLIN, POLLOUT, type Pollable, WaitQueue } from './wait-queue.ts';
