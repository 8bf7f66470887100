/** Why getaddrinfo(3) failed. */
export type GaiError =
  | 'EAI_NONAME'
  | 'EAI_AGAIN'
  | 'EAI_FAIL'
  | 'EAI_FAMILY'
  | 'EAI_SERVICE'
  | 'EAI_NODATA'
  | 'EAI_ADDRFAMILY';

const TEXTS: Readonly<Record<GaiError, string>> = {
  EAI_NONAME: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_FAIL: 'Non-recoverable failure in name resolution',
  EAI_FAMILY: 'ai_family not supported',
  EAI_SERVICE: 'Servname not supported for ai_socktype',
  EAI_NODATA: 'No address associated with hostname',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
};

/** The text of gai_strerror(3). glibc sysdeps/posix/gai_strerror-strs.h */
export function gaiStrerror(error: GaiError): string {
  return TEXTS[error];
}
