export { RealTime, type Turn } from './real-time.ts';
