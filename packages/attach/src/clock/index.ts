export { type HostClock, RealTime, type Turn } from './real-time.ts';
