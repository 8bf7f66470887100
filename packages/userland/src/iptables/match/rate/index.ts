export { hashlimit } from './hashlimit.ts';
export { limit } from './limit.ts';
export { quota } from './quota.ts';
export { recent } from './recent.ts';
export { statistic } from './statistic.ts';
export { time } from './time.ts';
