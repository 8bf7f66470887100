/** What is coloured. */
export type Color = 'ifname' | 'mac' | 'inet' | 'inet6' | 'up' | 'down';

/** SGR codes of the colours. Source: iproute2 lib/color.c, attr_colors_light[]. */
const CODES: Readonly<Record<Color, number>> = {
  ifname: 36,
  mac: 33,
  inet: 35,
  inet6: 34,
  up: 32,
  down: 31,
};

/** How colours are written: not at all, for a light or for a dark background. */
export type Palette = 'none' | 'light' | 'dark';

/** What COLORFGBG says of the background: its last number is 0 to 6 or 8 if that is dark. Source: lib/color.c, set_color_palette(). */
export function backgroundOf(colorfgbg: string | undefined): Palette {
  return /;[0-68]$/.test(colorfgbg ?? '') ? 'dark' : 'light';
}

/** Puts a colour round a text. */
export function paint(text: string, color: Color | undefined, palette: Palette): string {
  if (color === undefined || palette === 'none') return text;
  return `\u001b[${palette === 'dark' ? '1;' : ''}${CODES[color]}m${text}\u001b[0m`;
}

/** The colour of an operational state. */
export function operStateColor(state: string): Color | undefined {
  return state === 'UP' ? 'up' : state === 'DOWN' ? 'down' : undefined;
}
