import { openResponse } from '../../src/saml/index.ts'
import type { Open } from '../message.ts'

export const open: Open = async (posted, message) => {
  const opened = await openResponse(posted, {
    idp: { entityId: message.idpEntityId, certificates: [message.certificate] },
    sp: { entityId: message.spEntityId, acsUrl: message.acsUrl },
    inResponseTo: message.inResponseTo,
    now: new Date(),
  })
  if (!opened.ok) throw new Error(opened.error.reason)
  return opened.value.nameId
}
