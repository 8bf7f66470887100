export { echoed } from './echo.ts';
export { CHANGER, monitor } from './monitor.ts';
