export { ipNeigh } from './neigh.ts';
