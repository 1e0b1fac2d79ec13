/**
 * The libraries with pinned versions. Each is configured at least as strictly as its documentation
 * says.
 */
import type { Seed } from '../entry.ts'

export interface Library {
  readonly name: string
  readonly version: string
  /** Further packages that its README requires. */
  readonly beside: Readonly<Record<string, string>>
  readonly open: (load: Load, posted: string, seed: Seed) => Promise<string>
}

/**
 * Imports a package from the folder where the libraries are installed. The caller states its type.
 */
export type Load = <T>(name: string) => Promise<T>

interface NodeSaml {
  readonly SAML: new (options: object) => {
    readonly cacheProvider: { saveAsync: (id: string, at: string) => Promise<unknown> }
    validatePostResponseAsync: (form: {
      SAMLResponse: string
    }) => Promise<{ readonly profile: { readonly nameID?: string } | null }>
  }
}

interface Samlify {
  readonly setSchemaValidator: (validator: unknown) => void
  readonly IdentityProvider: (settings: object) => unknown
  readonly ServiceProvider: (settings: object) => {
    parseLoginResponse: (
      idp: unknown,
      binding: 'post',
      request: { body: { SAMLResponse: string } },
    ) => Promise<{ readonly extract: { readonly nameID?: string } }>
  }
}

interface Saml20 {
  readonly default: {
    validate: (
      xml: string,
      options: object,
    ) => Promise<{ readonly claims: Readonly<Record<string, string>> }>
  }
}

const certificateOf = (seed: Seed): string => seed.certificate.replace(/-----[^-]+-----|\s/g, '')

const nodeSaml: Library = {
  name: '@node-saml/node-saml',
  version: '5.1.0',
  beside: {},
  async open(load, posted, seed) {
    const { SAML } = await load<NodeSaml>('@node-saml/node-saml')
    const saml = new SAML({
      callbackUrl: seed.acsUrl,
      issuer: seed.spEntityId,
      audience: seed.spEntityId,
      idpIssuer: seed.idpEntityId,
      idpCert: certificateOf(seed),
      wantAssertionsSigned: seed.signed !== 'response',
      wantAuthnResponseSigned: seed.signed !== 'assertion',
      validateInResponseTo: 'always',
      acceptedClockSkewMs: 0,
    })
    await saml.cacheProvider.saveAsync(seed.inResponseTo ?? '', seed.now.toISOString())
    const result = await saml.validatePostResponseAsync({ SAMLResponse: posted })
    return result.profile?.nameID ?? ''
  },
}

const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

const samlify: Library = {
  name: 'samlify',
  version: '2.13.1',
  beside: { '@authenio/samlify-node-xmllint': '2.0.0' },
  async open(load, posted, seed) {
    const library = await load<Samlify>('samlify')
    library.setSchemaValidator(await load<unknown>('@authenio/samlify-node-xmllint'))
    const idp = library.IdentityProvider({
      entityID: seed.idpEntityId,
      signingCert: certificateOf(seed),
      singleSignOnService: [{ Binding: REDIRECT, Location: 'https://idp.test/sso' }],
    })
    const sp = library.ServiceProvider({
      entityID: seed.spEntityId,
      assertionConsumerService: [{ Binding: POST, Location: seed.acsUrl }],
      wantAssertionsSigned: seed.signed !== 'response',
      wantMessageSigned: seed.signed !== 'assertion',
      clockDrifts: [0, 0],
    })
    const result = await sp.parseLoginResponse(idp, 'post', {
      body: { SAMLResponse: posted },
    })
    return result.extract.nameID ?? ''
  },
}

const NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier'

const saml20: Library = {
  name: '@boxyhq/saml20',
  version: '1.15.2',
  beside: {},
  async open(load, posted, seed) {
    const { default: library } = await load<Saml20>('@boxyhq/saml20')
    const profile = await library.validate(Buffer.from(posted, 'base64').toString(), {
      publicKey: certificateOf(seed),
      audience: seed.spEntityId,
      // These two options are not in the README; they make the library stricter.
      strictAudienceValidation: true,
      inResponseTo: seed.inResponseTo,
    })
    return profile.claims[NAME] ?? ''
  },
}

export const libraries: readonly Library[] = [nodeSaml, samlify, saml20]
