/** The door to the SAML core, for other programs; inside, files import each other directly. */
export {
  allowNoNameId,
  allowSha1,
  allowWeakRsa,
  explainResponse,
  openResponse,
} from './response.ts'
export type { Expect, Finding } from './response.ts'
export { explainSamlError } from './explain.ts'
export type { SamlError } from './error.ts'
export type { Subject } from './subject.ts'
