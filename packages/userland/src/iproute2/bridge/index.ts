export { bridge, bridgeManual } from './bridge.ts';
