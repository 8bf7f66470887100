/** Longest name of a device in bytes. Linux include/uapi/linux/if.h, IFNAMSIZ less its final NUL. */
const IFNAME_MAX = 15;

/** Whether a text can be an alternative name of a device. Source: iproute2 lib/utils.c, check_altifname(). */
export function isAltIfname(text: string): boolean {
  return text !== '' && !/[/\s]/.test(text);
}

/** Whether a text can be the name of a device. Source: lib/utils.c, check_ifname(). */
export function isIfname(text: string): boolean {
  return text.length <= IFNAME_MAX && isAltIfname(text);
}
