export { udhcpc } from './udhcpc.ts';
