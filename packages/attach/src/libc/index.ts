export { type Libc, loadLibc, NoLibc } from './libc.ts';
