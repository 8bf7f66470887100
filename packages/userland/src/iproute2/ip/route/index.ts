export { ipRoute } from './route.ts';
