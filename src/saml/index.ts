/** The door to the SAML core, for other programs; inside, files import each other directly. */
export {
  allowNoNameId,
  allowSha1,
  allowWeakRsa,
  explainResponse,
  openResponse,
} from './incoming/response.ts'
export type { Expect, Finding } from './incoming/response.ts'
export { explainSamlError } from './explain.ts'
export type { SamlError } from './error.ts'
export type { Subject } from './incoming/subject.ts'
