/** docs/trouble.md has a section for each reason, and for nothing else. */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { troubleFile, troubleSections, troubleText } from '../scripts/trouble.ts'
import { speechOf } from '../src/lib/words/speech.ts'
import type { LoginError } from '../src/login/error.ts'
import type { LogoutError } from '../src/logout/error.ts'
import type { SamlError } from '../src/saml/error.ts'

/** A reason that is missing here, or that there is not, does not compile. */
const loginReasons: Readonly<Record<Exclude<LoginError['reason'], 'response'>, true>> = {
  'alike-provisioned': true,
  'anew-in-vain': true,
  'cut-off': true,
  'ended-meanwhile': true,
  'field-twice': true,
  'foreign-domain': true,
  'no-name-id': true,
  'no-response': true,
  'not-a-form': true,
  'not-a-response': true,
  'not-login-host': true,
  'not-provisioned': true,
  'not-utf8': true,
  'other-connection': true,
  'relay-state-lost': true,
  replayed: true,
  'session-not-kept': true,
  'session-over': true,
  'several-provisioned': true,
  'subject-attribute': true,
  'too-large': true,
  'too-many-fields': true,
  'transfer-expired': true,
  'transfer-other-browser': true,
  'transfer-other-host': true,
  'transfer-unknown': true,
  'transient-subject': true,
  'unknown-connection': true,
  'unknown-login': true,
  'user-disabled': true,
}
const logoutReasons: Readonly<Record<Exclude<LogoutError['reason'], 'message'>, true>> = {
  'cut-off': true,
  'logout-replayed': true,
  'logout-unanswered': true,
  'logout-unknown': true,
  'not-a-form': true,
  'not-login-host': true,
  'not-utf8': true,
  'too-large': true,
  'too-many-fields': true,
  'unknown-connection': true,
}
const samlReasons: Readonly<Record<SamlError['reason'], true>> = {
  'algorithm-not-allowed': true,
  audience: true,
  'authn-context': true,
  'authn-too-old': true,
  conditions: true,
  'confirmation-expired': true,
  'confirmation-not-yet-valid': true,
  'decryption-failed': true,
  'decryption-limit': true,
  destination: true,
  'digest-mismatch': true,
  'duplicate-id': true,
  'encryption-not-allowed': true,
  expired: true,
  'in-response-to': true,
  'invalid-certificate': true,
  'invalid-id': true,
  issuer: true,
  'logout-destination': true,
  'logout-subject': true,
  'logout-time': true,
  'logout-unsigned': true,
  'malformed-attribute': true,
  'malformed-binding': true,
  'malformed-encryption': true,
  'malformed-signature': true,
  'malformed-time': true,
  'malformed-xml': true,
  'misplaced-assertion': true,
  'misplaced-signature': true,
  'name-id': true,
  'no-assertion': true,
  'no-authn-statement': true,
  'no-certificate': true,
  'no-decryption-key': true,
  'not-a-logout-message': true,
  'not-a-response': true,
  'not-base64': true,
  'not-encrypted': true,
  'not-yet-valid': true,
  'oaep-hashes-differ': true,
  recipient: true,
  'reference-not-parent': true,
  'session-expired': true,
  'several-assertions': true,
  'several-references': true,
  'several-signatures': true,
  'sha1-not-allowed': true,
  'signature-mismatch': true,
  status: true,
  'subject-confirmation': true,
  'too-large': true,
  'transforms-not-allowed': true,
  'unexpected-element': true,
  unsigned: true,
  version: true,
  'weak-key': true,
}

const read = (path: string): string => readFileSync(path, 'utf8')

/** `error` in the JSON that programs get from the gate and from sign-in. */
const codes = [...globSync('src/{proxy,login}/*.ts'), 'src/answers.ts'].flatMap((file) =>
  [...read(file).matchAll(/\b(?:error|code): '([a-z-]+)'/g)].map(([, code = '']) => code),
)
/** Pages of several reasons, which have sections of their own. */
const ofSeveral = ['not-accepted', 'origin-slow', 'logout-refused']
const pages = Object.keys(speechOf('en').texts.refusals).filter((key) => !ofSeveral.includes(key))

const reasons = new Set([
  ...Object.keys(loginReasons),
  ...Object.keys(samlReasons),
  ...Object.keys(logoutReasons),
  ...codes,
  ...pages,
])

describe('docs/trouble.md', () => {
  const sections = troubleSections().map(([reason, paragraphs]) => ({
    reason,
    text: paragraphs.join('\n\n'),
  }))
  const named = sections.map(({ reason }) => reason)

  it('has a section for each reason for which anybody is stopped', () => {
    expect(codes.length).toBeGreaterThan(12)
    expect([...reasons].filter((reason) => !named.includes(reason))).toEqual([])
  })

  it('has none for a reason that there is not, and none twice', () => {
    expect(named.filter((reason) => !reasons.has(reason))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })

  it('says something in each', () => {
    expect(sections.filter(({ text }) => !/^[A-Z][^]{40,}\.$/.test(text))).toEqual([])
  })

  it('gives each command a store', () => {
    const commands = [...read('docs/trouble.md').matchAll(/npx gatehouse [^`\n]+/g)].map(
      ([command]) => command,
    )
    expect(commands.length).toBeGreaterThan(10)
    expect(commands.filter((command) => !command.endsWith(' --remote'))).toEqual([])
  })

  it('is what the console shows, in paragraphs: npm run trouble', () => {
    expect(read(troubleFile)).toBe(troubleText())
    expect(sections.filter(({ text }) => /^([-*|#>]|\d+\.|```)/m.test(text))).toEqual([])
    const links = [...read(troubleFile).matchAll(/\]\(#([^)]+)\)/g)].map(([, to = '']) => to)
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((to) => !named.includes(to))).toEqual([])
  })
})
