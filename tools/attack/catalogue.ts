import { address } from './catalogue/address.ts'
import { algorithm } from './catalogue/algorithm.ts'
import { doctype } from './catalogue/doctype.ts'
import { donor } from './catalogue/donor.ts'
import { encryption } from './catalogue/encryption.ts'
import { good } from './catalogue/good.ts'
import { keys } from './catalogue/keys.ts'
import { ownStructure } from './catalogue/own-structure.ts'
import { own } from './catalogue/own.ts'
import { pollution } from './catalogue/pollution.ts'
import { severalAssertions } from './catalogue/several-assertions.ts'
import { signaturePlace } from './catalogue/signature-place.ts'
import { signedInfo } from './catalogue/signed-info.ts'
import { subject } from './catalogue/subject.ts'
import { text } from './catalogue/text.ts'
import { time } from './catalogue/time.ts'
import { transport } from './catalogue/transport.ts'
import { wellFormed } from './catalogue/well-formed.ts'
import { wrapping } from './catalogue/wrapping.ts'
import type { Entry } from './entry.ts'

/** Every message, in the order of docs/attacks.md. */
export const catalogue: readonly Entry[] = [
  ...algorithm,
  ...good,
  ...address,
  ...time,
  ...subject,
  ...keys,
  ...donor,
  ...signedInfo,
  ...signaturePlace,
  ...pollution,
  ...wrapping,
  ...severalAssertions,
  ...text,
  ...doctype,
  ...wellFormed,
  ...encryption,
  ...transport,
  ...ownStructure,
  ...own,
]
