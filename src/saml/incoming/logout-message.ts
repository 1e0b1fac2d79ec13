/**
 * Takes a message of Single Logout out of its binding, and verifies its signature: that of the query
 * (Bindings §3.4.4.1), or that of the message itself in a form (§3.5) and in SOAP (§3.2).
 */
import { utf8 } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { brief, type LogoutName, type SamlError } from '../error.ts'
import { DS, SAML, SAMLP, SOAP_ENVELOPE } from '../names.ts'
import { judgeId, judgeUnique, readPosted } from './message.ts'
import { chooseParameter, readRedirect, readRelayState, type Parameter } from './redirect.ts'
import { verifyQuery, verifySignature, type Verified } from './signature.ts'
import type { Trust } from './trust.ts'
import { isTrue } from '../values.ts'
import { childElements, childrenNamed, parseXml, type XmlElement } from '../xml/reader.ts'
import { descendants } from '../xml/tree.ts'

/** A message as it came. */
export type Received =
  /** The query of the URL, byte for byte. */
  | { readonly binding: 'redirect'; readonly query: string }
  /** The body of the form that the browser posted. */
  | { readonly binding: 'post'; readonly body: string }
  /** The SOAP envelope. */
  | { readonly binding: 'soap'; readonly xml: string }

export interface Opened {
  readonly message: Verified
  readonly relayState: string | null
}

/**
 * Whether it is an answer and not a request, by the name of its parameter. For a query or a form
 * that has neither or both, the error.
 */
export function readParameter(
  received: Exclude<Received, { readonly binding: 'soap' }>,
): Result<Parameter, SamlError> {
  const read =
    received.binding === 'redirect' ? readRedirect(received.query) : readForm(received.body)
  return read.ok ? ok(read.value.parameter) : read
}

export async function openMessage(
  received: Received,
  name: LogoutName,
  trust: Trust,
): Promise<Result<Opened, SamlError>> {
  switch (received.binding) {
    case 'redirect':
      return openQuery(received.query, name, trust)
    case 'post': {
      const form = readForm(received.body)
      if (!form.ok) return form
      const { parameter, base64, relayState } = form.value
      const fault = judgeParameter(parameter, name)
      if (fault) return err(fault)
      const root = readPosted(base64)
      return root.ok ? openSigned(root.value, { name, trust, relayState }) : root
    }
    case 'soap': {
      const inside = readEnvelope(received.xml)
      return inside.ok ? openSigned(inside.value, { name, trust, relayState: null }) : inside
    }
  }
}

async function openQuery(
  query: string,
  name: LogoutName,
  trust: Trust,
): Promise<Result<Opened, SamlError>> {
  const read = readRedirect(query)
  if (!read.ok) return read
  const fault = judgeParameter(read.value.parameter, name)
  if (fault) return err(fault)
  if (read.value.signature === null) {
    return err({ reason: 'logout-unsigned', of: name, isQuery: true })
  }
  const verified = await verifyQuery(read.value, trust)
  if (!verified.ok) return verified
  const error = judgeShape(verified.value, name)
  return error ? err(error) : ok({ message: verified.value, relayState: read.value.relayState })
}

async function openSigned(
  element: XmlElement,
  { name, trust, relayState }: SignedInside,
): Promise<Result<Opened, SamlError>> {
  const error = judgeShape(element, name)
  if (error) return err(error)
  if (childrenNamed(element, DS, 'Signature').length === 0) {
    return err({ reason: 'logout-unsigned', of: name, isQuery: false })
  }
  const verified = await verifySignature(element, trust)
  return verified.ok ? ok({ message: verified.value, relayState }) : verified
}

interface SignedInside {
  readonly name: LogoutName
  readonly trust: Trust
  readonly relayState: string | null
}

interface PostedMessage {
  readonly parameter: Parameter
  readonly base64: string
  readonly relayState: string | null
}

/** Bindings §3.5.4. */
function readForm(body: string): Result<PostedMessage, SamlError> {
  const form = new URLSearchParams(body)
  const names = [...form.keys()]
  if (new Set(names).size < names.length) return malformed('the form has a field twice')
  const parameter = chooseParameter((name) => form.has(name))
  if (!parameter.ok) return parameter
  const relayState = readRelayState(form.get('RelayState'))
  if (!relayState.ok) return relayState
  const base64 = form.get(parameter.value) ?? ''
  return ok({ parameter: parameter.value, base64, relayState: relayState.value })
}

/** The one element in the Body of a SOAP 1.1 envelope (Bindings §3.2.2). */
function readEnvelope(xml: string): Result<XmlElement, SamlError> {
  const envelope = parseXml(utf8(xml))
  if (!envelope.ok) return err({ reason: 'malformed-xml', fault: envelope.error })
  const root = envelope.value
  const isEnvelope = root.namespace === SOAP_ENVELOPE && root.local === 'Envelope'
  const bodies = isEnvelope ? childrenNamed(root, SOAP_ENVELOPE, 'Body') : []
  const [message, ...others] = bodies.flatMap(childElements)
  if (bodies.length !== 1 || !message || others.length > 0) {
    return malformed('it is not a SOAP 1.1 envelope whose Body has one message')
  }
  const headers = childrenNamed(root, SOAP_ENVELOPE, 'Header').flatMap(childElements)
  // SOAP 1.1 §4.2.3: a receiver that does not know such a header must refuse the message.
  return headers.some(mustBeUnderstood)
    ? malformed('the SOAP envelope has a header that must be understood')
    : ok(message)
}

const mustBeUnderstood = ({ attributes }: XmlElement): boolean =>
  attributes.some(
    ({ namespace, local, value }) =>
      namespace === SOAP_ENVELOPE && local === 'mustUnderstand' && isTrue(value),
  )

const parameterOf: Readonly<Record<LogoutName, Parameter>> = {
  LogoutRequest: 'SAMLRequest',
  LogoutResponse: 'SAMLResponse',
}

const judgeParameter = (found: Parameter, name: LogoutName): SamlError | null =>
  found === parameterOf[name]
    ? null
    : { reason: 'malformed-binding', detail: `a ${name} does not come as ${found}` }

/** One message of this name, with the children of Core §3.7, and a signature only as its child. */
function judgeShape(message: XmlElement, name: LogoutName): SamlError | null {
  if (message.namespace !== SAMLP || message.local !== name) {
    const [found, namespace] = [brief(message.local), brief(message.namespace)]
    return { reason: 'not-a-logout-message', found, namespace, expected: name }
  }
  const stranger = childElements(message).find((child) => !isChildOf(name, child))
  if (stranger) {
    const [element, namespace] = [brief(stranger.name), brief(stranger.namespace)]
    return { reason: 'unexpected-element', element, namespace, in: `the ${name}` }
  }
  const elements = descendants(message)
  const astray = elements.some(
    ({ namespace, local, parent }) =>
      namespace === DS && local === 'Signature' && parent !== message,
  )
  if (astray) return { reason: 'misplaced-signature' }
  return judgeUnique(elements) ?? judgeId(message, name)
}

/** Core §3.2.1, §3.2.2, §3.7.1, §3.7.2. */
function isChildOf(name: LogoutName, { namespace, local }: XmlElement): boolean {
  if (namespace === DS) return local === 'Signature'
  if (namespace === SAML && local === 'Issuer') return true
  if (namespace === SAMLP && local === 'Extensions') return true
  if (name === 'LogoutResponse') return namespace === SAMLP && local === 'Status'
  return namespace === SAML
    ? ['BaseID', 'NameID', 'EncryptedID'].includes(local)
    : namespace === SAMLP && local === 'SessionIndex'
}

const malformed = (detail: string) => err<SamlError>({ reason: 'malformed-binding', detail })
