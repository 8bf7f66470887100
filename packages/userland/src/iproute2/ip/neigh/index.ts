export { ipNeigh, neighManual } from './neigh.ts';
