/** git's protocol for credential helpers: gitcredentials(7). */

const MOST_BYTES = 16 * 1024

/** @returns the site that git asks about; null: none of ours can be meant. */
export function readGitQuestion(text: string): {
  readonly site: string
  readonly password: string | null
} | null {
  if (text.length > MOST_BYTES) return null
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
    }),
  )
  const url = `${fields.get('protocol') ?? ''}://${fields.get('host') ?? ''}`
  if (!/^https?:\/\/[^/?#@\\]+$/.test(url) || !URL.canParse(url)) return null
  return { site: new URL(url).origin, password: fields.get('password') ?? null }
}

/** A password that helpers which keep passwords should not keep for longer. */
export const gitAnswer = (token: string, until: number): string =>
  `username=gatehouse\npassword=${token}\npassword_expiry_utc=${Math.floor(until / 1000)}\n`
