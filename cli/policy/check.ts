/** `gatehouse check <person> <method> <url>`: what becomes of one request, and why. */
import { accessCheck, answerAccess, askFields, withSignIn } from '../../src/admin/access.ts'
import type { DeployedConfig } from '../../src/admin/context.ts'
import type { Given } from '../../src/admin/field.ts'
import { parseFrom, parseRequest } from '../../src/admin/question.ts'
import type { Question } from '../../src/admin/verdict.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { ok } from '../../src/lib/result.ts'
import { textOf, textOption, usage, type Input, type Outcome, type World } from '../command.ts'
import { optionsOf, readOptions } from '../operation.ts'
import { performHere } from '../perform.ts'
import { viewText } from '../shown.ts'
import { plain } from '../text.ts'
import { findSomebody, readPeople } from './people.ts'

export const personOptions = [
  textOption(
    'people',
    '<file>',
    'people of a JSON file or of gatehouse.test.ts, instead of the store',
  ),
  ...Object.entries(askFields).flatMap(([name, field]) => optionsOf(name, field)),
] as const

export async function checkPerson(input: Input, world: World): Promise<Outcome> {
  const [person = '', method, url] = input.positionals
  if (method === undefined || url === undefined) {
    return usage('Say who asks for what: `npx gatehouse check <person> <method> <url>`')
  }
  const config = await world.readConfig()
  if (!config.ok) return config
  const request = parseRequest(`${method} ${url}`, config.value)
  if (!request.ok) return usage(`"${plain(`${method} ${url}`)}" ${request.error}.`)
  const file = textOf(input, 'people')
  const about = Object.entries({ person, method, url }).map(
    ([name, text]) => [name, [text]] as const,
  )
  const given: Given = new Map([...input.texts, ...about])
  if (file !== null && person !== 'nobody') {
    const asked = { ...request.value, config: config.value, person }
    return checkInFile(file, asked, given, world.now)
  }
  // It is for a config that is not deployed yet. For the deployed one there is access check.
  const done = await performHere(accessCheck, given, world)
  if (!done.ok) return done
  const { view, facts } = done.value.answer
  return ok({ text: viewText(view), json: facts, isRefusal: facts['isAllowed'] !== true })
}

interface Checked extends Pick<Question, 'method' | 'url'> {
  readonly config: DeployedConfig
  readonly person: string
}

async function checkInFile(
  file: string,
  { config, person, ...request }: Checked,
  given: Given,
  atNow: Instant,
): Promise<Outcome> {
  const asked = readOptions(askFields, given)
  if (!asked.ok) return asked
  const { country, ip, at } = asked.value
  const now = at ?? atNow
  const from = parseFrom({ country: country ?? undefined, ip: ip ?? undefined })
  if (!from.ok) return usage(`The request ${from.error}.`)
  const people = await readPeople(file, now)
  if (!people.ok) return people
  const found = findSomebody(people.value, person, file)
  if (!found.ok) return found
  const somebody = withSignIn(found.value, asked.value, now)
  const question = { ...request, ...from.value, now }
  const { facts, lines } = answerAccess(config, somebody, question)
  return ok({ text: lines.map(plain).join('\n'), json: facts, isRefusal: !facts.isAllowed })
}
