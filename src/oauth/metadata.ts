/** What clients read before they ask: RFC 8414 of the server, RFC 9728 of each site. */
import {
  AUTHORIZE_PATH,
  DEVICE_ASK_PATH,
  REGISTER_PATH,
  REVOKE_PATH,
  TOKEN_PATH,
} from '../lib/paths.ts'
import type { Host } from '../site/host.ts'
import type { OauthTerms } from '../site/oauth-config.ts'
import { answerJson } from './answer.ts'
import { SCOPE } from './ask.ts'
import { DEVICE_GRANT } from './exchange.ts'

const CACHE = { 'Cache-Control': 'public, max-age=300' }

export function serverMetadata({ url }: Host, terms: OauthTerms): Response {
  const { documents, registration, device } = terms
  const methods = ['none', 'client_secret_basic', 'client_secret_post']
  const hasDevice = device === 'on'
  return answerJson(
    200,
    {
      issuer: url,
      authorization_endpoint: url + AUTHORIZE_PATH,
      token_endpoint: url + TOKEN_PATH,
      revocation_endpoint: url + REVOKE_PATH,
      ...(hasDevice ? { device_authorization_endpoint: url + DEVICE_ASK_PATH } : {}),
      ...(registration === 'loopback' ? { registration_endpoint: url + REGISTER_PATH } : {}),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        ...(hasDevice ? [DEVICE_GRANT] : []),
      ],
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: [SCOPE],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: documents === 'open' || documents.length > 0,
    },
    CACHE,
  )
}

/** @param path of the resource at the site; empty: the site itself. */
export const resourceMetadata = (site: Host, path: string, issuer: string): Response =>
  answerJson(
    200,
    {
      // RFC 9728 §3.3: as the client spells it.
      resource: site.url + path,
      authorization_servers: [issuer],
      scopes_supported: [SCOPE],
      bearer_methods_supported: ['header'],
    },
    CACHE,
  )
