/** What is printed for -h and behind a parameter error: the synopsis, and the options that Labwire has. */
export const USAGE = `Usage: iperf3 [-s|-c host] [options]
       iperf3 [-h|--help] [-v|--version]

Server or Client:
  -p, --port #  -f, --format [kmgtKMGT]  -i, --interval #  -I, --pidfile file
  -B, --bind <host>[%<dev>]  --bind-dev <dev>  -V, --verbose  -J, --json
  --logfile f  --forceflush  --rcv-timeout #  --snd-timeout #
  -v, --version  -h, --help
Server specific:
  -s, --server  -D, --daemon  -1, --one-off  --idle-timeout #
Client specific:
  -c, --client <host>[%<dev>]  -u, --udp  --connect-timeout #
  -b, --bitrate #[KMG][/#]  --pacing-timer #[KMG]  -t, --time #
  -n, --bytes #[KMG]  -k, --blockcount #[KMG]  -l, --length #[KMG]
  --cport <port>  -P, --parallel #  -R, --reverse  --bidir
  -w, --window #[KMG]  -C, --congestion <algo>  -M, --set-mss #
  -N, --no-delay  -4, --version4  -6, --version6  -S, --tos N
  --dscp N or --dscp val  -Z, --zerocopy  -O, --omit N  -T, --title str
  --extra-data str  --get-server-output  --udp-counters-64bit
  --repeating-payload  --dont-fragment

[KMG] indicates options that support a K/M/G suffix for kilo-, mega-, or giga-
`;

/** `--name` or `-n` of an option as getopt reports it. */
const dashed = (option: string): string => `${option.length === 1 ? '-' : '--'}${option}`;

/** What is said of an option of the real program that Labwire has not. */
export const refusal = (option: string): string =>
  `iperf3: ${dashed(option)} is not supported by Labwire; iperf3 -h lists what is\n`;
