export { backgroundOf, type Color, operStateColor, type Palette } from './color.ts';
export { type FormatValue, format } from './format.ts';
export { JsonWriter } from './json-writer.ts';
export { Printer, type PrintOptions } from './printer.ts';
export { formatCounter, type NumberStyle, widen } from './stats.ts';
