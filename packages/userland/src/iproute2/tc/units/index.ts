export { formatG } from './general-number.ts';
export { classidText, parseClassid, parseQdiscHandle } from './handle.ts';
export { formatPercent, parsePercent } from './percent.ts';
export { formatRate, parseRate } from './rate.ts';
export {
  cellLogFor,
  makeRateSpec,
  parseSizeAndCell,
  ticksOf,
  timeOfTicks,
  xmitSize,
  xmitTime,
} from './rate-table.ts';
export { formatSize, parseSize } from './size.ts';
export { formatTime, parseTime } from './time.ts';
