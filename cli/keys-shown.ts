/** How an operator sees our keys. */
import { fingerprintOf, parseCertificate, type Certificate } from '../src/saml/certificate.ts'
import { toIso } from '../src/lib/instant.ts'
import { findGenerations, type Generation } from '../src/sp/store.ts'
import { said, type Input, type Outcome, type World } from './command.ts'
import { table } from './text.ts'

export const WHEN =
  'The Worker makes them when the metadata of a connection is fetched (its entity ID is the URL), or within the hour.'
export const MAKE = 'To have them now: `npx gatehouse keys certificate encryption`'

export async function listKeys(_: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const generations = await findGenerations(db.value)
  const keys = await Promise.all(
    generations.flatMap((generation) =>
      generation.keys.map(async ({ kind, certificate: text }) => ({
        generation: generation.generation,
        state: generation.state,
        kind,
        ...(await factsOf(text)),
      })),
    ),
  )
  const json = { generations: generations.map(withoutKeys), keys }
  const unmade = generations.filter((each) => each.keys.length === 0)
  if (keys.length === 0) return said(`There are no keys yet. ${WHEN} ${MAKE}`, json)
  return said(
    [
      table([
        ['SET', 'STATE', 'KIND', 'FINGERPRINT', 'EXPIRES'],
        ...keys.map((key) => [
          String(key.generation),
          key.state,
          key.kind,
          key.fingerprint,
          key.notAfter.slice(0, 10),
        ]),
      ]),
      ...unmade.map(({ generation }) => `\nThose of set ${generation} are not made yet. ${WHEN}`),
      ...nextStep(generations),
    ].join('\n'),
    json,
  )
}

export const withoutKeys = ({ generation, state, since }: Generation) => ({
  generation,
  state,
  since: toIso(since),
})

export async function factsOf(text: string) {
  const parsed = read(text)
  return {
    fingerprint: await fingerprintOf(parsed),
    notBefore: toIso(parsed.notBefore),
    notAfter: toIso(parsed.notAfter),
  }
}

function read(text: string): Certificate {
  const parsed = parseCertificate(text)
  if (!parsed.ok) throw new Error(`a certificate that we made is ${parsed.error}`)
  return parsed.value
}

function nextStep(generations: readonly Generation[]): readonly string[] {
  const states = generations.map(({ state }) => state)
  if (states.includes('next')) {
    return ['', 'Next: give every IdP the new certificates, then `npx gatehouse keys switch`']
  }
  return states.includes('last')
    ? ['', 'Next: when no IdP uses the old certificates any more, `npx gatehouse keys retire`']
    : []
}
