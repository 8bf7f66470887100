/** Where directives may stand: main, events, http, server, location, upstream; and the table of types. */
export type Context = 'main' | 'events' | 'http' | 'server' | 'location' | 'upstream' | 'types';

/** How values are checked, beyond their number. */
export type ValueCheck = 'flag' | 'number' | 'size' | 'time';

/** What nginx knows of a directive. */
export interface DirectiveSpec {
  readonly contexts: readonly Context[];
  readonly min: number;
  readonly max: number;
  /** The context of the block that it opens. */
  readonly block?: Context;
  readonly check?: ValueCheck;
  /** May be given more than once in a block. */
  readonly repeats?: true;
}

const M: readonly Context[] = ['main'];
const E: readonly Context[] = ['events'];
const H: readonly Context[] = ['http'];
const S: readonly Context[] = ['server'];
const HS: readonly Context[] = ['http', 'server'];
const SL: readonly Context[] = ['server', 'location'];
const HSL: readonly Context[] = ['http', 'server', 'location'];
const MANY = 64;

function flag(contexts: readonly Context[]): DirectiveSpec {
  return { contexts, min: 1, max: 1, check: 'flag' };
}

function one(contexts: readonly Context[], check?: ValueCheck): DirectiveSpec {
  return check === undefined ? { contexts, min: 1, max: 1 } : { contexts, min: 1, max: 1, check };
}

function some(contexts: readonly Context[], min: number, max: number): DirectiveSpec {
  return { contexts, min, max };
}

function list(contexts: readonly Context[], min: number, max: number): DirectiveSpec {
  return { contexts, min, max, repeats: true };
}

/** The directives that Labwire's nginx knows. Those that tune memory or system calls are checked and change nothing. */
export const DIRECTIVES: Readonly<Record<string, DirectiveSpec>> = {
  access_log: list(HSL, 1, MANY),
  add_header: list(HSL, 2, 3),
  alias: one(['location']),
  allow: list(HSL, 1, 1),
  autoindex: flag(HSL),
  autoindex_exact_size: flag(HSL),
  autoindex_localtime: flag(HSL),
  client_body_buffer_size: one(HSL, 'size'),
  client_body_timeout: one(HSL, 'time'),
  client_header_buffer_size: one(HS, 'size'),
  client_header_timeout: one(HS, 'time'),
  client_max_body_size: one(HSL, 'size'),
  daemon: flag(M),
  default_type: one(HSL),
  deny: list(HSL, 1, 1),
  error_log: list(['main', ...HSL], 1, 2),
  error_page: list(HSL, 2, MANY),
  events: { contexts: M, min: 0, max: 0, block: 'events' },
  gzip: flag(HSL),
  gzip_buffers: some(HSL, 2, 2),
  gzip_comp_level: one(HSL, 'number'),
  gzip_http_version: one(HSL),
  gzip_min_length: one(HSL, 'size'),
  gzip_proxied: some(HSL, 1, MANY),
  gzip_types: some(HSL, 1, MANY),
  gzip_vary: flag(HSL),
  http: { contexts: M, min: 0, max: 0, block: 'http' },
  include: list(['main', 'events', 'http', 'server', 'location', 'upstream', 'types'], 1, 1),
  index: list(HSL, 1, MANY),
  internal: some(['location'], 0, 0),
  keepalive_requests: one(HSL, 'number'),
  keepalive_timeout: some(HSL, 1, 2),
  large_client_header_buffers: some(HS, 2, 2),
  listen: list(S, 1, MANY),
  location: { contexts: SL, min: 1, max: 2, block: 'location', repeats: true },
  log_format: list(H, 2, MANY),
  log_not_found: flag(HSL),
  master_process: flag(M),
  multi_accept: flag(E),
  pid: one(M),
  proxy_buffer_size: one(HSL, 'size'),
  proxy_buffering: flag(HSL),
  proxy_buffers: some(HSL, 2, 2),
  proxy_busy_buffers_size: one(HSL, 'size'),
  proxy_cache_bypass: list(HSL, 1, MANY),
  proxy_connect_timeout: one(HSL, 'time'),
  proxy_hide_header: list(HSL, 1, 1),
  proxy_http_version: one(HSL),
  proxy_intercept_errors: flag(HSL),
  proxy_pass: one(['location']),
  proxy_pass_header: list(HSL, 1, 1),
  proxy_read_timeout: one(HSL, 'time'),
  proxy_redirect: list(HSL, 1, 2),
  proxy_send_timeout: one(HSL, 'time'),
  proxy_set_header: list(HSL, 2, 2),
  return: some(SL, 1, 2),
  root: one(HSL),
  send_timeout: one(HSL, 'time'),
  sendfile: flag(HSL),
  server: { contexts: ['http', 'upstream'], min: 0, max: MANY, block: 'server', repeats: true },
  server_name: list(S, 1, MANY),
  server_names_hash_bucket_size: one(H, 'number'),
  server_names_hash_max_size: one(H, 'number'),
  server_tokens: one(HSL),
  ssl_prefer_server_ciphers: flag(HS),
  ssl_protocols: some(HS, 1, MANY),
  tcp_nodelay: flag(HSL),
  tcp_nopush: flag(HSL),
  try_files: some(SL, 2, MANY),
  types: { contexts: HSL, min: 0, max: 0, block: 'types' },
  types_hash_bucket_size: one(HSL, 'number'),
  types_hash_max_size: one(HSL, 'number'),
  upstream: { contexts: H, min: 1, max: 1, block: 'upstream', repeats: true },
  use: one(E),
  user: some(M, 1, 2),
  worker_connections: one(E, 'number'),
  worker_processes: one(M),
  worker_rlimit_nofile: one(M, 'number'),
};

/** Directives of Debian's nginx that are refused by name rather than called unknown. */
export const REFUSED: readonly string[] = (
  'accept_mutex add_trailer addition_types auth_basic auth_basic_user_file auth_request break charset charset_map ' +
  'client_body_temp_path dav_methods debug_connection empty_gif env error_log_syslog etag expires fastcgi_index ' +
  'fastcgi_param fastcgi_pass fastcgi_split_path_info geo geoip_country gunzip gzip_static gzip_disable ' +
  'if if_modified_since ignore_invalid_headers image_filter keepalive least_conn limit_conn limit_conn_zone ' +
  'limit_except limit_rate limit_req limit_req_zone lingering_close load_module mail map ' +
  'memcached_pass merge_slashes mirror open_file_cache output_buffers pcre_jit perl proxy_bind proxy_cache ' +
  'proxy_cache_path proxy_cookie_path proxy_ignore_headers ' +
  'proxy_next_upstream proxy_pass_request_body proxy_request_buffering proxy_ssl_verify ' +
  'random_index real_ip_header resolver resolver_timeout rewrite rewrite_log satisfy scgi_pass secure_link ' +
  'server_name_in_redirect set set_real_ip_from split_clients ssi ssl_certificate ssl_certificate_key ssl_ciphers ' +
  'ssl_session_cache ssl_session_timeout stream stub_status sub_filter timer_resolution underscores_in_headers ' +
  'uwsgi_pass valid_referers variables_hash_max_size worker_cpu_affinity worker_priority worker_shutdown_timeout ' +
  'working_directory xslt_stylesheet zone ip_hash absolute_redirect port_in_redirect'
).split(' ');
