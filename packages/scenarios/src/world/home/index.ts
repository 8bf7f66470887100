export { atHome } from './at-home.ts';
