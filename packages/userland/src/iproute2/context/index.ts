export { type BatchLine, parseBatch, runBatch } from './batch.ts';
export {
  type Command,
  type CommandSet,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from './commands.ts';
export { Context } from './context.ts';
export { defaultOptions, type Options } from './options.ts';
export { Output } from './output.ts';
export { COLOR_OPTION, type OptionRow, optionRows, parseOptions } from './parse-options.ts';
export { runTool } from './program.ts';
export { netlinkError, talk } from './rtnetlink.ts';
