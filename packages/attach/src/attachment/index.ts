export { type AttachSpec, parseAttachSpec } from './attach-spec.ts';
export { Attachment, type AttachmentStats } from './attachment.ts';
