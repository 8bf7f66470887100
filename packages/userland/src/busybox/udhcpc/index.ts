export { udhcpcManual } from './command-line.ts';
export { udhcpc } from './udhcpc.ts';
