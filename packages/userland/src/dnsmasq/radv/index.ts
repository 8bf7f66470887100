export { RadvService } from './radv-service.ts';
