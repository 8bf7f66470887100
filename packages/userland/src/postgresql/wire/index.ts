export {
  CANCEL_REQUEST,
  FieldReader,
  GSS_REQUEST,
  type Message,
  MessageReader,
  MessageWriter,
  PROTOCOL_3,
  ProtocolError,
  SSL_REQUEST,
} from './message.ts';
