export { ipRoute, routeManual } from './route.ts';
