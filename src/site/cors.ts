/** CORS for the gate's own answers: which other origins' pages may read them (Fetch §3.3). */
import type { Host } from './host.ts'

export function corsHeaders(
  { headers }: Request,
  { url, corsOrigins }: Pick<Host, 'url' | 'corsOrigins'>,
): Record<string, string> {
  const origin = headers.get('Origin')
  if (origin === null || (origin !== url && !corsOrigins.includes(origin))) return {}
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
  }
}
