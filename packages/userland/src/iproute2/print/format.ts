/** What a format's one conversion may print. */
export type FormatValue = string | number;

/**
 * printf(3) with one conversion, as iproute2's print functions take it: %s, %d, %u, %x, %#x with flags `-0` and a width;
 * length modifiers are ignored.
 */
export function format(fmt: string, value: FormatValue): string {
  return fmt.replace(/%([-0#]*)(\d*)(?:ll|hh|h|l)?([sdux])/, (_, flags, width, conversion) =>
    pad(convert(conversion, flags, value), flags, Number(width)),
  );
}

function convert(conversion: string, flags: string, value: FormatValue): string {
  if (conversion !== 'x') return String(value);
  const hex = Number(value).toString(16);
  return flags.includes('#') && value !== 0 ? `0x${hex}` : hex;
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') ? '0' : ' ');
}
