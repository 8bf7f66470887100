export {
  agentTags,
  type Cpewan,
  classTags,
  contains,
  macTags,
  matchTags,
  nameTags,
  readCpewan,
  userClass,
} from './classify.ts';
export { type ClientName, FQDN_E, readClientName } from './client-name.ts';
export { AgentOpt, clientIdentity, DhcpRequest, suboption } from './dhcp-request.ts';
