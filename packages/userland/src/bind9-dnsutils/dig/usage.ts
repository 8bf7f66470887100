/** How dig is used. BIND bin/dig/dig.c, print_usage() */
export const DIG_USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]
`;

/** What stands below it when an option is wrong. */
export const DIG_MORE_HELP: string = `
Use "dig -h" (or "dig -h | more") for complete list of options
`;
