export * from './api/index.ts';
export * from './data/index.ts';
