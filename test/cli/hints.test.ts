/** A command that a message names can be pasted: it is whole, and works on the same store. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Input } from '../../cli/command.ts'
import { commands } from '../../cli/commands.ts'
import { completeHints, givenOptions } from '../../cli/hint.ts'
import { parseInput } from '../../cli/input.ts'
import { wordsOf } from '../support/guide.ts'
import { connectionOf, seedConnection, seedUser } from './people.ts'
import { createStage, gatehouse, type Ran, type Stage } from './run.ts'

/** What a hint is, as the command line understands it. */
function parse(hint: string): Input {
  const words = wordsOf(hint.replace(/^GATEHOUSE_SECRET=… /, ''))
  if (!words) throw new Error(`${hint} is no command of ours`)
  const line = words.join(' ')
  const command = commands.find(({ name }) => `${line} `.startsWith(`${name} `))
  if (!command) throw new Error(`${hint}: there is no such command`)
  const input = parseInput(command, words.slice(command.name.split(' ').length))
  if (!input.ok) throw new Error(`${hint}: ${input.error.message}`)
  return input.value
}

const hintsOf = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]*npx gatehouse [^`\n]*)`/g)].map(([, hint = '']) => hint)

describe('in the source', () => {
  const files = ['cli', 'src'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  /**
   * Without comments, examples, the words that point to --help, and the next steps of a deploy: their
   * commands stand on lines of their own, with the options of the deploy (`deploy-steps.test.ts`).
   */
  const spoken = files
    .filter((file) => !/\/(help|hint|deploy\/next)\.ts$/.test(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line.includes('npx gatehouse') && !/^\s*(\/\*\*|\*|\/\/)/.test(line))
    .filter((line) => !/\bline: '/.test(line) && !line.includes('--help'))
    .map((line) => line.replaceAll('\\`', '`').replaceAll(/\$\{[^{}]*\}/g, 'x'))

  it('every command that a message names stands in backticks', () => {
    expect(spoken.length).toBeGreaterThan(15)
    for (const line of spoken) {
      const named = line.match(/npx gatehouse /g)?.length
      expect([line, line.match(/`(?:GATEHOUSE_SECRET=… )?npx gatehouse [a-z]/g)?.length]).toEqual([
        line,
        named,
      ])
    }
  })

  it('and has all that the command asks for, but the store', () => {
    const hints = spoken.flatMap((line) => hintsOf(line.replaceAll(/^\s*[`]|[`],?$/g, '')))
    expect(hints.length).toBeGreaterThan(10)
    for (const hint of hints) {
      const { switches } = parse(hint)
      expect([hint, switches.has('local') || switches.has('remote')]).toEqual([hint, false])
    }
  })
})

describe('what is added', () => {
  const given = (texts: readonly (readonly [string, readonly string[]])[]) =>
    givenOptions({ positionals: [], texts: new Map(texts), switches: new Set(['local', 'json']) })

  it('is what the operator gave, as the shell takes it', () => {
    const options = given([
      ['config', ["my site's $config.ts"]],
      ['persist-to', ['/tmp/a-b_c.d']],
    ])
    expect(options).toBe(
      String.raw` --local --persist-to /tmp/a-b_c.d --config 'my site'\''s $config.ts'`,
    )
  })

  it('goes into the backticks, and nowhere else', () => {
    expect(
      completeHints('npx gatehouse x: `npx gatehouse user list`, `npm run dev`.', ' --remote'),
    ).toBe('npx gatehouse x: `npx gatehouse user list --remote`, `npm run dev`.')
  })
})

describe('on a terminal', () => {
  let stage: Stage
  let config: string
  beforeAll(async () => {
    stage = await createStage()
    config = join(stage.directory, 'gatehouse.config.ts')
    await stage.withStore(async (db) => {
      await seedConnection(db, connectionOf('acme', { domains: ['acme.com'] }))
      await seedConnection(db, connectionOf('off', { enabled: false }))
      await seedUser(db, { connection: 'acme', subject: 'ada', userName: 'ada' }, 'u-ada')
    })
  })
  afterAll(() => stage.remove())

  const typed =
    '--entity-id https://idp.acme.com --sso-url https://idp.acme.com/sso --certificate test/vectors/certificates/rsa-2048.pem'
  const both = ({ out, err }: Ran): string => `${out}\n${err}`

  it.each([
    'user show nobody',
    'user disable nobody',
    'session revoke none',
    'group show none',
    'scim token revoke none',
    'keys list',
    'keys rotate',
    'keys switch',
    'keys switch --back',
    'keys retire',
    'keys certificate encryption --set 7',
    'connection show acme',
    'connection remove acme',
    `connection add third ${typed} --domain acme.com`,
    `connection add acme ${typed}`,
  ])('what `%s` names has its store and config', async (line) => {
    const text = both(await stage.run(line.split(' ')))
    const hints = hintsOf(text)
    expect([text, hints.length > 0]).toEqual([text, true])
    for (const hint of hints) {
      const { switches, texts } = parse(hint)
      expect([hint, switches.has('local'), switches.has('remote')]).toEqual([hint, true, false])
      expect(texts.get('persist-to')).toEqual([join(stage.directory, 'state')])
      expect(texts.get('config')).toEqual([config])
    }
  })

  it('is the one that is pasted and run', async () => {
    const [hint = ''] = hintsOf(both(await stage.run(['user', 'show', 'nobody'])))
    const { code, out } = await gatehouse(wordsOf(hint) ?? [])
    expect([code, out]).toEqual([0, expect.stringContaining('ada')])
  })

  it('does not stand in JSON without its store', async () => {
    const { out } = await stage.run(['user', 'show', 'nobody', '--json'])
    const [hint = ''] = hintsOf(out)
    expect(parse(hint).switches.has('local')).toBe(true)
  })
})
