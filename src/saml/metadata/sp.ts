/** Our own metadata. An operator may give it to the IdP instead of entering the values by hand. */
import { contentMethods, RSA_OAEP, RSA_OAEP_MGF1P } from '../algorithms.ts'
import { DS, HTTP_POST, HTTP_REDIRECT, METADATA, SAMLP, SOAP, XENC11 } from '../names.ts'
import { writeXml } from '../xml/writer.ts'

export interface SpMetadata {
  readonly entityId: string
  readonly acsUrl: string
  /** Where Single Logout is taken; null: nowhere. */
  readonly slo: {
    /** By HTTP-Redirect and HTTP-POST. */
    readonly url: string
    /** By SOAP; null: not by SOAP. */
    readonly soapUrl: string | null
  } | null
  /** null: any format. */
  readonly nameIdFormat: string | null
  /** Whether AuthnRequests are signed. Messages of Single Logout always are. */
  readonly signsRequests: boolean
  /** Base64 DER of the certificates whose keys may sign our messages. */
  readonly signing: readonly string[]
  /** Base64 DER of the certificates that the IdP may encrypt for. */
  readonly encryption: readonly string[]
}

export const spMetadata = (sp: SpMetadata): string =>
  writeXml({
    'md:EntityDescriptor': {
      '@xmlns:md': METADATA,
      '@xmlns:ds': DS,
      '@entityID': sp.entityId,
      'md:SPSSODescriptor': {
        '@AuthnRequestsSigned': String(sp.signsRequests),
        '@WantAssertionsSigned': 'true',
        '@protocolSupportEnumeration': SAMLP,
        'md:KeyDescriptor': [
          ...sp.signing.map((certificate) => ({ '@use': 'signing', ...keyInfo(certificate) })),
          ...sp.encryption.map((certificate) => ({
            '@use': 'encryption',
            ...keyInfo(certificate),
            'md:EncryptionMethod': encryptionMethods,
          })),
        ],
        'md:SingleLogoutService': sloServices(sp.slo),
        ...(sp.nameIdFormat === null ? {} : { 'md:NameIDFormat': sp.nameIdFormat }),
        'md:AssertionConsumerService': {
          '@Binding': HTTP_POST,
          '@Location': sp.acsUrl,
          '@index': '0',
          '@isDefault': 'true',
        },
      },
    },
  })

const sloServices = (slo: SpMetadata['slo']) =>
  slo === null
    ? []
    : [
        { '@Binding': HTTP_REDIRECT, '@Location': slo.url },
        { '@Binding': HTTP_POST, '@Location': slo.url },
        ...(slo.soapUrl === null ? [] : [{ '@Binding': SOAP, '@Location': slo.soapUrl }]),
      ]

const keyInfo = (certificate: string) => ({
  'ds:KeyInfo': { 'ds:X509Data': { 'ds:X509Certificate': certificate } },
})

/**
 * Preferred first (Metadata §2.4.1.1). Each OAEP entry names its digest. Otherwise an IdP might use
 * SHA-256 with the older identifier, which masks with SHA-1, and WebCrypto cannot decrypt two
 * different hashes.
 */
const encryptionMethods = [
  ...Array.from(contentMethods.keys(), (algorithm) => ({ '@Algorithm': algorithm })),
  {
    '@Algorithm': RSA_OAEP,
    'ds:DigestMethod': { '@Algorithm': 'http://www.w3.org/2001/04/xmlenc#sha256' },
    'xenc11:MGF': { '@xmlns:xenc11': XENC11, '@Algorithm': `${XENC11}mgf1sha256` },
  },
  {
    '@Algorithm': RSA_OAEP_MGF1P,
    'ds:DigestMethod': { '@Algorithm': `${DS}sha1` },
  },
]
