export { formatDate } from './date-format.ts';
export {
  closeInput,
  LineReader,
  linesOf,
  openInput,
  readAll,
  readInput,
  readInputText,
} from './input.ts';
export { coreutilsPackage } from './package.ts';
export { formatFloat, formatPrintf } from './printf-format.ts';
export { parseDuration } from './small.ts';
export { become } from './system.ts';
export { eachFile, Options, quote, ToolError, type ToolSpec, tool, UsageError } from './tool.ts';
