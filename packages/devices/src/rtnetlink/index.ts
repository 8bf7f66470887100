export type * from './requests.ts';
export type * from './types.ts';
