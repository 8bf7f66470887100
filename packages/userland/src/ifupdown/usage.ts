const COMMON = `	-h, --help             this help
	-V, --version          copyright and version information
	-a, --all              process all interfaces marked "auto"
	--allow CLASS          ignore non-"allow-CLASS" interfaces
	-i, --interfaces FILE  use FILE for interface definitions
	--state-dir DIR        use DIR to store state information
	-X, --exclude PATTERN  exclude interfaces from the list of
	                       interfaces to operate on by a PATTERN
`;
const NO_ACT = `	-n, --no-act           print out what would happen, but don't do it
	                       (note that this option doesn't disable mappings)
`;
const MORE = `	-v, --verbose          print out what would happen before doing it
	-o OPTION=VALUE        set OPTION to VALUE as though it were in
	                       /etc/network/interfaces
	--no-mappings          don't run any mappings
	--no-scripts           don't run any hook scripts
	--no-loopback          don't act specially on the loopback device
`;

/** `--help` of ifup and ifdown. */
export function usage(name: string): string {
  return `Usage: ${name} <options> <ifaces...>\n\nOptions:\n${COMMON}${NO_ACT}${MORE}	-f, --force            force de/configuration\n	--ignore-errors        ignore errors\n`;
}

/** `ifquery --help`. */
export const QUERY_USAGE: string = `Usage: ifquery <options> <ifaces...>\n       ifquery <options> --list\n       ifquery --state <ifaces...>\n\nOptions:\n${COMMON}${MORE}	--list                 list all matching known interfaces\n	--state                show the state of specified interfaces\n`;
