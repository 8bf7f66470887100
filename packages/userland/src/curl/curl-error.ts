/** A transfer that failed: the number that curl exits with and the text it prints. curl include/curl/curl.h, CURLcode */
export class CurlError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const CURLE_UNSUPPORTED_PROTOCOL = 1;
export const CURLE_FAILED_INIT = 2;
export const CURLE_URL_MALFORMAT = 3;
export const CURLE_COULDNT_RESOLVE_HOST = 6;
export const CURLE_COULDNT_CONNECT = 7;
export const CURLE_WEIRD_SERVER_REPLY = 8;
export const CURLE_PARTIAL_FILE = 18;
export const CURLE_HTTP_RETURNED_ERROR = 22;
export const CURLE_WRITE_ERROR = 23;
export const CURLE_READ_ERROR = 26;
export const CURLE_OPERATION_TIMEDOUT = 28;
export const CURLE_SSL_CONNECT_ERROR = 35;
export const CURLE_INTERFACE_FAILED = 45;
export const CURLE_TOO_MANY_REDIRECTS = 47;
export const CURLE_GOT_NOTHING = 52;
export const CURLE_SEND_ERROR = 55;
export const CURLE_RECV_ERROR = 56;

/** What is said of a URL that cannot be parsed. */
export const MALFORMED_URL = 'URL using bad/illegal format or missing URL';
