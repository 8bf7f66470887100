export { digManual } from './arguments.ts';
export { dig } from './dig.ts';
