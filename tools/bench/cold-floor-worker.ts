/**
 * The floor for the first proxied request of a cold isolate: a Worker that asks the platform for what
 * the gate has to ask it for, and decides nothing.
 */

/** Set by the bundler. */
declare const ORIGIN_URL: string
/** PKCS #8 of a key that signs tokens, in base64. */
declare const SIGNING_KEY: string

interface Env {
  readonly SESSIONS: KVNamespace
  readonly DB: D1Database
}

const AES = { name: 'AES-GCM', length: 256 }
const EC = { name: 'ECDSA', namedCurve: 'P-256' }

export default {
  async fetch(request, { SESSIONS, DB }) {
    const bytes = new TextEncoder().encode(request.headers.get('Cookie') ?? '')
    const { subtle } = crypto
    await subtle.digest('SHA-256', bytes)
    await SESSIONS.get('session:nobody', 'json')
    await DB.prepare('SELECT id FROM sessions WHERE token_hash = ?1').bind('nobody').first()

    const secret = await subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey'])
    const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: bytes }
    const sealing = await subtle.deriveKey(how, secret, AES, false, ['encrypt'])
    await DB.prepare('SELECT sealed_private_key FROM signing_keys').all()
    // To seal costs what it costs to open.
    await subtle.encrypt({ name: AES.name, iv: new Uint8Array(12) }, sealing, bytes)
    const pkcs8 = Uint8Array.from(atob(SIGNING_KEY), (character) => character.charCodeAt(0))
    const signing = await subtle.importKey('pkcs8', pkcs8, EC, false, ['sign'])
    await subtle.sign({ name: EC.name, hash: 'SHA-256' }, signing, bytes)

    const { pathname } = new URL(request.url)
    const { headers } = request
    const answer = await fetch(ORIGIN_URL + pathname, { headers, redirect: 'manual' })
    return new Response(answer.body, answer)
  },
} satisfies ExportedHandler<Env>
